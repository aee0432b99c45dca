"""Runs each client of the corpus under `sas-emulator run`, and compares the verdict with the one that is right."""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

import installed  # noqa: E402

from .table import MISBEHAVING, TIME, WELL_BEHAVED  # noqa: E402

BINARY = os.environ["EMULATOR_BIN"]
ALL = MISBEHAVING + WELL_BEHAVED
FOUND = re.compile(r"^FAIL  (.*)\n      (.*)\n((?:        .*\n)+)", re.MULTILINE)
CALLS = re.compile(r"^(?:all \d+ expectations were|the expectation was|\d+ of \d+ expectations were not) met \((\d+) calls?\)$", re.MULTILINE)


def commands():
    """How the clients of each language are run."""
    classes = installed.java_classes("run-corpus/java-clients", HERE / "Clients.java")
    return {
        "Python": [sys.executable, str(HERE / "clients.py")],
        "Node": ["node", str(HERE / "clients.js")],
        "Go": [str(installed.go_program("run-corpus/go-clients", HERE / "clients.go"))],
        # Short programs: less of the start is spent on compiling.
        "Java": ["java", "-XX:TieredStopAtLevel=1", "-cp", str(classes), "Clients"],
    }


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        programs = commands()

        def judge(client):
            scenario = pathlib.Path(folder.name, f"{client.name}.yaml")
            scenario.write_text(f"version: 1\nname: {client.name}\nexpect: [{client.expect}]\n{client.scenario}")
            command = [BINARY, "run", *client.options, scenario, "--", *programs[client.language], client.name]
            return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            cls.ended = dict(zip((client.name for client in ALL), pool.map(judge, ALL)))

    def test_the_corpus(self):
        self.assertEqual((len(MISBEHAVING), len(WELL_BEHAVED)), (12, 12))
        rows, right = [], 0
        for client in ALL:
            said = self.ended[client.name].stderr
            with self.subTest(client=client.name):
                judged = False
                try:
                    (self.passes if client.is_well_behaved else self.fails)(client, self.ended[client.name])
                    judged = True
                finally:
                    found = FOUND.search(said) or re.search(r"^(ESCAPED)  (.*)$", said, re.MULTILINE)
                    rows.append(f"{'right' if judged else 'WRONG'}  {client.language:6}  {client.name:27}  {f'{found[1]}: {found[2]}' if found else 'behaves'}")
                    right += judged
        print(*rows, f"{right} of {len(ALL)} clients judged right", sep="\n")

    def passes(self, client, ended):
        self.assertEqual((ended.returncode, "FAIL" in ended.stderr, "ESCAPED" in ended.stderr), (0, False, False), ended.stderr)
        (calls,) = CALLS.findall(ended.stderr)
        self.assertGreaterEqual(int(calls), client.calls, ended.stderr)

    def fails(self, client, ended):
        self.assertEqual(ended.returncode, 3, ended.stderr + ended.stdout)
        if client.wanted == "ESCAPED":
            self.assertEqual((FOUND.findall(ended.stderr), f"ESCAPED  {client.message}\n" in ended.stderr), ([], True), ended.stderr)
            return
        self.assertEqual(len(FOUND.findall(ended.stderr)), 1, ended.stderr)
        ((wanted, message, calls),) = FOUND.findall(ended.stderr)
        self.assertRegex(wanted, f"^{client.wanted}$")
        self.assertRegex(message, f"^{client.message}$")
        shown = calls.splitlines()
        self.assertGreaterEqual(len(shown), len(client.proofs), calls)
        for proof, line in zip(client.proofs, shown):
            # Each with its time and its number.
            self.assertRegex(line, f"^ *{TIME}#\\d+ ")
            self.assertRegex(line, proof)
