"""The emulator's program as a child process that never outlives this process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_READY = "sas-emulator ready "
_LOG_SHOWN = 8000
# A shutdown drains connections for 5 s at most.
_DRAIN = 10.0


class StartError(RuntimeError):
    """The program did not start; the message has its output."""


class Process:
    """A program that serves at `endpoint`."""

    def __init__(self, binary: Path, flags: Sequence[str], patience: float) -> None:
        # A file instead of a pipe: it need not be read while the program runs.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            # The calls themselves are in the journal.
            [str(binary), "--listen", "127.0.0.1:0", "--log", "warn", *flags],
            env={name: value for name, value in os.environ.items() if not name.startswith("SAS_EMULATOR_")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            # Ctrl-C must reach only the tests: their teardown still needs the emulator.
            start_new_session=True,
        )
        self._watchdog = _watch(self._process.pid)
        self.endpoint = self._wait_until_ready(patience)

    def _wait_until_ready(self, patience: float) -> str:
        # The timer kills a program that prints nothing, which ends the read.
        deadline = threading.Timer(patience, self._process.kill)
        deadline.start()
        try:
            assert self._process.stdout
            line = self._process.stdout.readline()
        finally:
            deadline.cancel()
        if line.startswith(_READY):
            return line[len(_READY) :].strip()
        self._process.kill()
        self._end_watchdog()
        code = self._process.wait()
        said = f"{line}{self.log()}".strip() or f"it printed nothing within {patience:g} s"
        self._close()
        command = " ".join(map(str, self._process.args))  # type: ignore[arg-type]
        raise StartError(f"the emulator did not start (exit code {code}):\n{said}\nThe command was: {command}")

    @property
    def exit_code(self) -> int | None:
        """None as long as it runs."""
        code = self._process.poll()
        if code is not None:
            # From now on another process may have this process id.
            self._end_watchdog()
        return code

    def log(self) -> str:
        """The end of the program's log."""
        if self._log.closed:
            return ""
        # The file offset is shared with the program, so it must not change.
        file = self._log.fileno()
        end = os.fstat(file).st_size
        return os.pread(file, _LOG_SHOWN, max(end - _LOG_SHOWN, 0)).decode(errors="replace")

    def stop(self) -> None:
        """Stop the program gracefully; kill it after ten seconds."""
        self._end_watchdog()
        self._process.terminate()
        # A wait with a limit would call `time.sleep`, which a test may have replaced.
        deadline = threading.Timer(_DRAIN, self._process.kill)
        deadline.start()
        try:
            self._process.wait()
        finally:
            deadline.cancel()
        self._close()

    def _end_watchdog(self) -> None:
        # This must come before the wait for the program: until then no other process can have its process id.
        if self._watchdog:
            self._watchdog.kill()
            self._watchdog.wait()
            assert self._watchdog.stdin
            self._watchdog.stdin.close()

    def _close(self) -> None:
        assert self._process.stdout
        self._process.stdout.close()
        self._log.close()


def _watch(pid: int) -> subprocess.Popen[bytes] | None:
    """Start a watchdog that stops the program if this process ends without doing so, for example because it is killed.

    The watchdog reads from a pipe that this process holds open. The system closes the pipe however the process ends.
    """
    if sys.platform == "win32":
        return None
    with contextlib.suppress(FileNotFoundError):
        return subprocess.Popen(
            ["/bin/sh", "-c", 'read -r _; kill "$1"', "sh", str(pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    return None
