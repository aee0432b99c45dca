"""Item 4: a client that has gone is noticed, and one that does not read is cut off."""

import contextlib
import signal
import socket
import time

from client import (
    GET, LATEST, Emulator, Many, call, control, flags, has_flag, prompt, reset_when_closed, sockets,
    stop, unless_200, unsigned,
)
from memory import make_accounts
from report import attack

DELAY = [{"id": "delay", "match": {"account": "slow"}, "effect": {"delay": "1h"}}]
DELAYED = GET % unsigned("GetLastOnceTaskInfo", "slow", TaskType="IMAGE_SCAN", TaskName="IMAGE_SCAN").encode()
AWAITING = GET % b"/_emulator/await?count=1000000&timeout=600s"


def gone(report, said, *, faults=()):
    """Twice as many clients as --max-connections wait for an answer and go: their slots are free again."""
    with Emulator("--signature", "ignore", "--log", "off", "--max-connections", "50") as one:
        if faults:
            control(one, "PUT", "faults", list(faults))
        for _ in range(2):
            with Many(one, 50, said) as many:
                report.figure("connected", len(many.sockets))
                time.sleep(0.2)
                for number, connection in enumerate(many.sockets):
                    if number % 2:
                        reset_when_closed(connection)
        begin, answer = time.monotonic(), call(one)
        while answer.status != 200 and time.monotonic() < begin + 1:
            time.sleep(0.02)
            answer = call(one)
        report.figure("calls are served again after", time.monotonic() - begin, answer.status == 200, unless_200(answer))
        prompt(report, one, calls=[LATEST])


@attack(4)
def gone_in_delay(report):
    """Clients that go during an injected delay free their slots."""
    gone(report, DELAYED, faults=DELAY)


@attack(4)
def gone_in_await(report):
    """Clients that go while they wait for calls free their slots."""
    gone(report, AWAITING)


# The list of their calls is larger than the buffers of the system.
ACCOUNTS = 9000


def deaf_client(one, asked):
    """Asks for far more than the buffers of the system hold, and reads nothing."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(one.address)
    connection.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        connection.send(asked)
    return connection


def deaf_clients(one):
    """One that asks for a large answer, and one that asks for many."""
    make_accounts(one, ACCOUNTS)
    return [deaf_client(one, GET % b"/_emulator/requests?limit=10000"), deaf_client(one, GET % b"/_emulator/" * 3000)]


@attack(4)
def never_reads(report):
    """A client that never reads its answers is cut off after --send-timeout."""
    if not has_flag("--send-timeout"):
        report.check(False, "there is no --send-timeout")
    with Emulator("--signature", "ignore", "--log", "off", *flags(("--send-timeout", "1"))) as one:
        before = sockets(one)
        clients = deaf_clients(one)
        time.sleep(0.5)
        begin, left = time.monotonic(), sockets(one)
        report.check(left == before + 2, f"{left - before} connections of 2 are there")
        while left > before and time.monotonic() < begin + 4:
            time.sleep(0.05)
            left = sockets(one)
        report.figure("cut off", f"{2 - (left - before)} of 2 after {time.monotonic() - begin:.1f} s", left == before)
        for connection in clients:
            connection.close()
        prompt(report, one, calls=[LATEST])


@attack(4)
def never_reads_at_stop(report):
    """Clients that never read their answers do not hold up SIGTERM."""
    with Emulator("--signature", "ignore", "--log", "off") as one:
        clients = deaf_clients(one)
        time.sleep(0.5)
        stop(report, one, signal.SIGTERM)
        for connection in clients:
            connection.close()
