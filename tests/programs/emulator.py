"""An emulator that programs reach without being told of it: they name the vendor's hosts, and their calls are intercepted."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from harness import CLEAN, Emulator, run

# The first start of prowler compiles some thousand files.
MOST_SECONDS = 300


class Case(unittest.TestCase):
    """Each test has an emulator of its own, with this scenario: the name of one that is built in, or its text."""

    scenario = "{version: 1, name: programs}"

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        scenario = self.scenario
        if "version:" in scenario:
            scenario = self.folder / "scenario.yaml"
            scenario.write_text(self.scenario)
        # Its log goes where the tests report.
        self.emulator = self.enterContext(Emulator("--scenario", scenario, stderr=None))
        printed = run("env", "--intercept", "--endpoint", self.emulator.endpoint, "--shell", "dotenv",
                      "--trust-folder", self.folder / "trust")
        self.assertEqual(printed.returncode, 0, printed.stderr)
        lines = (line.partition("=") for line in printed.stdout.splitlines())
        clean = {name: value for name, value in CLEAN.items() if not name.startswith("ALIBABA_CLOUD_")}
        self.environment = clean | {name: value.strip('"') for name, _, value in lines}

    def run_program(self, *command):
        """Runs an installed program; what it printed, and its exit code."""
        ended = subprocess.run([f"{os.environ['PROGRAMS']}/{command[0]}", *command[1:]], env=self.environment, cwd=self.folder,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               timeout=MOST_SECONDS)
        return ended.stdout, ended.returncode

    def calls(self):
        return self.emulator.control("GET", "requests?limit=10000")["requests"]

    def fidelities(self):
        """Of every operation that was called: how far its answers can be trusted."""
        calls = self.calls()
        self.assertEqual([], [call for call in calls if call.get("escaped")], "no call escaped")
        return {call["action"]: call["fidelity"] for call in calls}
