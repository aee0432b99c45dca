"""An emulator that programs reach without being told of it: they name the vendor's hosts, and their calls are intercepted."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import urllib.request

READY = "sas-emulator ready "
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
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SAS_EMULATOR_", "ALIBABA_CLOUD_"))}
        emulator = os.environ["EMULATOR_BIN"]
        process = subprocess.Popen([emulator, "--listen", "127.0.0.1:0", "--scenario", scenario],
                                   env=clean, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate, timeout=20)
        self.addCleanup(process.terminate)
        line = process.stdout.readline()
        self.assertTrue(line.startswith(READY), line)
        self.endpoint = line.removeprefix(READY).strip()
        printed = subprocess.run([emulator, "env", "--intercept", "--endpoint", self.endpoint, "--shell", "dotenv",
                                  "--trust-folder", self.folder / "trust"],
                                 env=clean, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
        lines = (line.partition("=") for line in printed.splitlines())
        self.environment = clean | {name: value.strip('"') for name, _, value in lines}

    def run_program(self, *command):
        """Runs an installed program; what it printed, and its exit code."""
        ended = subprocess.run([f"{os.environ['PROGRAMS']}/bin/{command[0]}", *command[1:]], env=self.environment, cwd=self.folder,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               timeout=MOST_SECONDS)
        return ended.stdout, ended.returncode

    def control(self, path):
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"{self.endpoint}/_emulator/{path}", timeout=20) as answer:
            return json.load(answer)

    def fidelities(self):
        """Of every operation that was called: how far its answers can be trusted."""
        calls = self.control("requests?limit=10000")["requests"]
        self.assertEqual([], [call for call in calls if call.get("escaped")], "no call escaped")
        return {call["action"]: call["fidelity"] for call in calls}
