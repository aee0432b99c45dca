"""What passes through HAProxy unchanged, and what it changes."""

import base64
import hashlib
import http.client
import json
import pathlib
import re
import socket
import ssl
import subprocess

from case import ACCOUNTS, SCAN, Case, homes, start
from cluster import ROOT, ask, cluster
from harness import PATIENCE, Emulator, until
from signing import FORM, joined, v1, v1_form, v1_get, v3_post

# With a time that stands still, the same calls get the same bytes.
PINNED = "{version: 1, name: pinned, clock: {start: 2026-11-24T02:17:00Z, paused: true}}"
# What each server on the way says of itself.
OF_THE_CONNECTION = {"connection", "date", "keep-alive"}
VECTORS = sorted((ROOT / "fixtures/vectors").glob("*.json"))


def spoken(address, request):
    """Sends bytes as they are; the status and the body of the answer."""
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(request)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in OF_THE_CONNECTION}
        return answer.status, headers, answer.read()


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


def sockets(emulator):
    """How many the process has open."""
    return sum(file.readlink().name.startswith("socket:") for file in pathlib.Path(f"/proc/{emulator.pid}/fd").iterdir()
               if file.is_symlink())


class Wire(Case):
    def test_recorded_requests_get_the_same_answers(self):
        """Of SDKs in four languages: what HAProxy passes on is verified as what they sent."""
        vectors = [json.loads(file.read_text()) for file in VECTORS]
        keys = {":".join(vector["credentials"].values()) for vector in vectors if vector["credentials"]["access_key_id"]}
        scenario = self.folder / "pinned.yaml"
        scenario.write_text(PINNED)
        arguments = ["--scenario", scenario, "--gateway-time", "2026-11-24T02:17:00Z", "--keys", ",".join(sorted(keys))]
        direct = self.enterContext(Emulator(*arguments))
        with cluster(1, *arguments) as (balancer, _):
            answers = [[spoken(address, recorded(vector)) for vector in vectors]
                       for address in (direct.address, balancer.address)]
        for vector, *pair in zip(vectors, *answers):
            self.assertEqual(*pair, vector["name"])
        # A parameter is missing only where the signature was right.
        verified = sum(status == 200 or b"MissingTask" in body for status, _, body in answers[0])
        print(f"{len(vectors)} recorded requests: the same answers, {verified} of them to a right signature")
        self.assertGreater(verified, len(vectors) / 2)
        self.assertFalse([body for _, _, body in answers[1] if b"SignatureDoesNotMatch" in body])

    def test_a_host_with_a_scheme_is_passed_on(self):
        """As the SDK for Python sends and signs it if its endpoint has one."""
        balancer, _ = self.cluster(1)
        method, target, headers, _ = v3_post("http://127.0.0.1:7270", "me", "GetLastOnceTaskInfo", SCAN)
        self.assertEqual(ask(balancer.address, method, target, headers).status, 200)

    def test_the_account_is_found_however_it_is_written(self):
        balancer, replicas = self.cluster()
        for account in ACCOUNTS[:12]:
            start(balancer, account)
            escaped = f"%{ord(account[0]):02X}{account[1:]}"
            method, target, headers, body = v1_get("x", account, "GetLastOnceTaskInfo", SCAN)
            self.assertEqual(ask(balancer.address, method, target.replace(account, escaped), headers).status, 200)
            method, target, headers, body = v1_form("x", account, "GetLastOnceTaskInfo", SCAN)
            body = body.decode().replace(account, escaped).encode()
            self.assertEqual(ask(balancer.address, method, target, headers, body).status, 200)
            # The members of the header in another order, as the legacy SDK for Java sends them, and with spaces.
            method, target, headers, body = v3_post("x", account, "GetLastOnceTaskInfo", SCAN)
            scheme, *members = re.split("[ ,]", headers["Authorization"])
            for text in (f"{scheme} {','.join(reversed(members))}", f"{scheme} {', '.join(members)}"):
                ask(balancer.address, method, target, headers | {"Authorization": text}, body)
            # Parameters in query and form at once: those of the signature are in the query.
            signed = v1("POST", account, "GetLastOnceTaskInfo", SCAN)
            query = joined({name: value for name, value in signed.items() if name not in SCAN})
            answer = ask(balancer.address, "POST", f"/?{query}", {"Content-Type": FORM}, joined(SCAN).encode())
            self.assertIsNotNone(answer.json()["TaskInfo"])
        homes(replicas)

    def test_a_long_form_is_read_to_its_end(self):
        """As long as deploy/haproxy.cfg says, with the AccessKeyId behind everything else."""
        balancer, replicas = self.cluster()
        for account in ACCOUNTS[:9]:
            start(balancer, account)
            signed = v1("POST", account, "GetLastOnceTaskInfo", SCAN | {"Padding": "x" * 90_000})
            del signed["AccessKeyId"]
            body = f"{joined(signed)}&AccessKeyId={account}".encode()
            self.assertEqual(ask(balancer.address, "POST", "/", {"Content-Type": FORM}, body).status, 200)
        homes(replicas)

    def test_a_bearer_token_has_one_emulator(self):
        scenario = self.folder / "bearer.yaml"
        scenario.write_text("{version: 1, name: bearer, clock: {paused: true}, assumptions: {bearer: accept}}")
        with cluster(3, "--scenario", scenario) as (balancer, replicas):
            for number in range(12):
                token = f"token-{number}"
                common = SCAN | {"Action": "GetLastOnceTaskInfo", "Version": "2018-12-03", "SignatureType": "BEARERTOKEN"}
                given = joined(common | {"BearerToken": token})
                answers = [
                    ask(balancer.address, "POST", f"/?{joined(common)}", {"x-acs-bearer-token": token}),
                    ask(balancer.address, "GET", f"/?{given}"),
                    # As the legacy SDK for Go sends it.
                    ask(balancer.address, "POST", "/", {"Content-Type": FORM}, f"{given}&AccessKeyId=".encode()),
                ]
                self.assertEqual([answer.status for answer in answers], [200] * 3)
                account = f"bearer-{hashlib.sha256(token.encode()).hexdigest()[:12]}"
                count = balancer.control("GET", f"requests/count?account={account}").json()["count"]
                self.assertEqual(count, 3)
            homes(replicas)

    def test_clients_may_call_over_tls(self):
        """HAProxy ends TLS; the Host that was signed is passed on."""
        subprocess.run([ROOT / "scripts/need", "openssl:openssl"], check=True, stdin=subprocess.DEVNULL)
        certificate, key, both = (self.folder / name for name in ("certificate.pem", "key.pem", "both.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-out", certificate, "-keyout", key],
                       check=True, capture_output=True, timeout=PATIENCE)
        both.write_bytes(certificate.read_bytes() + key.read_bytes())
        balancer, replicas = self.cluster(tls=both)
        trusting = ssl.create_default_context(cafile=certificate)
        port = balancer.tls_address[1]
        for account in ACCOUNTS[:6]:
            start(balancer, account)
            connection = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=trusting)
            method, target, headers, _ = v3_post(f"localhost:{port}", account, "GetLastOnceTaskInfo", SCAN)
            connection.request(method, target, b"", headers)
            answer = connection.getresponse()
            self.assertEqual((answer.status, b'"Status":"INIT"' in answer.read()), (200, True))
            connection.close()
        homes(replicas)

    def test_what_a_fault_breaks_is_broken_for_the_client(self):
        balancer, replicas = self.cluster()
        for name, effect in {"close": {"connection": "close"}, "reset": {"connection": "reset"}}.items():
            rule = {"match": {"account": name}, "effect": effect}
            self.assertEqual(balancer.control("POST", "faults", rule).status, 200)
            with self.assertRaises((http.client.RemoteDisconnected, ConnectionResetError)):
                balancer.call(v3_post, name, "GetLastOnceTaskInfo", **SCAN)
            # It was sent once: a call that is sent again would have its nonce used up.
            self.assertEqual(balancer.control("GET", f"requests/count?account={name}").json()["count"], 1)
        rule = {"match": {"account": "cut"}, "effect": {"body": {"truncate": 20}}}
        self.assertEqual(balancer.control("POST", "faults", rule).status, 200)
        with self.assertRaises(http.client.IncompleteRead):
            balancer.call(v3_post, "cut", "GetLastOnceTaskInfo", **SCAN)

    def test_clients_that_give_up_free_their_places(self):
        balancer, replicas = self.cluster()
        rule = {"match": {"account": "stuck"}, "effect": {"connection": "hang"}}
        self.assertEqual(balancer.control("POST", "faults", rule).status, 200)
        clients = []
        for _ in range(20):
            clients.append(http.client.HTTPConnection(*balancer.address, timeout=PATIENCE))
            clients[-1].request("GET", v1_get("x", "stuck", "GetLastOnceTaskInfo", SCAN)[1])
        until(lambda: balancer.control("GET", "requests/count?account=stuck").json()["count"] == len(clients))
        self.assertGreaterEqual(max(map(sockets, replicas)), len(clients))
        for client in clients:
            client.close()
        until(lambda: max(map(sockets, replicas)) < len(clients))
