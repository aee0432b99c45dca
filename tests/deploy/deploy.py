"""Checks that the deployment files are well formed, and that the program does what they say. Called by tests/deploy/run."""

import copy
import json
import pathlib
import re
import shlex
import subprocess
import tempfile
import time
import unittest

import kubernetes_validate
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from files import (
    INIT, PATIENCE, PORT, ROOT, ComposeChecks, Emulator, compose_environment, fenced, judged, kubernetes_environment, program, read,
    written,
)
from scaled import ScaledCompose, ScaledKubernetes  # noqa: F401



def first_line(log):
    """The first line of a log, once it is there: lines gather for some milliseconds before they are written."""
    deadline = time.monotonic() + 20
    while "\n" not in (text := log.read_text()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return text.partition("\n")[0]


class Image(unittest.TestCase):
    """The Dockerfile, as far as other files repeat it."""

    text = (ROOT / "Dockerfile").read_text()

    def test_what_others_rely_on(self):
        self.assertIn(f"EXPOSE {PORT}\n", self.text)
        self.assertIn(f"SAS_EMULATOR_INIT_DIR={INIT}\n", self.text)
        self.assertIn('CMD ["/sas-emulator", "healthcheck"]\n', self.text)

    def test_the_version_is_the_packages(self):
        [version] = re.findall(r"^ARG VERSION=(.*)$", self.text, re.M)
        self.assertEqual(program("--version").stdout, f"sas-emulator {version}\n")


class Compose(ComposeChecks, unittest.TestCase):
    file = ROOT / "compose.yaml"
    [document] = read(file.read_text())
    services = document["services"]

    def test_the_schema_can_tell(self):
        wrong = copy.deepcopy(self.document)
        wrong["services"]["client"]["depends_on"]["sas-emulator"]["condition"] = ["healthy"]
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(judged("compose-spec", written(wrong, folder)).returncode, 1)

    def test_the_client_waits_for_the_health_check_and_is_answered(self):
        emulator, client = self.services["sas-emulator"], self.services["client"]
        self.assertEqual(client["depends_on"], {"sas-emulator": {"condition": "service_healthy"}})
        self.assertEqual(emulator["ports"], [f"127.0.0.1:{PORT}:{PORT}"])
        [mount] = emulator["volumes"]
        source, target, mode = mount.split(":")
        self.assertEqual((target, mode), (INIT, "ro"))
        files = {file.name: file.read_text() for file in (ROOT / source).iterdir()}
        environment = compose_environment(emulator)
        self.assertEqual(set(environment.values()), {""})
        with Emulator(environment, files) as running:
            self.assertEqual(running.warnings(), [])
            kind, path, *check = emulator["healthcheck"]["test"]
            self.assertEqual((kind, path), ("CMD", "/sas-emulator"))
            asked = program(*check, environment={"SAS_EMULATOR_ENDPOINT": running.endpoint})
            self.assertEqual(asked.returncode, 0, asked.stderr)
            [(name, endpoint)] = client["environment"].items()
            self.assertEqual((name, endpoint), ("SAS_EMULATOR_ENDPOINT", f"http://sas-emulator:{PORT}"))
            called = program(*client["command"], environment={name: running.endpoint})
            self.assertEqual(called.returncode, 0, called.stderr)
            self.assertIn('"Status":"SUCCESS"', called.stdout.splitlines()[-1])


class Kubernetes(unittest.TestCase):
    text = (ROOT / "deploy/kubernetes.yaml").read_text()
    documents = read(text)
    by_kind = {document["kind"]: document for document in documents}
    pod = by_kind["Deployment"]["spec"]["template"]
    [container] = pod["spec"]["containers"]

    def test_schemas(self):
        self.assertEqual(sorted(self.by_kind), ["ConfigMap", "Deployment", "Service"])
        for document in self.documents:
            kubernetes_validate.validate(document, "1.37", strict=True)

    def test_the_schemas_can_tell(self):
        wrong = copy.deepcopy(self.by_kind["Deployment"])
        wrong["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(wrong, "1.37", strict=True)

    def test_names_meet(self):
        labels = self.pod["metadata"]["labels"]
        self.assertEqual(self.by_kind["Deployment"]["spec"]["selector"]["matchLabels"], labels)
        self.assertEqual(self.by_kind["Service"]["spec"]["selector"], labels)
        [port] = self.container["ports"]
        self.assertEqual(port["containerPort"], PORT)
        [exposed] = self.by_kind["Service"]["spec"]["ports"]
        self.assertEqual((exposed["port"], exposed["targetPort"]), (PORT, port["name"]))
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            self.assertEqual(self.container[probe]["httpGet"]["port"], port["name"])
        [mount], [volume] = self.container["volumeMounts"], self.pod["spec"]["volumes"]
        self.assertEqual((mount["name"], mount["mountPath"]), (volume["name"], INIT))
        self.assertEqual(volume["configMap"]["name"], self.by_kind["ConfigMap"]["metadata"]["name"])
        self.assertEqual(self.container["image"].partition(":")[2], program("--version").stdout.split()[1])

    def test_the_restricted_pod_security_standard(self):
        self.assertEqual(
            self.pod["spec"]["securityContext"], {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        )
        self.assertEqual(
            self.container["securityContext"],
            {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
        )
        self.assertFalse(self.pod["spec"]["automountServiceAccountToken"])

    def environment(self):
        return kubernetes_environment(self.container, NAMESPACE="tests")

    def test_it_runs_as_the_manifest_says_and_its_probes_are_answered(self):
        with Emulator(self.environment(), self.by_kind["ConfigMap"]["data"]) as running:
            self.assertEqual(running.warnings(), [])
            begun = json.loads(first_line(running.log))
            self.assertEqual(begun["level"], "INFO")
            for probe, path in (("startupProbe", "health"), ("livenessProbe", "health"), ("readinessProbe", "ready")):
                self.assertEqual(self.container[probe]["httpGet"]["path"], f"/_emulator/{path}")
                # The kubelet uses the address of the pod.
                for address in (f"10.244.0.7:{PORT}", f"[fd00:10:244::7]:{PORT}"):
                    status, _ = running.get(f"/_emulator/{path}", Host=address, User_Agent="kube-probe/1.37",
                                            Accept="*/*", Connection="close")
                    self.assertEqual(status, 200, (probe, address))
            status, answer = running.get("/_emulator/requests/count", Host="sas-emulator")
            self.assertEqual((status, json.loads(answer)), (200, {"count": 0}), "probes are no calls")

    def test_the_control_api_answers_to_every_name_of_the_service(self):
        with Emulator(self.environment()) as running:
            names = ["sas-emulator", "sas-emulator.tests", "sas-emulator.tests.svc", "sas-emulator.tests.svc.cluster.local"]
            for name in names:
                self.assertEqual(running.get("/_emulator/info", Host=f"{name}:{PORT}")[0], 200, name)
            self.assertEqual(running.get("/_emulator/info", Host="sas-emulator.other.svc")[0], 403)

    def test_a_wrong_config_map_is_told_of_with_its_place(self):
        with Emulator(files={"10-wrong.yaml": "version: 1\nname: wrong\nsed: 1\n"}) as ended:
            self.assertEqual((ended.process.wait(timeout=PATIENCE), ended.endpoint), (2, ""))
            self.assertRegex(ended.log.read_text(), r"/10-wrong\.yaml:3:1: ")


class Workflows(unittest.TestCase):
    """The examples of docs/containers.md."""

    def test_schemas(self):
        for word in ("github-workflows", "gitlab-ci"):
            with self.subTest(word), tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder, "example.yaml")
                file.write_text(fenced(word))
                said = judged(word, file)
                self.assertEqual(said.returncode, 0, said.stdout)
                file.write_text(fenced(word).replace("services:", "servces:").replace("image:", "imgae:"))
                self.assertNotEqual(judged(word, file).returncode, 0, "the schema rejects a wrong file")

    def test_their_settings_mean_something(self):
        [github], [gitlab] = read(fenced("github-workflows")), read(fenced("gitlab-ci"))
        service = github["jobs"]["test"]["services"]["sas-emulator"]
        self.assertEqual(service["ports"], [f"{PORT}:{PORT}"])
        [other] = gitlab["test"]["services"]
        self.assertEqual(other["variables"]["HEALTHCHECK_TCP_PORT"], str(PORT))
        for environment in (service["env"], other["variables"]):
            with Emulator(environment) as running:
                self.assertEqual(running.warnings(), [])

    def test_the_step_that_loads_a_scenario(self):
        [github] = read(fenced("github-workflows"))
        [line] = [step["run"] for step in github["jobs"]["test"]["steps"] if "_emulator" in step.get("run", "")]
        with Emulator() as running:
            text = line.replace(f"http://127.0.0.1:{PORT}", running.endpoint)
            text = text.replace("tests/scenario.yaml", str(ROOT / "deploy/init/10-quick.yaml"))
            done = subprocess.run(shlex.split(text), capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertEqual(json.loads(done.stdout)["name"], "quick")


class BillOfMaterials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = subprocess.run([ROOT / "scripts/sbom"], check=True, capture_output=True, text=True).stdout
        cls.parts = {(part["name"], part["version"]) for part in json.loads(cls.text)["components"]}

    def test_schema(self):
        validator = JsonStrictValidator(SchemaVersion.V1_5)
        self.assertIsNone(validator.validate_str(self.text))
        self.assertIsNotNone(validator.validate_str(self.text.replace('"bomFormat"', '"format"', 1)), "the schema rejects it")

    def test_all_that_is_linked_is_listed(self):
        tree = ["cargo", "tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"]
        listed = subprocess.run(tree, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        linked = {(name, version.removeprefix("v")) for name, version, *_ in map(str.split, filter(None, listed.splitlines()))}
        linked = {(name, version) for name, version in linked if name != "sas-emulator"}
        self.assertGreater(len(linked), 50)
        self.assertEqual(linked - self.parts, set())

    def test_what_only_tests_need_is_not(self):
        self.assertEqual({name for name, _ in self.parts} & {"insta", "proptest", "divan"}, set())

    def test_it_names_no_folder_of_this_machine(self):
        self.assertNotIn(str(ROOT), self.text)


if __name__ == "__main__":
    unittest.main()
