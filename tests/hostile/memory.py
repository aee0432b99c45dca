"""Items 7 and 8: memory is bounded, goes back, and accounts are light."""

import contextlib
import socket
import threading
import time

from client import LATEST, ROOMY, Emulator, Pipe, ask, call, control, memory, prompt, raise_file_limit, resident, unsigned
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


@attack(8)
def accounts_at_once(report):
    """10,000 accounts that 50 clients make at the same time, and 10,000 more, which evict them: memory stays flat."""
    count, clients = 10_000, 50
    # Tasks end at once: an account in which one runs would not be evicted.
    with Emulator("--signature", "ignore", "--scenario", "instant", "--log", "off") as one:
        def make(number, begin, answered):
            with contextlib.suppress(OSError), Pipe(one) as pipe:
                share = range(begin + number, begin + count, clients)
                targets = [unsigned("GetLastOnceTaskInfo", f"made-{name}", TaskType="VUL_CHECK_TASK", TaskName="VUL_CHECK_TASK")
                           for name in share]
                for place in range(0, len(targets), 10):
                    answered[number] += sum(status == 200 for status in pipe.ask(targets[place:place + 10]))

        used = []
        for begin in 0, count, 2 * count:
            answered, start = [0] * clients, time.monotonic()
            threads = [threading.Thread(target=make, args=(number, begin, answered)) for number in range(clients)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            used.append(resident(one))
            report.figure("accounts", f"{sum(answered)} in {time.monotonic() - start:.1f} s, {used[-1]:.0f} MB",
                          sum(answered) == count)
        report.figure("growth by evictions", f"{used[2] - used[1]:.1f} MB", used[2] - used[1] <= 5 * ROOMY)
        counts = control(one, "GET", "info").json()
        report.figure("kept", counts["accounts"], counts["accounts"] == count)
        prompt(report, one, calls=[LATEST], faults=False)


# How many calls, and the seconds after which fewer are enough.
CALLS, ENOUGH = 1_000_000, 60


@attack(8)
def many_calls(report):
    """A million calls, or as many as a minute takes, that start, poll and list tasks: memory stays flat once all is full."""
    # Every task ends at once, and an account keeps the newest ones: both, and the journal, are full after a while.
    flags = ["--signature", "ignore", "--scenario", "instant", "--log", "off"]
    named = {"TaskType": "VUL_CHECK_TASK", "TaskName": "VUL_CHECK_TASK"}
    batch = [unsigned("GenerateOnceTask", Param="{}", **named)] * 25 + [unsigned("GetLastOnceTaskInfo", **named)] * 175
    with Emulator(*flags) as one, Pipe(one) as pipe:
        done, good, begin, full = 0, 0, time.monotonic(), 0.0
        while done < CALLS and time.monotonic() < begin + ENOUGH:
            good += sum(status == 200 for status in pipe.ask(batch))
            done += len(batch)
            if not full and done >= 20_000:
                full = resident(one)
        report.figure("calls", f"{done} in {time.monotonic() - begin:.0f} s", good == done and done > 20_000)
        grown = resident(one) - full
        report.figure("memory", f"{full:.0f} MB after 20000 calls, {grown:+.1f} MB since", grown <= 4 * ROOMY)
        prompt(report, one, calls=[LATEST], faults=False)
