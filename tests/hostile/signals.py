"""Item 5: SIGTERM, SIGINT and SIGHUP always end it within 2 s and save; files that are none are refused."""

import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

from client import BINARY, CLEAN, Emulator, call, control, stop
from costs import with_schedules
from logs import narrow_pipe
from report import attack

SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


def every_signal(report, begin, *arguments, streams=None, scenario="default"):
    """Each signal ends an emulator for which `begin` has made trouble."""
    for number in SIGNALS:
        with tempfile.TemporaryDirectory() as folder:
            state, file = pathlib.Path(folder, "state.json"), pathlib.Path(folder, "scenario.yaml")
            file.write_text("version: 1\nname: signals\n")
            chosen = file if scenario is None else scenario
            flags = ["--signature", "ignore", "--scenario", chosen, "--state-file", state, *arguments]
            with Emulator(*flags, **(streams or {})) as one:
                begin(one, file)
                stop(report, one, number, state=state, name=number.name)


@attack(5)
def signals_plain(report):
    """Each signal ends an emulator that has nothing to do, and saves."""
    every_signal(report, lambda one, _: call(one))


@attack(5)
def signals_watched_fifo(report):
    """Each signal ends an emulator whose scenario file under --watch became a FIFO."""
    def become_a_fifo(one, file):
        file.unlink()
        os.mkfifo(file)
        # Two looks of --watch, which come every half second.
        time.sleep(1.5)
        answer = control(one, "GET", "health")
        report.figure("health", answer.seconds, answer.status == 200)

    every_signal(report, become_a_fifo, "--watch", scenario=None)


@attack(5)
def signals_stuck_stderr(report):
    """Each signal ends an emulator whose stderr is a full pipe."""
    with narrow_pipe() as (_, writer):
        os.set_blocking(writer, False)
        try:
            while True:
                os.write(writer, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(writer, True)

        def calls(one, _):
            for _ in range(3):
                call(one, patience=1)

        # It may say something before it listens: nothing can be said from the start.
        every_signal(report, calls, streams={"stderr": writer})


@attack(5)
def signals_in_a_jump(report):
    """SIGTERM ends an emulator that computes a jump of a hundred years with 100 hourly cycle tasks."""
    with tempfile.TemporaryDirectory() as folder:
        state = pathlib.Path(folder, "state.json")
        with Emulator("--signature", "ignore", "--scenario", "instant", "--log", "off", "--state-file", state) as one:
            with_schedules(one, "jumper", 100)
            jump = threading.Thread(
                target=lambda: control(one, "PUT", "clock", {"action": "advance", "by": "36500d"}, 10), daemon=True
            )
            jump.start()
            time.sleep(0.1)
            look = threading.Thread(target=lambda: control(one, "GET", "tasks", None, 10), daemon=True)
            look.start()
            time.sleep(0.1)
            stop(report, one, signal.SIGTERM, state=state)
            jump.join(1)
            look.join(1)


@attack(5)
def fifo_files(report):
    """A FIFO as --scenario, as --state-file, or as member of --init-dir is refused at the start, not waited for."""
    with tempfile.TemporaryDirectory() as folder:
        fifo = pathlib.Path(folder, "fifo.yaml")
        os.mkfifo(fifo)
        for flags in ["--scenario", fifo], ["--state-file", fifo], ["--init-dir", folder]:
            begin = time.monotonic()
            process = subprocess.Popen(
                [BINARY, *map(str, flags), "--listen", "127.0.0.1:0"], env=CLEAN,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            )
            try:
                _, said = process.communicate(timeout=2)
                verdict, good = f"exit code {process.returncode}", process.returncode == 2 and "fifo.yaml" in said
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                verdict, good = "it waits", False
            report.figure(flags[0], f"{verdict} after {time.monotonic() - begin:.2f} s", good)
