"""Item 6: refusals arrive, and come before what need not be read."""

import http.client
import shutil
import socket
import subprocess

from client import PATIENCE, Answer, Emulator, ask, control
from report import attack

TIMES = 20

NODE = """
const http = require("http");
const [port, times] = process.argv.slice(1).map(Number);
let seen = 0, left = times;
const next = () => {
  if (!left--) return console.log(seen);
  let over = false;
  const once = () => { if (!over) { over = true; setImmediate(next); } };
  const request = http.request({ port, host: "127.0.0.1", method: "POST", path: "/", agent: false }, (answer) => {
    if (answer.statusCode === 413) seen++;
    answer.resume().on("end", once).on("error", once);
  });
  request.on("error", once);
  request.end(Buffer.alloc(2 << 20));
};
next();
"""


def raw(one, said, patience=PATIENCE):
    """What is answered to these bytes, all of which are sent first; status 0 if nothing is."""
    try:
        with socket.create_connection(one.address, timeout=patience) as connection:
            connection.sendall(said)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return Answer(answer.status, answer.headers, answer.read(), 0)
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, {}, repr(error).encode(), 0)


def seen(report, name, statuses, wanted):
    got = sum(status == wanted for status in statuses)
    report.figure(name, f"{got} of {len(statuses)} see {wanted}", got == len(statuses))


@attack(6)
def too_large(report):
    """A body beyond the limit is refused with 413 at once, and every client sees that: http.client, a raw one, Node."""
    with Emulator("--log", "off") as one:
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
        waited = ask(one, "POST", "/", None, {"Content-Length": str(2**31)}, 3)
        report.figure("declared only", waited.seconds, waited.status == 413 and waited.seconds < 1, f" ({waited.status})")
        body = bytes(2 << 20)
        seen(report, "http.client", [ask(one, "POST", "/", body).status for _ in range(TIMES)], 413)
        seen(report, "raw", [raw(one, head % len(body) + body).status for _ in range(TIMES)], 413)
        control_head = (b"PUT /_emulator/faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        b"Content-Length: %d\r\n\r\n")
        seen(report, "raw, control", [raw(one, control_head % len(body) + body).status for _ in range(TIMES)], 413)
        if shutil.which("node"):
            ended = subprocess.run(["node", "-e", NODE, str(one.address[1]), str(TIMES)], capture_output=True, text=True,
                                   timeout=60, stdin=subprocess.DEVNULL)
            got = int(ended.stdout or 0)
            report.figure("node", f"{got} of {TIMES} see 413", got == TIMES, ended.stderr[:200])
        else:
            report.figure("node", "is not there")


@attack(6)
def foreign_host_first(report):
    """A foreign host is refused with 403 before its body comes, and every client sees that."""
    headers = {"Host": "evil.example", "Content-Type": "application/json"}
    with Emulator("--log", "off") as one:
        waited = ask(one, "PUT", "/_emulator/scenario", None, headers | {"Content-Length": "1000"}, 3)
        report.figure("declared only", waited.seconds, waited.status == 403 and waited.seconds < 1, f" ({waited.status})")
        body = bytes(2 << 20)
        statuses = [ask(one, "PUT", "/_emulator/scenario", body, headers).status for _ in range(TIMES)]
        seen(report, "http.client", statuses, 403)


@attack(6)
def hosts(report):
    """No Host and two of them are 400; a target in absolute form decides which host is meant; `bearer` in any case."""
    with Emulator("--log", "off", "--control-token", "t0ken") as one:
        port = one.address[1]
        for name, head, wanted in [
            ("no Host, call", "GET /?Action=GetAuthSummary HTTP/1.1\r\n\r\n", 400),
            ("no Host, probe", "GET /_emulator/health HTTP/1.1\r\n\r\n", 400),
            ("two Hosts", "GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
            ("two Hosts, call", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400),
            ("own target, foreign Host", f"GET http://localhost:{port}/_emulator/info HTTP/1.1\r\nHost: evil.example\r\n"
             "Authorization: Bearer t0ken\r\n\r\n", 200),
            ("foreign target, own Host", "GET http://evil.example/_emulator/info HTTP/1.1\r\nHost: localhost\r\n"
             "Authorization: Bearer t0ken\r\n\r\n", 403),
            ("bearer", "GET /_emulator/info HTTP/1.1\r\nHost: localhost\r\nAuthorization: bearer t0ken\r\n\r\n", 200),
            ("BEARER", "GET /_emulator/info HTTP/1.1\r\nHost: localhost\r\nAuthorization: BEARER t0ken\r\n\r\n", 200),
            ("wrong token", "GET /_emulator/info HTTP/1.1\r\nHost: localhost\r\nAuthorization: bearer token\r\n\r\n", 401),
        ]:
            status = raw(one, head.encode(), 2).status
            report.figure(name, status, status == wanted, f" (expected {wanted})" if status != wanted else "")
        report.check(control(one, "GET", "health").status == 200, "no health afterwards")
