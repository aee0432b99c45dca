"""SIGTERM, SIGINT and SIGHUP: the process ends within two seconds and the state is saved, whatever is stuck."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import tempfile
import threading
import time
import unittest

from harness import PATIENCE, Emulator, begin_call, run, until

# A file that no watch loads twice: its name shows that it was loaded.
SCENARIO = "version: 1\nname: {name}\n"


class Stops(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "state.json"

    def stops(self, emulator, task, number=signal.SIGTERM):
        begin = time.monotonic()
        emulator.signal(number)
        self.assertEqual(emulator.ended(), 0)
        took = time.monotonic() - begin
        self.assertLess(took, 2)
        with Emulator("--state-file", self.file) as again:
            self.assertTrue(again.has(task))
        return took

    def test_each_signal_saves(self):
        for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
            for pid1 in False, True:
                with self.subTest(signal=number.name, pid1=pid1):
                    with Emulator("--state-file", self.file, pid1=pid1) as emulator:
                        self.stops(emulator, emulator.generate(), number)

    def test_sighup_stays_ignored_under_nohup(self):
        shell = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh"]
        with Emulator(wrapper=shell) as emulator:
            emulator.signal(signal.SIGHUP)
            # The signal that counts came later than the one that does not.
            emulator.calls(1)
            self.assertTrue(emulator.listens())
            emulator.signal()
            self.assertEqual(emulator.ended(), 0)
            self.assertEqual(emulator.stderr.read_text().count("stopping"), 1)

    def test_a_watched_file_that_became_a_pipe(self):
        scenario = self.folder / "scenario.yaml"
        scenario.write_text(SCENARIO.format(name="first"))
        flags = ["--watch", "--scenario", scenario, "--state-file", self.file]
        with Emulator(*flags) as emulator:
            task = emulator.generate()
            scenario.unlink()
            os.mkfifo(scenario)
            until(lambda: "not a regular file" in emulator.stderr.read_text())
            # The watch goes on: what is a file again is loaded.
            scenario.unlink()
            scenario.write_text(SCENARIO.format(name="second"))
            until(lambda: "scenario second" in emulator.stderr.read_text())
            task = emulator.generate()
            scenario.unlink()
            os.mkfifo(scenario)
            self.stops(emulator, task)

    def test_clients_that_do_not_read_their_answers(self):
        call = b"GET /_emulator/schema HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with Emulator("--state-file", self.file, "--log", "error") as emulator, contextlib.ExitStack() as stack:
            task = emulator.generate()
            for _ in range(5):
                client = stack.enter_context(emulator.connect())
                client.settimeout(1)
                with contextlib.suppress(TimeoutError):
                    # Until neither side takes any more.
                    for _ in range(2000):
                        client.sendall(call * 20)
            took = self.stops(emulator, task)
        print(f"with 5 clients that do not read: stopped in {took * 1000:.0f} ms")

    def test_a_call_that_never_ends(self):
        with Emulator("--state-file", self.file) as emulator, emulator.connect() as client:
            task = emulator.generate()
            begin_call(client)
            self.stops(emulator, task)
            self.assertIn("are cut", emulator.stderr.read_text())

    def test_a_jump_that_is_being_computed(self):
        """Hourly tasks over years; several at once, so that every thread for requests may be busy."""
        # One that ends in time is saved. The others may take longer than there is: what was saved before stays. Their
        # tasks are more than are kept, so older ones may be gone.
        for jumps, by, code in (1, "1d", 0), (3, "365d", None):
            with self.subTest(jumps=jumps, by=by):
                self.file.unlink(missing_ok=True)
                self.stops_within_jumps(jumps, by, code)

    def stops_within_jumps(self, number, by, code):
        with Emulator("--state-file", self.file, "--log", "error") as emulator:
            task = emulator.generate()
            emulator.control("POST", "state")
            for cycle in range(100):
                ended = run("call", "CreateCycleTask", "TaskType=IMAGE_SCAN", f"TaskName=task-{cycle}", "Param={}", "Enable=1",
                            "FirstDateStr=1", "IntervalPeriod=1", "PeriodUnit=hour", "TargetStartTime=0",
                            "TargetEndTime=6", "--endpoint", emulator.endpoint)
                self.assertEqual(ended.returncode, 0, ended.stderr)

            def jump():
                with contextlib.suppress(OSError, http.client.HTTPException):
                    connection = http.client.HTTPConnection(*emulator.address, timeout=PATIENCE)
                    with contextlib.closing(connection):
                        connection.request("PUT", "/_emulator/clock", json.dumps({"action": "advance", "by": by}),
                                           {"Content-Type": "application/json"})
                        connection.getresponse().read()

            jumps = [threading.Thread(target=jump) for _ in range(number)]
            for each in jumps:
                each.start()
            begin = time.monotonic()
            emulator.signal()
            ended = emulator.ended()
            took = time.monotonic() - begin
            for each in jumps:
                each.join()
            self.assertLess(took, 2)
            self.assertIn(ended, [0, 1] if code is None else [code])
        with Emulator("--state-file", self.file) as again:
            self.assertTrue(again.has(task) or code is None)
        print(f"while {number} jumps of {by} are computed: stopped in {took * 1000:.0f} ms")
