"""An emulator as a process, and what the tests of it share."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

BINARY = os.path.abspath(os.environ.get("EMULATOR_BIN", "target/debug/sas-emulator"))

# Only a bound for what hangs; nothing here waits so long when it passes.
PATIENCE = 20

# Variables of the caller's shell must not decide a test.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("SAS_EMULATOR_")}


def unshared():
    """The command that starts a program as PID 1; any user may create namespaces within a user namespace."""
    own = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *own, "--pid", "--fork", "--kill-child", "--"]


def run(*arguments, env=None):
    """Runs a command that ends by itself."""
    return subprocess.run(
        [BINARY, *map(str, arguments)],
        capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, env=CLEAN | (env or {}),
    )


class Emulator:
    """One that serves on a free port. What it writes is kept in files, so that no pipe can fill up, unless a test gives
    its own `stdout` or `stderr`; the address then comes from an endpoints file."""

    def __init__(self, *arguments, env=None, pid1=False, listen=True, wrapper=(), **streams):
        self.folder = tempfile.mkdtemp(prefix="sas-emulator-process-")
        self.stdout, self.stderr = (pathlib.Path(self.folder, name) for name in ("stdout", "stderr"))
        endpoints = pathlib.Path(self.folder, "endpoints.json")
        command = [*(unshared() if pid1 else []), *wrapper, BINARY, *map(str, arguments)]
        if listen:
            command += ["--listen", "127.0.0.1:0"]
        if streams:
            command += ["--endpoints-file", endpoints]
        with open(self.stdout, "wb") as stdout, open(self.stderr, "wb") as stderr:
            streams = {"stdout": stdout, "stderr": stderr} | streams
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, env=CLEAN | (env or {}), **streams
            )
        # Its own end of a pipe would keep the pipe open.
        for stream in streams.values():
            if hasattr(stream, "close"):
                stream.close()
        try:
            if endpoints in command:
                until(lambda: endpoints.exists() or self.process.poll() is not None)
                self.endpoint = json.loads(endpoints.read_text())["sas"]
            else:
                until(lambda: self.stdout.read_text().endswith("\n") or self.process.poll() is not None)
                self.endpoint = re.fullmatch(r"sas-emulator ready (http://\S+:\d+)\n", self.stdout.read_text())[1]
            self.pid = first_child(self.process.pid) if pid1 else self.process.pid
        except BaseException:
            self.kill()
            print(self.stderr.read_text(), file=sys.stderr)
            raise

    def logged(self):
        """All that it has logged; it stops for that, since lines are written by a thread of their own."""
        self.signal()
        self.ended()
        return self.stderr.read_text()

    def resident(self):
        """Bytes that it has in memory."""
        return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{self.pid}/status").read_text())[1]) << 10

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder)

    @property
    def address(self):
        url = urllib.parse.urlsplit(self.endpoint)
        return url.hostname, url.port

    def connect(self):
        """A bare connection, closed when the test ends it or the process does."""
        return socket.create_connection(self.address, timeout=PATIENCE)

    def get(self, path):
        """One request over a connection of its own; the body of the answer."""
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()

    def control(self, method, path, body=None):
        """What a route of the control API answers."""
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, f"/_emulator/{path}", body and json.dumps(body), headers)
            answer = connection.getresponse()
            body = json.loads(answer.read())
        finally:
            connection.close()
        assert answer.status == 200, body
        return body

    def calls(self, number, account="test"):
        """That many calls over one connection; each must be answered."""
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        for _ in range(number):
            connection.request("GET", f"/?Action=GetLastOnceTaskInfo&AccessKeyId={account}")
            connection.getresponse().read()
        connection.close()

    def generate(self, account="test"):
        """Starts a task, as an SDK would; its id. An account may have ten that run."""
        ended = run("call", "GenerateOnceTask", "TaskType=IMAGE_SCAN", "TaskName=IMAGE_SCAN", "Param={}",
                    "--access-key-id", account, "--endpoint", self.endpoint)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)["TaskId"]

    def has(self, task):
        """Whether there is a task with that id."""
        try:
            return self.control("GET", f"tasks/{task}")["id"] == task
        except AssertionError:
            return False

    def signal(self, number=signal.SIGTERM):
        os.kill(self.pid, number)

    def ended(self):
        """The exit code."""
        return self.process.wait(timeout=PATIENCE)

    def listens(self):
        try:
            self.connect().close()
        except (ConnectionRefusedError, ConnectionResetError):
            # Reset: it was queued when the listener closed.
            return False
        return True


class Running:
    """A command that runs on; what it writes is kept in files."""

    def __init__(self, *arguments, env=None):
        self.folder = tempfile.mkdtemp(prefix="sas-emulator-process-")
        self.stdout, self.stderr = (pathlib.Path(self.folder, name) for name in ("stdout", "stderr"))
        with open(self.stdout, "wb") as stdout, open(self.stderr, "wb") as stderr:
            self.process = subprocess.Popen([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=stdout,
                                            stderr=stderr, env=CLEAN | (env or {}))

    def wait_for(self, text, stream="stdout"):
        file = getattr(self, stream)
        try:
            until(lambda: text in file.read_text() or self.process.poll() is not None)
        except AssertionError as error:
            raise AssertionError(f"{text!r} is not in {self.said()}") from error
        assert text in file.read_text(), self.said()

    def said(self):
        return self.stdout.read_text() + self.stderr.read_text()

    def interrupted(self):
        """The exit code after Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder)


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain")
        time.sleep(0.005)


def first_child(pid):
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    until(lambda: children.read_text().strip())
    return int(children.read_text())


def closed_port():
    """An endpoint at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def begin_call(connection):
    """Sends a request but for its body, and returns once the emulator waits for that: the call is open."""
    connection.sendall(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    )
    said = connection.recv(4096)
    assert said.startswith(b"HTTP/1.1 100 "), said
