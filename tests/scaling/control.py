"""The control API through the load balancer, and the command that asks every emulator."""

import json

from case import ACCOUNTS, Case, homes, shown, start
from harness import closed_port, run
from signing import v1_get


class Control(Case):
    def test_requests_for_an_account_reach_its_emulator(self):
        balancer, replicas = self.cluster()
        for account in ACCOUNTS[:20]:
            start(balancer, account)
        places = homes(replicas)
        for account, home in places.items():
            expect = [{"action": "GenerateOnceTask", "calls": 1}]
            requests = [
                ("GET", f"tasks?account={account}&limit=5", None),
                ("GET", f"tasks?limit=5&account=%{ord(account[0]):02x}{account[1:]}", None),
                ("PUT", f"clock?account={account}", {"action": "advance", "by": "1s"}),
                ("POST", "tasks", {"account": account, "type": "VUL_CHECK_TASK"}),
                ("POST", "verify", {"account": account, "expect": expect}),
                ("POST", "faults", {"id": account, "match": {"account": account}, "effect": {"error": "ServerError"}}),
                ("GET", f"faults?account={account}", None),
                ("GET", f"requests/count?account={account}", None),
                ("GET", f"await?account={account}&count=1", None),
                ("POST", f"reset?account={account}", None),
                ("DELETE", f"accounts/{account}", None),
            ]
            for method, path, body in requests:
                answer = balancer.control(method, path, body)
                self.assertIn(answer.status, (200, 201), f"{method} {path}: {answer}")
                self.assertEqual(answer.headers["x-replica"], f"replica-{home}", f"{method} {path}")
            self.assertIsNone(shown(balancer, account))

    def test_what_may_mean_all_emulators_is_refused(self):
        balancer, replicas = self.cluster()
        start(balancer, "me")
        for method, path, body in [
            ("POST", "reset", None), ("GET", "clock", None), ("PUT", "clock", {"action": "advance", "by": "1h"}),
            ("PUT", "scenario", {"name": "default"}), ("GET", "state", None), ("POST", "state", None),
            ("POST", "faults", [{"effect": {"error": "ServerError"}}]), ("DELETE", "faults", None), ("GET", "verdict", None),
            ("GET", "requests", None), ("GET", "info", None), ("DELETE", "requests", None), ("GET", "ca.pem", None),
            ("POST", "verify", {"expect": []}),
        ]:
            answer = balancer.control(method, path, body)
            self.assertEqual((answer.status, json.loads(answer.body)["error"]), (400, "no_account"), f"{method} {path}")
        self.assertIsNotNone(shown(balancer, "me"))
        for path in ("health", "ready", ""):
            self.assertEqual(balancer.control("GET", path).status, 200, path)

    def test_links_to_reports_find_their_emulator(self):
        """Whether or not the emulators have the same keys for links."""
        for seed in ([], ["--seed", 7]):
            balancer, replicas = self.cluster(3, *seed)
            for account in ACCOUNTS[:6]:
                made = balancer.call(v1_get, account, "ExportVul", Type="cve").json()["Id"]
                balancer.control("PUT", f"clock?account={account}", {"action": "advance", "by": "1h"}).json()
                told = balancer.call(v1_get, account, "DescribeVulExportInfo", ExportId=str(made)).json()
                address, _, path = told["Link"].removeprefix("http://").partition("/_emulator/")
                self.assertEqual(address, "%s:%s" % balancer.address)
                report = balancer.control("GET", path)
                self.assertEqual((report.status, report.headers["Content-Type"]), (200, "application/zip"), report)
            self.assertIn(balancer.control("GET", "exports/none?key=x").status, (403, 404))

    def test_uploads_reach_the_emulator_of_their_account(self):
        balancer, _ = self.cluster(3)
        for account in ACCOUNTS[:6]:
            asked = {"Type": "0", "HashKeyList.1": "0" * 32}
            entry = balancer.call(v1_get, account, "CreateFileDetectUploadUrl", **asked).json()["UploadUrlList"][0]
            _, _, path = entry["PublicUrl"].removeprefix("http://").partition("/_emulator/")
            # Each emulator has keys of its own for links; this one knows the key, and misses the form.
            answer = balancer.control("POST", path, {})
            self.assertEqual(answer.status, 400, answer)
            self.assertIn("MalformedPOSTRequest", str(answer.body))

    def test_the_token_is_passed_on(self):
        balancer, _ = self.cluster(2, "--control-token", "s3cret")
        self.assertEqual(balancer.control("GET", "clock?account=me").status, 401)
        self.assertEqual(balancer.control("GET", "clock?account=me", Authorization="Bearer s3cret").status, 200)


class Commands(Case):
    """`sas-emulator` with several endpoints."""

    def setUp(self):
        self.balancer, self.replicas = self.cluster(3, "--control-token", "s3cret")
        self.endpoints = [replica.endpoint for replica in self.replicas]

    def run_all(self, *arguments, endpoints=None, env=None):
        flags = [word for endpoint in endpoints or self.endpoints for word in ("--endpoint", endpoint)]
        return run(*arguments, *flags, env={"SAS_EMULATOR_CONTROL_TOKEN": "s3cret"} | (env or {}))

    def clocks(self):
        ended = self.run_all("control", "GET", "clock")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return [json.loads(line.split(" ", 2)[2]) for line in ended.stdout.splitlines()]

    def test_a_request_reaches_every_emulator(self):
        ended = self.run_all("control", "PUT", "clock", '{"action":"set","to":"2100-01-01T00:00:00Z"}')
        self.assertEqual(ended.returncode, 0, ended.stderr)
        lines = [line.split(" ", 2)[:2] for line in ended.stdout.splitlines()]
        self.assertEqual(lines, [[endpoint, "200"] for endpoint in self.endpoints])
        self.assertEqual({clock["now"] for clock in self.clocks()}, {"2100-01-01T00:00:00Z"})
        start(self.balancer, "me")
        ended = self.run_all("control", "POST", "reset")
        self.assertEqual((ended.returncode, ended.stdout.count("\n")), (0, 3), ended.stderr)
        self.assertIsNone(shown(self.balancer, "me"))
        self.assertNotIn("2100-01-01T00:00:00Z", {clock["now"] for clock in self.clocks()})

    def test_a_scenario_from_a_file_by_a_variable_with_all_endpoints(self):
        file = self.folder / "other.yaml"
        file.write_text("version: 1\nname: other\n")
        env = {"SAS_EMULATOR_CONTROL_TOKEN": "s3cret", "SAS_EMULATOR_ENDPOINT": ",".join(self.endpoints)}
        ended = run("control", "PUT", "scenario", f"@{file}", env=env)
        self.assertEqual((ended.returncode, ended.stdout.count(' 200 {"name":"other"')), (0, 3), ended.stderr)
        for command in ("wait", "healthcheck"):
            self.assertEqual(run(command, env=env).returncode, 0)

    def test_nothing_is_sent_if_one_cannot_be_reached(self):
        gone = closed_port()
        before = self.clocks()
        ended = self.run_all("control", "PUT", "clock", '{"action":"advance","by":"1h"}', endpoints=[*self.endpoints, gone])
        self.assertEqual((ended.returncode, ended.stdout), (1, ""))
        self.assertRegex(ended.stderr, f"^error: nothing was sent: 1 of 4 emulators failed: cannot reach {gone} ")
        self.assertEqual(self.clocks(), before)
        # What only reads is answered by those that can.
        ended = self.run_all("control", "GET", "clock", endpoints=[*self.endpoints, gone])
        self.assertEqual((ended.returncode, ended.stdout.count("\n")), (1, 3))
        for command in (["wait", "--timeout", "0.1"], ["healthcheck"]):
            ended = self.run_all(*command, endpoints=[*self.endpoints, gone])
            self.assertEqual(ended.returncode, 1)
            self.assertIn(f"1 of 4 emulators failed: cannot reach {gone} ", ended.stderr)

    def test_refusals_fail_it_and_say_whose(self):
        start(self.balancer, "me")
        [home] = set(homes_of(self.replicas).values())
        ended = self.run_all("control", "DELETE", "faults/none")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("3 of 3 emulators failed: ", ended.stderr)
        self.assertEqual(ended.stdout.count(" 404 {"), 3)
        request = json.loads(run("control", "GET", "requests", "--endpoint", self.endpoints[home - 1],
                                 "--control-token", "s3cret").stdout)["requests"][0]["request_id"]
        ended = self.run_all("control", "GET", f"requests/{request}")
        self.assertEqual((ended.returncode, ended.stdout.count(" 200 {"), ended.stdout.count(" 404 {")), (1, 1, 2))
        self.assertRegex(ended.stderr, "^error: 2 of 3 emulators failed: .* answers 404 Not Found; ")

    def test_one_emulator_answers_as_the_api_does(self):
        ended = run("control", "get", "/_emulator/clock", "--endpoint", self.endpoints[0], "--control-token", "s3cret")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("now", json.loads(ended.stdout))
        ended = run("control", "GET", "clock", "--endpoint", self.endpoints[0], "--control-token", "wrong")
        self.assertEqual(ended.returncode, 1)
        self.assertNotIn("wrong", ended.stdout + ended.stderr)

    def test_wrong_usage(self):
        for arguments in (["FETCH", "clock"], ["GET", "a b"], ["PUT", "scenario", "@/none"],
                          ["GET", "clock", "--endpoint", "https://127.0.0.1:1"]):
            ended = run("control", *arguments)
            self.assertEqual((ended.returncode, ended.stdout), (2, ""), ended.stderr)


def homes_of(replicas):
    """As `homes`, with the token."""
    found = {}
    for number, replica in enumerate(replicas, 1):
        ended = run("control", "GET", "requests", "--endpoint", replica.endpoint, "--control-token", "s3cret")
        found |= {call["account"]: number for call in json.loads(ended.stdout)["requests"]}
    return found
