"""Items 7 and 8: memory is bounded, goes back, and accounts are light."""

import contextlib
import socket
import time

from client import Emulator, Pipe, ask, call, control, memory, prompt, raise_file_limit, resident, unsigned
from report import Skipped, attack

# --max-buffered is 256 MiB; what else the process holds stays below the rest.
BOUND = 600

# What it may still hold a few seconds after everything is over.
AFTER = 250


def over(report, one):
    """Checks that memory has gone back within five seconds."""
    deadline = time.monotonic() + 5
    while resident(one) > AFTER and time.monotonic() < deadline:
        time.sleep(0.1)
    memory(report, one, AFTER, "memory afterwards")


class Peak:
    """The most memory that was seen."""

    def __init__(self, one):
        self.one, self.most = one, 0

    def look(self):
        self.most = max(self.most, resident(self.one))
        return self.most


@attack(7)
def half_bodies(report):
    """1,000 bodies of 1 MiB that stop before their end: memory is bounded, those beyond it are told to come again."""
    if raise_file_limit() < 1200:
        raise Skipped("this machine allows fewer than 1,200 open files")
    body = 1 << 20
    head = (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n" % body)
    part = bytes(body - 1000)
    with Emulator("--log", "off", "--max-connections", "1100") as one, contextlib.ExitStack() as stack:
        peak, sockets = Peak(one), []
        for number in range(1000):
            connection = stack.enter_context(socket.create_connection(one.address, timeout=2))
            sockets.append(connection)
            # Refused already, perhaps.
            with contextlib.suppress(OSError):
                connection.sendall(head + part)
            if number % 20 == 0:
                peak.look()
        refused, polite = 0, 0
        for connection in sockets:
            connection.setblocking(False)
            with contextlib.suppress(OSError):
                said = connection.recv(4096)
                refused += said.startswith(b"HTTP/1.1 503")
                polite += b"retry-after:" in said.lower()
        peak.look()
        memory(report, one, BOUND, used=peak.most)
        report.figure("refused with 503 and Retry-After", f"{polite} of 1000", polite == refused and polite >= 600)
        prompt(report, one)
        stack.close()
        over(report, one)


@attack(7)
def cut_restores(report):
    """30 restores of 60 MiB that break off, eight at once: memory is bounded and goes back."""
    length = 60 << 20
    head = (b"PUT /_emulator/state HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % length)
    piece = b'{"format":"sas-emulator-state","version":1,' + b" " * (1 << 20)
    with Emulator("--log", "off") as one:
        peak = Peak(one)
        for batch in 8, 8, 8, 6:
            with contextlib.ExitStack() as stack:
                sockets = [stack.enter_context(socket.create_connection(one.address, timeout=2)) for _ in range(batch)]
                for connection in sockets:
                    with contextlib.suppress(OSError):
                        connection.sendall(head)
                for _ in range(59):
                    for connection in sockets:
                        with contextlib.suppress(OSError):
                            connection.sendall(piece)
                    peak.look()
        memory(report, one, BOUND, used=peak.most)
        prompt(report, one)
        over(report, one)


def make_accounts(one, count, batch=500):
    """Calls once from each of so many accounts; returns how many were answered."""
    answered = 0
    with Pipe(one) as pipe:
        for begin in range(0, count, batch):
            targets = [
                unsigned("GetLastOnceTaskInfo", f"LTAI{number:016d}", TaskType="IMAGE_SCAN", TaskName="IMAGE_SCAN")
                for number in range(begin, min(begin + batch, count))
            ]
            answered += sum(status == 200 for status in pipe.ask(targets))
    return answered


@attack(7)
def state_round_trip(report):
    """What GET state gives of 40,000 accounts and some large tasks, PUT state takes."""
    flags = ["--signature", "ignore", "--scenario", "instant", "--log", "off", "--max-accounts", "50000"]
    with Emulator(*flags) as one:
        made = make_accounts(one, 40_000)
        report.figure("accounts", made, made == 40_000)
        # Some 15 MB, however little an account takes.
        task = {"account": "large", "type": "ASSETS_COLLECTION", "param": "x" * 60_000}
        for _ in range(250):
            control(one, "POST", "tasks", task)
        begin = time.monotonic()
        taken = control(one, "GET", "state", patience=60)
        report.figure("GET state", f"{taken.status}, {len(taken.body) / 2**20:.1f} MiB in {time.monotonic() - begin:.1f} s",
                      taken.status == 200)
        restored = ask(one, "PUT", "/_emulator/state", taken.body, {"Content-Type": "application/json"}, 60)
        report.figure("PUT state", f"{restored.status} in {restored.seconds:.1f} s", restored.status == 200)
        report.figure("memory", f"{resident(one):.0f} MB")
        prompt(report, one, faults=False)


@attack(8)
def accounts(report):
    """100,000 accounts that each called once take at most 150 MB."""
    with Emulator("--signature", "ignore", "--log", "off", "--max-accounts", "200000") as one:
        memory(report, one, 150, "memory before")
        begin = time.monotonic()
        made = make_accounts(one, 100_000)
        report.figure("accounts", f"{made} in {time.monotonic() - begin:.1f} s", made == 100_000)
        memory(report, one, 150)
        answer = call(one)
        report.figure("call", answer.seconds, answer.status == 200)
