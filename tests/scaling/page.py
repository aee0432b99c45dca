"""Follows docs/scaling.md: its commands are run as they are written, on other ports, and print what it says."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from cluster import ROOT, ask
from harness import PATIENCE, until

sys.path.insert(0, str(ROOT / "scripts"))

import pages  # noqa: E402

subprocess.run([ROOT / "scripts/need", "curl:curl"], check=True, stdin=subprocess.DEVNULL)

PAGE = (ROOT / "docs/scaling.md").read_text()


def free_ports(count):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in servers]


class Page(unittest.TestCase):
    def test_its_commands_do_what_it_says(self):
        ports = dict(zip(range(7270, 7274), free_ports(4)))
        blocks = [(how, self.on(ports, text)) for _, how, text in pages.FENCE.findall(PAGE) if how != "no-engine"]
        (_, begin), *rest = blocks
        with tempfile.TemporaryDirectory() as folder:
            environment = pages.environment(pathlib.Path(folder))
            environment |= {"BALANCER_LISTEN": f"127.0.0.1:{ports[7270]}"}
            self.begin(begin, environment)
            until(lambda: self.is_ready(ports[7270]))
            printed = None
            for how, text in rest:
                if how == "elsewhere":
                    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment, text=True,
                                          capture_output=True, timeout=3 * PATIENCE, stdin=subprocess.DEVNULL)
                    self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout}{done.stderr}")
                    printed = done.stdout
                else:
                    self.assertIsNone(pages.missing(text, printed), printed)

    @staticmethod
    def on(ports, text):
        for shown, port in ports.items():
            text = text.replace(f":{shown}", f":{port}").replace(f" {shown}", f" {port}")
        return text

    def begin(self, text, environment):
        """What runs until the end of the test: a shell, the emulators, and HAProxy."""
        process = subprocess.Popen(["bash", "-c", text], cwd=ROOT, env=environment, start_new_session=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(os.killpg, process.pid, signal.SIGKILL)

    @staticmethod
    def is_ready(port):
        try:
            return ask(("127.0.0.1", port), "GET", "/_emulator/ready").status == 200
        except OSError:
            return False
