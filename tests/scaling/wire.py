"""What passes through HAProxy unchanged, and what it changes."""

import base64
import hashlib
import http.client
import json
import pathlib
import re
import socket
import urllib.parse

from case import ACCOUNTS, SCAN, Case, callers, homes, shown, start
from cluster import ROOT, ask, authority
from harness import PATIENCE, Emulator, until
from signing import KINDS, joined, v1, v1_form, v1_get, v3_post

VECTORS = sorted((ROOT / "fixtures/vectors").glob("*.json"))


def spoken(address, request):
    """Sends bytes as they are; the status and the body of the answer."""
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(request)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.read()


def recorded(vector):
    """A recorded request as bytes, on a connection that ends with it."""
    request = vector["request"]
    body = base64.b64decode(request["body_base64"]) if request.get("body_base64") else (request.get("body") or "").encode()
    headers = [(name, value) for name, value in request["headers"] if name.lower() != "connection"]
    names = {name.lower() for name, _ in headers}
    if "transfer-encoding" in names:
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    elif "content-length" not in names and request["method"] != "GET":
        headers.append(("Content-Length", str(len(body))))
    lines = [f"{request['method']} {request['target']} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode() + body


class Wire(Case):
    def test_recorded_requests_get_the_same_answers(self):
        """Of SDKs in four languages. Each pair of emulators has the time and the key of one recording."""
        settings = {}
        for file in VECTORS:
            vector = json.loads(file.read_text())
            credentials = vector["credentials"]
            key = ":".join(filter(None, [credentials.get("access_key_id"), credentials.get("access_key_secret"),
                                         credentials.get("security_token")]))
            text = json.dumps(vector["request"])
            date = re.search(r"20\d\d-\d\d-\d\dT\d\d(?::|%3A)\d\d(?::|%3A)\d\dZ", text)
            when = urllib.parse.unquote(date[0])[:13] if date else None
            settings.setdefault((key, when), []).append(vector)
        answered = []
        for (key, when), vectors in settings.items():
            print(key, when, len(vectors))
