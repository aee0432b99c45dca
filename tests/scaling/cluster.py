"""HAProxy in front of several emulators, as processes on free ports."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/process"))

from harness import CLEAN, PATIENCE, Emulator, until  # noqa: E402

# Where Debian has HAProxy; the path of ordinary users does not lead there.
os.environ["PATH"] += os.pathsep + "/usr/sbin"
subprocess.run([ROOT / "scripts/need", "haproxy:haproxy"], check=True, stdin=subprocess.DEVNULL)

CONFIGURATION = ROOT / "deploy/haproxy.cfg"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"{self.status} {self.body[:200]!r}"

    def json(self):
        assert self.status == 200, self
        return json.loads(self.body)


def ask(address, method, target, headers=(), body=b""):
    """One request over a connection of its own, with these headers alone."""
    connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        headers = dict(headers)
        if not any(name.lower() == "host" for name in headers):
            headers["Host"] = "%s:%s" % address
        for name, value in headers.items():
            connection.putheader(name, value)
        if body or method != "GET":
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


class Balancer:
    """HAProxy with a configuration, on a port that this process chose: HAProxy is given the socket."""

    def __init__(self, replicas, text=None, tls=None):
        self.folder = tempfile.mkdtemp(prefix="sas-emulator-scaling-")
        file = pathlib.Path(self.folder, "haproxy.cfg")
        file.write_text(CONFIGURATION.read_text() if text is None else text)
        self.log = pathlib.Path(self.folder, "log")
        variables = {f"REPLICA_{number}": address for number, address in enumerate(replicas, 1)}
        with contextlib.ExitStack() as stack:
            listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2 if tls else 1)]
            self.address, self.tls_address = listeners[0].getsockname(), listeners[-1].getsockname()
            variables["BALANCER_LISTEN"] = f"fd@{listeners[0].fileno()}"
            if tls:
                variables |= {"BALANCER_TLS_LISTEN": f"fd@{listeners[1].fileno()}", "BALANCER_TLS_PEM": str(tls)}
            log = stack.enter_context(self.log.open("wb"))
            self.process = subprocess.Popen(
                ["haproxy", "-db", "-f", file], env=CLEAN | variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=[listener.fileno() for listener in listeners],
            )
        try:
            until(self.is_ready)
        except BaseException:
            self.close()
            raise

    @property
    def endpoint(self):
        return "http://%s:%s" % self.address

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(self.log.read_text())
        try:
            return self.control("GET", "ready").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def call(self, kind, account, action, **params):
        return ask(self.address, *kind("%s:%s" % self.address, account, action, params))

    def control(self, method, path, body=None, **headers):
        text = b"" if body is None else json.dumps(body).encode()
        return ask(self.address, method, f"/_emulator/{path}", {"Content-Type": "application/json"} | headers, text)

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def authority(emulator):
    return "%s:%s" % emulator.address


@contextlib.contextmanager
def cluster(number, *arguments, text=None, tls=None):
    """So many emulators, and HAProxy before them."""
    with contextlib.ExitStack() as stack:
        replicas = [stack.enter_context(Emulator(*arguments)) for _ in range(number)]
        balancer = stack.enter_context(Balancer([authority(replica) for replica in replicas], text, tls))
        yield balancer, replicas
