"""Item 3: room for health and control, always."""

import contextlib
import re
import select
import signal
import socket
import time

from client import (
    GET, LATEST, PATIENCE, PROMPT, Emulator, Many, Pipe, control, flags, memory, prompt, raise_file_limit,
    signed, sockets, unsigned,
)
from report import Skipped, attack

HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
IDLE = GET % b"/_emulator/health"
HUNG = GET % unsigned("GetLastOnceTaskInfo", "hung").encode()
HANG = [{"id": "hang", "match": {"account": "hung"}, "effect": {"connection": "hang"}}]
MANY = 10_000


def crowd(report, said, *, calls=True, faults=()):
    """As many connections as --max-connections, and more, that all say this and nothing else."""
    with Emulator("--signature", "ignore", "--log", "off", "--max-connections", "300") as one:
        if faults:
            control(one, "PUT", "faults", list(faults))
        with Many(one, 400, said) as many:
            report.figure("connected", len(many.sockets))
            time.sleep(0.2)
            prompt(report, one, calls=[LATEST] if calls else [])


@attack(3)
def silent(report):
    """More connections than --max-connections that say nothing: health, control and calls answer."""
    crowd(report, b"")


@attack(3)
def half_heads(report):
    """More connections than --max-connections that send half of a head: health, control and calls answer."""
    crowd(report, HALF)


@attack(3)
def idle(report):
    """More connections than --max-connections that were used and stay open: health, control and calls answer."""
    crowd(report, IDLE)


@attack(3)
def hung(report):
    """More connections than --max-connections that a fault hangs: health answers, and the fault can be disarmed."""
    crowd(report, HUNG, calls=False, faults=HANG)


def crowded(report, said, *arguments, faults=(), most=150):
    """10,000 connections that all say this: checks health, control, memory, and whether others are served."""
    need = MANY + 200
    if raise_file_limit() < need:
        raise Skipped(f"this machine allows fewer than {need} open files")
    # Signatures are verified: hung calls are signed, for faults act on accepted calls.
    with Emulator("--log", "off", *arguments) as one:
        if faults:
            control(one, "PUT", "faults", list(faults))
        with Many(one, MANY, said if isinstance(said, bytes) else b"") as many:
            # One or two more may be closed: the probes below need room.
            report.figure("connected", len(many.sockets), len(many.sockets) >= MANY - 10)
            if not isinstance(said, bytes):
                for connection in many.sockets:
                    connection.sendall(said())
                settle(one)
            time.sleep(0.5)
            prompt(report, one, calls=[signed("GetAuthSummary")], faults=False)
            memory(report, one, most)
            if faults:
                disarmed = control(one, "DELETE", "faults")
                report.figure("control", disarmed.seconds, disarmed.status == 200 and disarmed.seconds <= PROMPT)


def settle(one):
    """Waits until the number of hung calls no longer grows."""
    last, deadline = -1, time.monotonic() + 20
    while time.monotonic() < deadline:
        answer = control(one, "GET", "faults")
        if answer.status != 200:
            return
        hits = answer.json()["faults"][0]["hits"]
        if hits == last or hits == MANY:
            return
        last = hits
        time.sleep(0.3)


def hung_call():
    return GET % signed("GetLastOnceTaskInfo", "hung", TaskType="IMAGE_SCAN", TaskName="IMAGE_SCAN").encode()


@attack(3)
def hung_10000(report):
    """10,000 hung connections: health and control within 1 s, others are served, at most 150 MB."""
    crowded(report, hung_call, "--max-connections", str(MANY + 1000), faults=HANG)


@attack(3)
def hung_10000_by_default(report):
    """10,000 hung connections with the default limit: health and control within 1 s, others are served, at most 150 MB."""
    crowded(report, hung_call, faults=HANG)


@attack(3)
def slowloris_10000(report):
    """10,000 half heads with the default limit: health within 1 s, others are served."""
    # Each has the buffers of an HTTP connection.
    crowded(report, HALF, most=400)


@attack(3)
def burst(report):
    """2,000 connections at once, while it cannot accept any, are all held and then all answered."""
    with open("/proc/sys/net/core/somaxconn") as file:
        if int(file.read()) < 2000:
            raise Skipped("net.core.somaxconn is below 2000")
    if raise_file_limit() < 2200:
        raise Skipped("this machine allows fewer than 2,200 open files")
    with Emulator("--log", "off") as one:
        one.signal(signal.SIGSTOP)
        sockets = []
        try:
            begin = time.monotonic()
            for _ in range(2000):
                connection = socket.socket()
                connection.setblocking(False)
                connection.connect_ex(one.address)
                sockets.append(connection)
            poller, connected = select.poll(), 0
            waiting = {connection.fileno(): connection for connection in sockets}
            for number in waiting:
                poller.register(number, select.POLLOUT)
            while waiting and time.monotonic() < begin + 1:
                for number, _ in poller.poll(100):
                    connected += waiting.pop(number).getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
                    poller.unregister(number)
            report.figure("connected", f"{connected} of 2000 in {time.monotonic() - begin:.2f} s", connected == 2000)
        finally:
            one.signal(signal.SIGCONT)
        answered, begin = 0, time.monotonic()
        for connection in sockets:
            connection.settimeout(PATIENCE)
            try:
                connection.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") % b"/_emulator/health")
                answered += connection.recv(100).startswith(b"HTTP/1.1 200")
            except OSError:
                if time.monotonic() > begin + PATIENCE:
                    break
            finally:
                connection.close()
        report.figure("answered", f"{answered} of 2000 in {time.monotonic() - begin:.2f} s", answered == 2000)


@attack(3)
def few_files(report):
    """With `ulimit -n 64`, 200 silent connections: a line in the log says so, health answers within 1 s."""
    with Emulator("--signature", "ignore", wrapper=["prlimit", "--nofile=64:64"]) as one:
        with Many(one, 200) as many:
            report.figure("connected", len(many.sockets))
            time.sleep(0.3)
            prompt(report, one, calls=[LATEST])
        said = [line for line in one.stderr.read_text().splitlines() if re.search(r"WARN.*(files|descriptors)", line)]
        report.figure("lines in the log about it", len(said), 1 <= len(said) <= 20)


def is_listening(connection):
    with contextlib.suppress(OSError):
        return connection.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 200"
    return False


@attack(3)
def deaf_listeners(report):
    """500 listeners of events that do not read: calls are a quarter as fast at worst, and the listeners are cut off."""
    listen = GET % b"/_emulator/events"
    arguments = ["--signature", "ignore", "--log", "off", *flags(("--send-timeout", "1"))]
    with Emulator(*arguments, "--max-connections", "700") as one, Pipe(one) as pipe:
        pipe.rate(0.5)
        alone = pipe.rate(1)
        with Many(one, 0) as many:
            for _ in range(500):
                connection = socket.socket()
                # As little as the kernel allows: it is full after a few events.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                connection.connect(one.address)
                connection.sendall(listen)
                connection.setblocking(False)
                many.sockets.append(connection)
            time.sleep(0.5)
            # The others were refused: there may be fewer listeners than connections.
            deaf = [connection for connection in many.sockets if is_listening(connection)]
            for connection in many.sockets:
                if connection not in deaf:
                    connection.close()
            report.figure("listening", len(deaf), len(deaf) > 0)
            crowded_rate = pipe.rate(3)
            report.figure("calls a second", f"{alone:.0f} alone, {crowded_rate:.0f} with listeners",
                          # In the first second, their buffers are filled.
                          crowded_rate >= alone / 4)
            deadline = time.monotonic() + 15
            # Those of the emulator itself, and ours.
            while sockets(one) > 20 and time.monotonic() < deadline:
                pipe.rate(0.3)
            report.figure("sockets left", sockets(one), sockets(one) <= 20)
            prompt(report, one, calls=[LATEST])
