"""stdout and stderr that are not read, that are closed, or whose disk is full: calls are answered all the same."""

import contextlib
import os
import re
import select
import subprocess
import tempfile
import time
import unittest

from harness import BINARY, CLEAN, PATIENCE, Emulator, until


class Streams(unittest.TestCase):
    """No call waits for the log, and no log line ends the process."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.file = f"{folder.name}/state.json"

    def pipe(self):
        """Both ends as files, closed at the end of the test at the latest."""
        ends = os.pipe()
        reader, writer = os.fdopen(ends[0], "rb", buffering=0), os.fdopen(ends[1], "wb", buffering=0)
        self.addCleanup(reader.close)
        self.addCleanup(writer.close)
        return reader, writer

    def some(self, reader):
        """What there is to read, once there is something."""
        self.assertTrue(select.select([reader], [], [], PATIENCE)[0], "nothing is written")
        return reader.read(1 << 16)

    def full_pipe(self):
        reader, writer = self.pipe()
        os.set_blocking(writer.fileno(), False)
        with contextlib.suppress(BlockingIOError):
            while writer.write(bytes(1 << 16)):
                pass
        os.set_blocking(writer.fileno(), True)
        return reader, writer

    def stops_and_has_saved(self, emulator):
        task = emulator.generate()
        begin = time.monotonic()
        emulator.signal()
        self.assertEqual(emulator.ended(), 0)
        self.assertLess(time.monotonic() - begin, 2)
        with Emulator("--state-file", self.file) as again:
            self.assertTrue(again.has(task))

    def dropped(self, emulator):
        return emulator.control("GET", "info")["log"]["dropped"]

    def test_each_call_has_its_line(self):
        faults = {"id": "slow", "match": {"action": "GetAuthSummary"}, "effect": {"delay": "1ms"}}
        for flags in [], ["--journal-entries", "0"]:
            with self.subTest(flags=flags), Emulator("--signature", "ignore", *flags) as emulator:
                emulator.control("POST", "faults", faults)
                poll = "GetLastOnceTaskInfo&TaskType=IMAGE_SCAN"
                for action in "GetAuthSummary", "GetAuthSumary", poll, f"{poll}&TaskName=x", "a%0Ab%1B":
                    emulator.get(f"/?Action={action}&Version=2018-12-03&AccessKeyId=me")
                # What was logged is written before the process ends.
                emulator.signal()
                self.assertEqual(emulator.ended(), 0)
                lines = re.findall(r" INFO (.* => .*) \d+\.\dms\n", emulator.stderr.read_text())
                self.assertEqual(lines, [
                    "GetAuthSummary => 200 account=me fault=slow",
                    "GetAuthSumary => 404 (InvalidAction.NotFound) account=me (did you mean GetAuthSummary?)",
                    "GetLastOnceTaskInfo IMAGE_SCAN => 400 (MissingTaskName) account=me",
                    "GetLastOnceTaskInfo IMAGE_SCAN => 200 INIT 0% account=me",
                    r"a\nb\u{1b} => 404 (InvalidAction.NotFound) account=me",
                ])

    def test_a_terminal_has_seconds_and_colours(self):
        for env, colours in ({}, True), ({"NO_COLOR": "1"}, False):
            with self.subTest(colours=colours):
                terminal, stderr = os.openpty()
                self.addCleanup(os.close, terminal)
                with os.fdopen(stderr, "wb", buffering=0) as stderr, Emulator(env=env, stderr=stderr) as emulator:
                    emulator.control("PUT", "clock", {"action": "pause"})
                    emulator.get("/?Action=GetAuthSumary&Version=2018-12-03&AccessKeyId=me")
                    said = b""
                    while b"ms\r\n" not in said:
                        self.assertTrue(select.select([terminal], [], [], PATIENCE)[0], "nothing is written")
                        said += os.read(terminal, 1 << 16)
                *_, command, call, _ = said.decode().split("\r\n")
                plain = re.sub(r"\x1b\[\d*m", "", f"{command}\n{call}")
                self.assertEqual("\x1b" in said.decode(), colours)
                self.assertRegex(plain, r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  INFO clock pause by 127.0.0.1: at 2")
                self.assertRegex(plain, r"(?m)^\S{20}  INFO GetAuthSumary => 40\d \(.*\) account=me .*\d\.\dms$")

    def test_a_reader_that_has_gone(self):
        """As in `sas-emulator 2>&1 | head -2`."""
        reader, writer = self.pipe()
        with Emulator("--state-file", self.file, stdout=writer, stderr=writer) as emulator:
            said = b""
            while said.count(b"\n") < 2:
                said += self.some(reader)
            self.assertIn(b"sas-emulator ready http://", said)
            reader.close()
            emulator.calls(20)
            until(lambda: self.dropped(emulator) >= 20)
            self.stops_and_has_saved(emulator)

    def test_a_pipe_that_nobody_reads(self):
        reader, writer = self.pipe()
        flags = ["--state-file", self.file, "--log-format", "json"]
        with Emulator(*flags, stderr=writer) as emulator:
            emulator.calls(4000)
            until(lambda: self.dropped(emulator) > 0)
            self.stops_and_has_saved(emulator)
        said = reader.read()
        self.assertGreater(said.count(b"GetLastOnceTaskInfo"), 100, "what fitted in was written")

    def test_what_was_lost_is_told_once_writing_works_again(self):
        reader, writer = self.pipe()
        with Emulator("--log-format", "json", stderr=writer) as emulator:
            emulator.calls(4000)
            until(lambda: self.dropped(emulator) > 0)
            self.assertLess(self.dropped(emulator), 4000)
            said, told = b"", 0
            while told < self.dropped(emulator):
                said += self.some(reader)
                counts = re.findall(rb'"level":"WARN","message":"(\d+) log lines could not be written"', said)
                told = sum(map(int, counts))
            self.assertEqual(told, self.dropped(emulator), "each is told once")

    def test_a_pipe_that_nobody_reads_and_clients_that_do_not_speak_http(self):
        reader, writer = self.full_pipe()
        with Emulator("--log", "warn", "--state-file", self.file, stderr=writer) as emulator:
            for _ in range(500):
                with emulator.connect() as client:
                    client.sendall(b"garbage\r\n\r\n")
                    with contextlib.suppress(ConnectionResetError):
                        while client.recv(4096):
                            pass
            emulator.calls(20)
            self.stops_and_has_saved(emulator)

    def test_streams_on_a_full_disk(self):
        for names in ["stderr"], ["stdout"], ["stdout", "stderr"]:
            with self.subTest(streams=names), contextlib.ExitStack() as stack:
                streams = {name: stack.enter_context(open("/dev/full", "wb", buffering=0)) for name in names}
                emulator = stack.enter_context(Emulator("--state-file", self.file, **streams))
                emulator.calls(20)
                if "stderr" in names:
                    until(lambda: self.dropped(emulator) >= 20)
                self.stops_and_has_saved(emulator)

    def test_streams_that_are_closed(self):
        for closed in ">&-", "2>&-", ">&- 2>&-":
            with self.subTest(closed=closed):
                shell = ["sh", "-c", f'exec "$@" {closed}', "sh"]
                streams = {"stdout": subprocess.DEVNULL}
                with Emulator("--state-file", self.file, wrapper=shell, **streams) as emulator:
                    emulator.calls(20)
                    self.stops_and_has_saved(emulator)

    def test_a_ready_line_that_nobody_reads(self):
        for make in self.pipe, self.full_pipe:
            with self.subTest(pipe=make.__name__):
                reader, writer = make()
                if make == self.pipe:
                    reader.close()
                with Emulator("--state-file", self.file, stdout=writer) as emulator:
                    emulator.calls(20)
                    self.stops_and_has_saved(emulator)

    def test_a_stderr_that_does_not_wait_is_waited_for(self):
        """Another process that has the same pipe may have made it non-blocking."""
        reader, writer = self.pipe()
        os.set_blocking(writer.fileno(), False)
        with Emulator(stderr=writer) as emulator:
            emulator.calls(1500)
            said = b""
            while said.count(b"GetLastOnceTaskInfo") < 1500:
                said += self.some(reader)
            self.assertEqual(self.dropped(emulator), 0)

    def test_exit_codes_hold_without_stderr(self):
        scenario = f"{self.folder}/wrong.yaml"
        with open(scenario, "w", encoding="utf-8") as file:
            file.write("version: 1\nname: x\nlifecycle: {}\n")
        for code, arguments in {
            0: ["run", "default", "--", "true"],
            2: ["--scenario", scenario],
            5: ["run", "default", "--", "sh", "-c", "exit 5"],
        }.items():
            for target in "/dev/full", "a closed pipe":
                with self.subTest(arguments=arguments, stderr=target):
                    reader, writer = self.pipe()
                    if target == "/dev/full":
                        writer = open(target, "wb", buffering=0)
                        self.addCleanup(writer.close)
                    reader.close()
                    ended = subprocess.run([BINARY, *arguments], stderr=writer, stdin=subprocess.DEVNULL,
                                           timeout=PATIENCE, env=CLEAN, check=False)
                    self.assertEqual(ended.returncode, code)
