"""A server for tests/bench: answers each POST with the content of a file, as its flags say."""

import argparse
import http.server
import os
import pathlib
import subprocess
import sys

flags = argparse.ArgumentParser()
flags.add_argument("port", type=int)
flags.add_argument("answer", type=pathlib.Path)
for flag in "--close", "--chunked", "--only-own", "--fail", "--lie", "--child":
    flags.add_argument(flag, action="store_true")
flags.add_argument("--pids", type=pathlib.Path)
flags = flags.parse_args()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        if flags.only_own and self.headers["x-own"] is None:
            return self.send_error(400)
        body = b"{}" if flags.lie else flags.answer.read_bytes()
        head = "Transfer-Encoding: chunked" if flags.chunked else f"Content-Length: {len(body)}"
        head += "\r\nConnection: close" if flags.close else ""
        if flags.chunked:
            body = b"1\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (body[:1], len(body) - 1, body[1:])
        self.close_connection = flags.close
        self.wfile.write(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + body)

    def log_message(self, *_):
        pass


if flags.fail:
    sys.exit("failing as told")
pids = [os.getpid()]
if flags.child:
    pids.append(subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]).pid)
if flags.pids:
    with flags.pids.open("a") as file:
        print(*pids, file=file)
http.server.ThreadingHTTPServer(("127.0.0.1", flags.port), Handler).serve_forever()
