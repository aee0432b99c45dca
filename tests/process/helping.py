"""What commands say about a file, about this machine, and about themselves; `call --watch`."""

import http.server
import json
import os
import pathlib
import pty
import re
import subprocess
import tempfile
import threading
import unittest

from harness import BINARY, CLEAN, PATIENCE, Emulator, closed_port, run
from steering import Steered


class Watching(Steered):
    """`call --watch`."""

    def watch(self, *arguments, **settings):
        return self.ended("call", "GetLastOnceTaskInfo", "TaskType=IMAGE_SCAN", "TaskName=IMAGE_SCAN", "--watch",
                          "--interval", "0.01", *arguments, **settings)

    def test_what_passes_is_noted(self):
        self.said("scenario", "load", "instant")
        self.addCleanup(self.said, "scenario", "load", "default")
        for effect, note in {
            "error=ServiceUnavailable": "503 Service Unavailable (ServiceUnavailable); calling again",
            "connection=reset": "; calling again",
            "error=Throttling.User": "400 Bad Request (Throttling.User); calling again",
        }.items():
            with self.subTest(effect=effect):
                self.said("faults", "clear")
                self.said("faults", "add", effect, "times=2")
                ended = self.watch()
                self.assertEqual(ended.returncode, 0, ended.stderr)
                self.assertEqual(ended.stderr.count("calling again"), 2, ended.stderr)
                self.assertIn(note, ended.stderr)
                self.assertEqual(json.loads(ended.stdout.splitlines()[-1])["TaskInfo"]["Status"], "SUCCESS")

    def test_what_stays_ends_it(self):
        self.said("faults", "add", "error=NoPermission")
        self.assertRegex(self.watch().stderr, "^error: 403 Forbidden")
        self.said("faults", "clear")
        self.said("faults", "add", "error=ServiceUnavailable")
        self.assertRegex(self.watch().stderr, "error: 20 calls in a row failed; the last one: 503")
        self.said("faults", "clear")
        self.said("clock", "pause")
        self.assertRegex(self.watch("--timeout", "0.1").stderr, "(?m)^error: the task has not ended within 100ms")

    def test_a_terminal_gets_one_line(self):
        self.said("scenario", "load", "instant")
        self.addCleanup(self.said, "scenario", "load", "default")
        command = [BINARY, "call", "GetLastOnceTaskInfo", "TaskType=IMAGE_SCAN", "TaskName=IMAGE_SCAN", "--watch",
                   "--endpoint", self.emulator.endpoint]
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        ended = subprocess.run(command, stdout=theirs, stdin=subprocess.DEVNULL, env=CLEAN, timeout=PATIENCE, check=False)
        os.close(theirs)
        self.assertEqual(ended.returncode, 0)
        self.assertEqual(os.read(ours, 1000), b"SUCCESS 100% SUCCESS\r\n")


# What a developer's machine may have set; an empty variable is none.
BARE = dict.fromkeys(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "NO_PROXY", "no_proxy",
                      "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"], "")


class Doctor(Steered):
    def found(self, *arguments, env=None):
        ended = self.ended("doctor", "--json", *arguments, env=BARE | (env or {}))
        return ended.returncode, {found["check"]: found for found in json.loads(ended.stdout)}

    def test_all_is_well(self):
        code, found = self.found()
        self.assertEqual((code, {symptom["level"] for symptom in found.values()}), (0, {"ok"}), found)
        self.assertRegex(found["server"]["message"], "scenario default, seed 0")
        self.assertRegex(self.said("doctor"), r"(?m)^ok    server    sas-emulator \d")

    def test_each_finding_has_a_fix(self):
        self.said("clock", "pause")
        env = {"SAS_EMULATOR_SED": "1", "HTTP_PROXY": "http://proxy.example:1", "SSL_CERT_FILE": "/no/such/file"}
        code, found = self.found(env=env)
        for check, level, fix in [("variables", "warn", "SAS_EMULATOR_SEED"), ("proxy", "warn", "unset HTTP_PROXY"),
                                  ("clock", "warn", "clock resume"), ("tls", "fail", "env --intercept")]:
            self.assertEqual(found[check]["level"], level, found[check])
            self.assertIn(fix, found[check]["fix"])
        self.assertEqual(code, 1)

    def test_the_key(self):
        code, found = self.found("--access-key-secret", "wrong")
        self.assertEqual((code, found["key"]["level"]), (1, "fail"))
        self.assertIn("SECRET=test", found["key"]["fix"])
        self.assertNotIn("key", self.found("--no-call")[1])
        self.assertEqual(self.emulator.control("GET", "requests/count")["count"], 1)

    def test_the_token(self):
        with Emulator("--log", "off", "--control-token", "t0ken") as guarded:
            ended = run("doctor", "--endpoint", guarded.endpoint)
            self.assertRegex(ended.stdout, r"(?m)^fail  token     .* asks for a control token")
            self.assertEqual(run("doctor", "--endpoint", guarded.endpoint, "--control-token", "t0ken").returncode, 0)

    def test_what_else_may_listen(self):
        ended = run("doctor", "--endpoint", closed_port())
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stdout, r"(?m)^fail  server    cannot reach")
        other = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        threading.Thread(target=other.serve_forever, daemon=True).start()
        self.addCleanup(other.server_close)
        self.addCleanup(other.shutdown)
        ended = run("doctor", "--endpoint", f"http://127.0.0.1:{other.server_port}")
        self.assertRegex(ended.stdout, r"(?m)^fail  server    an HTTP server \(SimpleHTTP.*is no emulator")


class Checked(unittest.TestCase):
    def test_every_mistake_of_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "wrong.yaml")
            file.write_text("version: 1\nname: x\nsed: 1\nfaults:\n  - effect: { eror: ServerError }\n")
            ended = run("check", file)
            self.assertEqual(ended.returncode, 2)
            self.assertEqual(re.findall(r"(?m)^\S+:(\d+:\d+): ", ended.stdout), ["3:1", "5:15"])


class Pages(unittest.TestCase):
    def test_completions(self):
        for shell in "bash", "zsh", "fish", "powershell", "elvish":
            script = run("completions", shell).stdout
            self.assertIn("task-types", script, shell)
        bash = run("completions", "bash").stdout
        self.assertEqual(subprocess.run(["bash", "-n"], input=bash, text=True, timeout=PATIENCE, check=False).returncode, 0)

    def test_the_manual_lists_each_command(self):
        page = run("man").stdout
        commands = re.findall(r"(?m)^  ([a-z-]+)  ", run("--help").stdout.split("Commands:")[1].split("Arguments")[0])
        self.assertGreater(len(commands), 20)
        for command in set(commands) - {"help"}:
            self.assertIn(f"SAS-EMULATOR {command.upper()}", page.replace("\\-", "-"))

    def test_a_wrong_noun_is_told_the_right_one(self):
        self.assertIn("tasks", run("taks").stderr)
