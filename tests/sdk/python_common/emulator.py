"""Starts sas-emulator on a free port and stops it."""

import json
import os
import pathlib
import subprocess
import urllib.request

SHARED = pathlib.Path(__file__).parents[1] / "shared"
READY = "sas-emulator ready http://"


class Emulator:
    """A running emulator, to be used as a context manager.

    It writes its log to the standard error it inherits, which pytest captures and shows when a test fails.
    """

    def __init__(self, *flags):
        self._process = subprocess.Popen(
            [os.environ["EMULATOR_BIN"], "--listen", "127.0.0.1:0", *flags],
            cwd=SHARED,
            # Settings of the person who runs the tests must not reach the emulator under test.
            env={name: value for name, value in os.environ.items() if not name.startswith("SAS_EMULATOR_")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline()
        if not line.startswith(READY):
            self._process.kill()
            raise RuntimeError(f"the emulator did not start: exit code {self._process.wait()}, said {line!r}")
        self.host = line.removeprefix(READY).strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        rest, _ = self._process.communicate(timeout=10)
        assert (self._process.returncode, rest) == (0, ""), "the emulator did not stop in peace"

    def advance(self, by):
        """Moves the task clock."""
        order = urllib.request.Request(
            f"http://{self.host}/_emulator/clock",
            method="PUT",
            headers={"Content-Type": "application/json"},
            data=json.dumps({"action": "advance", "by": by}).encode(),
        )
        urllib.request.urlopen(order, timeout=10).close()

    def faults(self):
        """The armed rules, with the number of times each fired."""
        with urllib.request.urlopen(f"http://{self.host}/_emulator/faults", timeout=10) as answer:
            return json.load(answer)["faults"]
