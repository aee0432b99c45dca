"""Item 1: logging never blocks or kills a call, and neither does stdout."""

import contextlib
import fcntl
import os
import pathlib
import signal
import socket
import tempfile
import time

from client import LATEST, Emulator, Pipe, call, stop
from report import attack


@contextlib.contextmanager
def emulator(*arguments, **streams):
    """One with a state file."""
    with tempfile.TemporaryDirectory() as folder:
        state = pathlib.Path(folder, "state.json")
        with Emulator("--signature", "ignore", "--state-file", state, *arguments, **streams) as one:
            yield one, state


def calls(report, one, count):
    """Checks that so many calls are answered, all without a pause."""
    answered, begin = 0, time.monotonic()
    try:
        with Pipe(one) as pipe:
            for _ in range(count):
                answered += pipe.ask([LATEST]) == [200]
    except OSError:
        pass
    report.figure("calls answered", f"{answered} of {count} in {time.monotonic() - begin:.1f} s", answered == count)


def garbage(report, one, count):
    """Connections that send something other than HTTP: each is a warning, and each is closed."""
    closed = 0
    for number in range(count):
        with contextlib.suppress(OSError), socket.create_connection(one.address, timeout=1) as connection:
            connection.sendall(b"\x01\x02\r\n\r\n")
            while connection.recv(1000):
                pass
            closed += 1
        if closed < number - 3:
            break
    report.figure("closed", f"{closed} of {count}", closed == count)


@contextlib.contextmanager
def narrow_pipe():
    """A pipe that holds 4 KiB: both ends."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    try:
        yield reader, writer
    finally:
        for end in reader, writer:
            with contextlib.suppress(OSError):
                os.close(end)


@attack(1)
def stderr_unread(report):
    """stderr is a pipe that is not read: 3000 calls are answered, and SIGTERM saves."""
    with narrow_pipe() as (_, writer), emulator(stderr=writer) as (one, state):
        calls(report, one, 3000)
        stop(report, one, signal.SIGTERM, state=state)


@attack(1)
def stderr_unread_warnings(report):
    """stderr is a pipe that is not read, at level warn: 600 connections with garbage change nothing."""
    with narrow_pipe() as (_, writer), emulator("--log", "warn", stderr=writer) as (one, state):
        garbage(report, one, 600)
        calls(report, one, 100)
        stop(report, one, signal.SIGTERM, state=state)


@attack(1)
def stderr_head(report):
    """stderr is read by `head -2`, which goes away: 20 calls are answered, and SIGTERM saves."""
    with narrow_pipe() as (reader, writer), emulator(stderr=writer) as (one, state):
        call(one)
        os.read(reader, 200)
        os.close(reader)
        calls(report, one, 20)
        stop(report, one, signal.SIGTERM, state=state)


@attack(1)
def stderr_full_disk(report):
    """stderr is on a full disk: it starts, calls are answered, and SIGTERM saves."""
    with open("/dev/full", "wb") as full, emulator(stderr=full) as (one, state):
        calls(report, one, 20)
        stop(report, one, signal.SIGTERM, state=state)


@attack(1)
def stdout_closed(report):
    """stdout is a pipe whose reader has gone, or a full disk: it starts, calls are answered, and SIGTERM saves."""
    with narrow_pipe() as (reader, writer):
        os.close(reader)
        with emulator(stdout=writer) as (one, state):
            calls(report, one, 20)
            stop(report, one, signal.SIGTERM, state=state, name="stop (no reader)")
    with open("/dev/full", "wb") as full, emulator(stdout=full) as (one, state):
        calls(report, one, 20)
        stop(report, one, signal.SIGTERM, state=state, name="stop (full disk)")
