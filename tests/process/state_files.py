"""Files that the process reads and writes: pipes, links, modes, two emulators on one file, saving as it goes."""

import json
import os
import pathlib
import re
import shutil
import signal
import stat
import tempfile
import time
import unittest

from harness import PATIENCE, Emulator, run, until


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


class InAFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "state.json"

    def refused(self, *arguments, said):
        ended = run(*arguments, "--listen", "127.0.0.1:0")
        self.assertEqual((ended.returncode, ended.stdout), (2, ""), ended.stderr)
        self.assertRegex(ended.stderr, said)


class HostileFiles(InAFolder):
    def test_pipes_are_refused_and_not_waited_for(self):
        pipe = self.folder / "pipe.yaml"
        os.mkfifo(pipe)
        link = self.folder / "link.json"
        link.symlink_to(pipe)
        for flags in ["--scenario", pipe], ["--state-file", pipe], ["--state-file", link], ["--init-dir", self.folder]:
            with self.subTest(flags=flags):
                self.refused(*flags, said="(pipe.yaml|link.json).*not a regular file")
        self.refused("--state-file", "/dev/null", said="/dev/null.*not a regular file")
        self.refused("--state-file", self.folder, said="not a regular file")
        ended = run("check", pipe)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("not a regular file", ended.stdout)

    def test_an_endpoints_file_that_is_a_pipe(self):
        pipe = self.folder / "endpoints"
        os.mkfifo(pipe)
        ended = run("--listen", "127.0.0.1:0", "--endpoints-file", pipe)
        self.assertEqual((ended.returncode, ended.stdout), (1, ""))
        self.assertIn(str(pipe), ended.stderr)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        with Emulator("--endpoints-file", pipe) as emulator:
            self.assertEqual(json.loads(os.read(reader, 4096))["sas"], emulator.endpoint)
        os.close(reader)

    def test_links_at_the_names_of_temporary_files_are_left_alone(self):
        victim = self.folder / "victim"
        victim.write_text("precious")
        for name in ".unfinished", ".tmp", ".lock":
            (self.folder / f"state.json{name}").symlink_to(victim)
            (self.folder / f"endpoints.json{name}").symlink_to(victim)
        with Emulator("--state-file", self.file, "--endpoints-file", self.folder / "endpoints.json") as emulator:
            emulator.control("POST", "state")
            emulator.signal()
            self.assertEqual(emulator.ended(), 0)
        self.assertEqual(victim.read_text(), "precious")

    def test_a_link_at_the_name_of_the_lock_is_refused(self):
        victim = self.folder / "victim"
        victim.write_text("precious")
        (self.folder / ".state.json.lock").symlink_to(victim)
        self.refused("--state-file", self.file, said=r"\.state\.json\.lock")
        self.assertEqual(victim.read_text(), "precious")

    def test_modes_are_kept_and_new_state_is_private(self):
        old = os.umask(0o022)
        self.addCleanup(os.umask, old)
        endpoints, certificate = self.folder / "endpoints.json", self.folder / "ca.pem"
        flags = ["--state-file", self.file, "--endpoints-file", endpoints, "--tls", "auto", "--tls-ca-out", certificate]

        def modes():
            with Emulator(*flags) as emulator:
                emulator.signal()
                self.assertEqual(emulator.ended(), 0)
            return [mode(file) for file in (self.file, endpoints, certificate)]

        self.assertEqual(modes(), [0o600, 0o644, 0o644])
        os.chmod(self.file, 0o640)
        os.chmod(endpoints, 0o600)
        self.assertEqual(modes(), [0o640, 0o600, 0o644])

    def test_what_a_killed_emulator_left_unfinished_is_removed(self):
        left = self.folder / ".state.json.0123456789abcdef.unfinished"
        left.write_text("half")
        others = [self.folder / ".other.json.0123456789abcdef.unfinished", self.folder / ".state.json.unfinished"]
        for other in others:
            other.write_text("not ours")
        with Emulator("--state-file", self.file) as emulator:
            self.assertFalse(left.exists())
            emulator.signal()
            self.assertEqual(emulator.ended(), 0)
        self.assertEqual(sorted(os.listdir(self.folder)), sorted(["state.json", *(other.name for other in others)]))


class Locks(InAFolder):
    def test_a_second_emulator_says_who_has_the_file(self):
        link = self.folder / "link.json"
        with Emulator("--state-file", self.file) as emulator:
            task = emulator.generate()
            emulator.control("POST", "state")
            link.symlink_to(self.file)
            for name in self.file, link:
                self.refused("--state-file", name, said=rf"{name.name}.*in use.*process {emulator.pid}\b")
            emulator.generate()
            emulator.kill()
        # What a killed one left is no obstacle.
        with Emulator("--state-file", self.file) as emulator:
            self.assertTrue(emulator.has(task))
            emulator.signal()
            self.assertEqual(emulator.ended(), 0)
        self.assertEqual(sorted(os.listdir(self.folder)), ["link.json", "state.json"])

    def test_a_stale_lock_file_is_no_obstacle(self):
        (self.folder / ".state.json.lock").write_text(f"{os.getpid()}\n")
        with Emulator("--state-file", self.file) as emulator:
            emulator.signal()
            self.assertEqual(emulator.ended(), 0)


class Autosave(InAFolder):
    def saved(self):
        return json.loads(self.file.read_text())

    def test_changes_are_saved_while_it_runs(self):
        with Emulator("--state-file", self.file) as emulator:
            late = []
            for _ in range(3):
                task = emulator.generate()
                begin = time.monotonic()
                until(lambda: self.file.exists() and str(task) in self.file.read_text())
                late.append(time.monotonic() - begin)
                self.assertEqual(mode(self.file), 0o600)
            print(f"a change is in the state file after {max(late) * 1000:.0f} ms at most (promise: 1 s and the save)")
            # So are those by the control API.
            emulator.control("PUT", "clock", {"action": "pause"})
            until(lambda: self.saved()["clock"]["paused"])
            emulator.kill()
        with Emulator("--state-file", self.file) as emulator:
            self.assertTrue(emulator.has(task))
            self.assertTrue(emulator.control("GET", "clock")["paused"])

    def test_a_kill_under_load_costs_at_most_the_promise(self):
        with Emulator("--state-file", self.file, "--save-every", "0.1", "--log", "off") as emulator:
            made = []
            deadline = time.monotonic() + PATIENCE
            while len(made) < 50:
                made.append((emulator.generate(f"account-{len(made)}"), time.monotonic()))
                self.assertLess(time.monotonic(), deadline)
            emulator.kill()
            killed = time.monotonic()
        with Emulator("--state-file", self.file) as emulator:
            lost = [killed - at for task, at in made if not emulator.has(task)]
        print(f"killed under load with --save-every 0.1: lost {len(lost)} of {len(made)} tasks, "
              f"the oldest {max(lost, default=0) * 1000:.0f} ms old")
        # Ten times the promise: the machine may be busy.
        self.assertLess(max(lost, default=0), 1)

    def test_a_failure_is_told_once_and_what_follows_is_saved(self):
        inner = self.folder / "inner"
        inner.mkdir()
        file = inner / "state.json"
        with Emulator("--state-file", file, "--save-every", "0.02") as emulator:
            emulator.generate()
            until(file.exists)
            moved = self.folder / "moved"
            inner.rename(moved)

            def told():
                return emulator.stderr.read_text().count("cannot be saved")

            for _ in range(3):
                emulator.generate()
                until(lambda: told() == 1)
            inner.mkdir()
            until(file.exists)
            until(lambda: "is saved again" in emulator.stderr.read_text())
            self.assertEqual(told(), 1)
            shutil.rmtree(moved)

    def test_zero_saves_only_when_asked_and_at_the_stop(self):
        with Emulator("--state-file", self.file, "--save-every", "0") as emulator:
            emulator.generate()
            emulator.control("POST", "state")
            before = self.file.read_bytes()
            task = emulator.generate()
            self.assertEqual(self.file.read_bytes(), before)
            emulator.signal(signal.SIGINT)
            self.assertEqual(emulator.ended(), 0)
        self.assertIn(str(task), self.file.read_text())
        for wrong in "-1", "often", "1e9":
            self.refused("--state-file", self.file, "--save-every", wrong, said=re.escape(wrong))
