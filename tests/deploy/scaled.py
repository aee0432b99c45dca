"""Checks the deployment files for several emulators, and runs emulators and HAProxy as they say. Called by deploy.py."""

import contextlib
import copy
import json
import os
import subprocess
import sys
import tempfile
import unittest

import kubernetes_validate
from files import (
    BINARY, CLEAN, INIT, PATIENCE, PORT, ROOT, ComposeChecks, Emulator, compose_environment, judged, kubernetes_environment, program,
    read, written,
)

os.environ["EMULATOR_BIN"] = BINARY
sys.path.insert(0, str(ROOT / "tests/scaling"))

from cluster import Balancer  # noqa: E402


@contextlib.contextmanager
def running(replicas, files):
    """Emulators with these environments, and HAProxy before them."""
    with contextlib.ExitStack() as stack:
        emulators = [stack.enter_context(Emulator(environment, files)) for environment in replicas]
        addresses = [emulator.endpoint.removeprefix("http://") for emulator in emulators]
        yield stack.enter_context(Balancer(addresses)), emulators


def calls(balancer, command):
    return program(*command, environment={"SAS_EMULATOR_ENDPOINT": balancer.endpoint})


class ScaledCompose(ComposeChecks, unittest.TestCase):
    file = ROOT / "deploy/compose-scaled.yaml"
    [document] = read(file.read_text())
    services = document["services"]
    replicas = {name: service for name, service in services.items() if name.startswith("replica-")}

    def test_the_schema_can_tell(self):
        wrong = copy.deepcopy(self.document)
        wrong["services"]["sas-emulator"]["depends_on"]["replica-2"]["condition"] = ["healthy"]
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(judged("compose-spec", written(wrong, folder)).returncode, 1)

    def test_names_meet(self):
        balancer, client = self.services["sas-emulator"], self.services["client"]
        self.assertEqual(balancer["environment"], {
            "BALANCER_LISTEN": f":{PORT}", **{f"REPLICA_{name[-1]}": f"{name}:{PORT}" for name in self.replicas},
        })
        self.assertEqual(balancer["depends_on"], dict.fromkeys(self.replicas, {"condition": "service_healthy"}))
        self.assertEqual(client["depends_on"], {"sas-emulator": {"condition": "service_healthy"}})
        self.assertEqual(client["environment"], {"SAS_EMULATOR_ENDPOINT": f"http://sas-emulator:{PORT}"})
        self.assertEqual(balancer["ports"], [f"127.0.0.1:{PORT}:{PORT}"])
        for service, mounted in [(balancer, "haproxy.cfg"), *((replica, "init") for replica in self.replicas.values())]:
            [mount] = service["volumes"]
            source, target, mode = mount.split(":")
            self.assertTrue((self.file.parent / source).exists())
            self.assertEqual((source, mode), (f"./{mounted}", "ro"))
            self.assertEqual(target, INIT if mounted == "init" else f"/usr/local/etc/haproxy/{mounted}")
        for service in self.services.values():
            if "build" in service:
                self.assertTrue((self.file.parent / service["build"] / "Dockerfile").exists())

    def test_health_checks_and_client_are_answered(self):
        files = {file.name: file.read_text() for file in (ROOT / "deploy/init").iterdir()}
        environments = [compose_environment(replica) for replica in self.replicas.values()]
        with running(environments, files) as (balancer, emulators):
            for emulator, replica in zip(emulators, self.replicas.values()):
                self.assertEqual(emulator.warnings(), [])
                kind, path, *check = replica["healthcheck"]["test"]
                self.assertEqual((kind, path), ("CMD", "/sas-emulator"))
                asked = program(*check, environment={"SAS_EMULATOR_ENDPOINT": emulator.endpoint})
                self.assertEqual(asked.returncode, 0, asked.stderr)
            kind, *check = self.services["sas-emulator"]["healthcheck"]["test"]
            self.assertEqual(kind, "CMD")
            check = [word.replace(f"/{PORT};", f"/{balancer.address[1]};") for word in check]
            self.assertEqual(subprocess.run(check, env=CLEAN, timeout=PATIENCE).returncode, 0)
            called = calls(balancer, self.services["client"]["command"])
            self.assertEqual(called.returncode, 0, called.stderr)
            self.assertIn('"Status":"SUCCESS"', called.stdout.splitlines()[-1])
        # The client waits with its checks until nothing listens there.
        self.assertNotEqual(subprocess.run(check, env=CLEAN, timeout=PATIENCE, stderr=subprocess.DEVNULL).returncode, 0)


class ScaledKubernetes(unittest.TestCase):
    documents = read((ROOT / "deploy/kubernetes-scaled.yaml").read_text())
    named = {(document["kind"], document["metadata"]["name"]): document for document in documents}
    replicas, balancer = named["StatefulSet", "sas-emulator"]["spec"], named["Deployment", "sas-balancer"]["spec"]
    [emulator] = replicas["template"]["spec"]["containers"]
    [haproxy] = balancer["template"]["spec"]["containers"]

    def test_schemas(self):
        self.assertEqual(sorted(self.named), [
            ("ConfigMap", "sas-emulator-init"), ("Deployment", "sas-balancer"), ("Service", "sas-emulator"),
            ("Service", "sas-emulator-replicas"), ("StatefulSet", "sas-emulator"),
        ])
        for document in self.documents:
            kubernetes_validate.validate(document, "1.37", strict=True)

    def test_the_schemas_can_tell(self):
        wrong = copy.deepcopy(self.named["StatefulSet", "sas-emulator"])
        wrong["spec"]["volumeClaimTemplate"] = []
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(wrong, "1.37", strict=True)

    def test_names_meet(self):
        headless, service = self.named["Service", "sas-emulator-replicas"], self.named["Service", "sas-emulator"]
        self.assertEqual((headless["spec"]["clusterIP"], self.replicas["serviceName"]), ("None", "sas-emulator-replicas"))
        for spec, reached_by, container in [
            (self.replicas, headless, self.emulator), (self.balancer, service, self.haproxy),
        ]:
            labels = spec["template"]["metadata"]["labels"]
            self.assertEqual(spec["selector"]["matchLabels"], labels)
            self.assertEqual(reached_by["spec"]["selector"], labels)
            [port], [exposed] = container["ports"], reached_by["spec"]["ports"]
            self.assertEqual((port["containerPort"], exposed["port"], exposed["targetPort"]), (PORT, PORT, port["name"]))
            volumes = {volume["name"] for volume in spec["template"]["spec"]["volumes"]}
            volumes |= {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", [])}
            self.assertEqual({mount["name"] for mount in container["volumeMounts"]}, volumes)
        environment = kubernetes_environment(self.haproxy, NAMESPACE="tests")
        pods = [f"sas-emulator-{number}" for number in range(self.replicas["replicas"])]
        self.assertEqual(environment, {"BALANCER_LISTEN": f":{PORT}", **{
            f"REPLICA_{number}": f"{pod}.sas-emulator-replicas.tests.svc.cluster.local:{PORT}"
            for number, pod in enumerate(pods, 1)
        }})
        self.assertEqual(self.emulator["image"].partition(":")[2], program("--version").stdout.split()[1])
        [compose] = read((ROOT / "deploy/compose-scaled.yaml").read_text())
        self.assertEqual(self.haproxy["image"], compose["services"]["sas-emulator"]["image"])

    def test_the_restricted_pod_security_standard(self):
        for spec, container in [(self.replicas, self.emulator), (self.balancer, self.haproxy)]:
            pod = spec["template"]["spec"]
            self.assertIs(pod["securityContext"]["runAsNonRoot"], True)
            self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
            self.assertFalse(pod["automountServiceAccountToken"])
            self.assertEqual(
                container["securityContext"],
                {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
            )

    def test_it_runs_as_the_manifests_say(self):
        files = self.named["ConfigMap", "sas-emulator-init"]["data"]
        with tempfile.TemporaryDirectory() as folder:
            environments = []
            for number in range(self.replicas["replicas"]):
                environment = kubernetes_environment(self.emulator, NAMESPACE="tests", POD=f"sas-emulator-{number}")
                file = environment["SAS_EMULATOR_STATE_FILE"]
                self.assertTrue(file.startswith("/var/lib/sas-emulator/"))
                environments.append(environment | {"SAS_EMULATOR_STATE_FILE": f"{folder}/{number}.json"})
            with running(environments, files) as (balancer, emulators):
                for number, emulator in enumerate(emulators):
                    self.assertEqual(emulator.warnings(), [])
                    pod = f"sas-emulator-{number}.sas-emulator-replicas"
                    for name in (pod, "sas-emulator", "sas-emulator.tests.svc.cluster.local"):
                        self.assertEqual(emulator.get("/_emulator/info", Host=f"{name}:{PORT}")[0], 200, name)
                for probe, path in (("startupProbe", "ready"), ("readinessProbe", "health")):
                    self.assertEqual(self.haproxy[probe]["httpGet"]["path"], f"/_emulator/{path}")
                    self.assertEqual(balancer.control("GET", path, Host="10.244.0.7:7270").status, 200)
                clock = balancer.control("GET", "clock?account=me", Host="sas-emulator.tests.svc:7270")
                self.assertEqual((clock.status, json.loads(clock.body)["account"]), (200, "me"))
                called = calls(balancer, ["call", "GetLastOnceTaskInfo", "TaskType=ASSETS_COLLECTION",
                                          "TaskName=ASSETS_COLLECTION"])
                self.assertEqual(called.returncode, 0, called.stderr)
