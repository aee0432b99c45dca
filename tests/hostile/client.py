"""What the attacks do to an emulator: calls, signed calls, the control API, and connections in any number."""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import resource
import socket
import struct
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "process"))

from harness import BINARY, CLEAN, Emulator, run, until  # noqa: E402, F401

# The promise for health and control, whatever other clients do.
PROMPT = 1.0

# How long an attack waits for an answer before it counts as none.
PATIENCE = 5.0

# How many times the promised memory this program may take: a debug build is larger in memory, too.
ROOMY = 1

GET = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"


def raise_file_limit():
    """As many open files as the machine allows; returns how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def resident(emulator):
    """The memory that the process has in RAM, in MB of a million bytes."""
    status = pathlib.Path(f"/proc/{emulator.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024 / 1e6


def memory(report, emulator, limit, name="memory", used=None):
    """Checks that the process takes no more than so many MB."""
    used = resident(emulator) if used is None else used
    report.figure(name, f"{used:.0f} MB", used <= limit * ROOMY)


def sockets(emulator):
    """How many sockets the process has open. A client that does not read cannot see that its connection was cut: the end
    waits behind what it has not read."""
    count = 0
    for file in pathlib.Path(f"/proc/{emulator.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            count += os.readlink(file).startswith("socket:")
    return count


def has_flag(flag):
    """Whether this emulator has a flag: those of later versions are left out with earlier ones."""
    return f" {flag} " in f"{run('--help').stdout} "


def flags(*pairs):
    """The flags of these that the emulator has, each with its value."""
    return [word for pair in pairs if has_flag(pair[0]) for word in pair]


def unsigned(action, account="test", **params):
    """The target of an unsigned call (--signature ignore)."""
    common = {"Action": action, "Version": "2018-12-03", "Format": "JSON", "AccessKeyId": account}
    return "/?" + urllib.parse.urlencode(common | params)


LATEST = unsigned("GetLastOnceTaskInfo", TaskType="IMAGE_SCAN", TaskName="IMAGE_SCAN")


def signed(action, account="test", secret="test", **params):
    """The target of a call with a signature of V1."""
    def encode(text):
        return urllib.parse.quote(text, safe="-_.~")

    params |= {
        "Action": action, "Version": "2018-12-03", "Format": "JSON", "AccessKeyId": account,
        "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureNonce": os.urandom(8).hex(),
        "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    canonical = "&".join(f"{encode(name)}={encode(value)}" for name, value in sorted(params.items()))
    digest = hmac.new(f"{secret}&".encode(), f"GET&%2F&{encode(canonical)}".encode(), hashlib.sha1).digest()
    return f"/?{canonical}&Signature={encode(base64.b64encode(digest).decode())}"


class Answer:
    """Status, body and the seconds that it took; status 0 if there was none."""

    def __init__(self, status, headers, body, seconds):
        self.status, self.headers, self.body, self.seconds = status, headers, body, seconds

    def __repr__(self):
        return f"{self.status or 'no answer'} after {self.seconds:.2f} s"

    def json(self):
        return json.loads(self.body)


def ask(emulator, method, target, body=None, headers=(), patience=PATIENCE):
    """One request on a connection of its own."""
    begin = time.monotonic()
    connection = http.client.HTTPConnection(*emulator.address, timeout=patience)
    try:
        connection.request(method, target, body, dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read(), time.monotonic() - begin)
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, {}, repr(error).encode(), time.monotonic() - begin)
    finally:
        connection.close()


def call(emulator, target=LATEST, patience=PATIENCE):
    return ask(emulator, "GET", target, patience=patience)


def control(emulator, method, path, body=None, patience=PATIENCE):
    headers = {"Content-Type": "application/json"} if body is not None else {}
    body = json.dumps(body) if isinstance(body, (dict, list)) else body
    return ask(emulator, method, f"/_emulator/{path}", body, headers, patience)


def unless_200(answer):
    return "" if answer.status == 200 else f" ({answer.status} {answer.body[:150]!r})"


def prompt(report, emulator, *, calls=(), faults=True):
    """Checks that health and control answer at once, and that these calls are served."""
    health = control(emulator, "GET", "health")
    report.figure("health", health.seconds, health.status == 200 and health.seconds <= PROMPT, unless_200(health))
    if faults:
        disarmed = control(emulator, "DELETE", "faults")
        report.figure("control", disarmed.seconds, disarmed.status in (200, 204) and disarmed.seconds <= PROMPT,
                      unless_200(disarmed))
    for target in calls:
        answer = call(emulator, target)
        report.figure("call", answer.seconds, answer.status == 200 and answer.seconds <= PROMPT, unless_200(answer))


class Many:
    """Many connections, opened as fast as they are accepted, for the time of a `with`."""

    def __init__(self, emulator, count, said=b""):
        self.sockets, self.failed = [], 0
        for _ in range(count):
            try:
                one = socket.create_connection(emulator.address, timeout=1)
                one.sendall(said)
                one.setblocking(False)
                self.sockets.append(one)
            except OSError:
                self.failed += 1
                # The backlog is full: more would only wait for the same.
                if self.failed > 20:
                    break

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.sockets:
            one.close()


def reset_when_closed(connection):
    """Closing sends a reset, as when a process dies."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return connection


class Pipe:
    """Calls over one connection, many at once, so that the emulator and not Python is the bottleneck."""

    def __init__(self, emulator):
        self.socket = socket.create_connection(emulator.address, timeout=PATIENCE)
        self.left = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, targets):
        """The statuses of the answers. Raises an OSError if there is no answer in time."""
        self.socket.sendall(b"".join(GET % target.encode() for target in targets))
        return [self.answer() for _ in targets]

    def answer(self):
        while (end := self.left.find(b"\r\n\r\n")) < 0:
            self.more()
        head = self.left[:end].lower()
        at = head.index(b"content-length: ") + len(b"content-length: ")
        whole = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
        while len(self.left) < whole:
            self.more()
        status, self.left = int(self.left[9:12]), self.left[whole:]
        return status

    def more(self):
        read = self.socket.recv(1 << 16)
        if not read:
            raise ConnectionResetError("the connection ended")
        self.left += read

    def rate(self, seconds, target=LATEST, batch=100):
        """Calls a second."""
        begin, count = time.monotonic(), 0
        while time.monotonic() < begin + seconds:
            count += len(self.ask([target] * batch))
        return count / (time.monotonic() - begin)


class Watcher:
    """Calls all the time, and knows the slowest."""

    def __init__(self, emulator, target):
        self.emulator, self.target = emulator, target
        self.slowest, self.count, self.failed = 0.0, 0, 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while not self.over.is_set():
            try:
                with Pipe(self.emulator) as pipe:
                    while not self.over.is_set():
                        begin = time.monotonic()
                        status = pipe.ask([self.target])[0]
                        self.slowest = max(self.slowest, time.monotonic() - begin)
                        self.count += 1
                        self.failed += status != 200
            except OSError:
                self.failed += 1
                self.slowest = max(self.slowest, PATIENCE)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(PATIENCE + 1)


def stop(report, emulator, number, *, state=None, name="stop", limit=2.0):
    """Checks that a signal ends it in time with exit code 0 and, if there is a state file, that it was saved."""
    if state is not None and state.exists():
        state.unlink()
    begin = time.monotonic()
    emulator.signal(number)
    try:
        code = emulator.process.wait(timeout=PATIENCE)
    except Exception:
        code = None
    took = time.monotonic() - begin
    report.figure(name, took, code == 0 and took <= limit, "" if code == 0 else f" (exit code {code})")
    if state is not None:
        report.check(state.exists() and json.loads(state.read_bytes())["format"] == "sas-emulator-state",
                     f"{name}: the state is not saved")
