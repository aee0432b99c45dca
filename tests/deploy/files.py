"""What the tests of deployment files share: reading, judging by a schema, and the program as a file starts it."""

import contextlib
import http.client
import os
import pathlib
import re
import subprocess
import tempfile

import ruamel.yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.path.abspath(os.environ.get("EMULATOR_BIN", ROOT / "target/debug/sas-emulator"))
PATIENCE = 20
INIT = "/etc/sas-emulator/init"
PORT = 7270
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("SAS_EMULATOR_")}


def read(text):
    return list(ruamel.yaml.YAML(typ="safe", pure=True).load_all(text))


def written(document, folder):
    file = pathlib.Path(folder, "document.yaml")
    with file.open("w") as stream:
        ruamel.yaml.YAML(typ="safe", pure=True).dump(document, stream)
    return file


def judged(schema, file):
    """What check-jsonschema says of a file by one of the schemas that it brings along."""
    return subprocess.run(["check-jsonschema", "--builtin-schema", f"vendor.{schema}", file], capture_output=True, text=True)


def fenced(word):
    """The block of docs/containers.md whose fence says so."""
    [block] = re.findall(rf"^```yaml {word}\n(.*?)^```$", (ROOT / "docs/containers.md").read_text(), re.M | re.S)
    return block


class Emulator:
    """The program on a free port, with a container's environment and files mounted at the init folder."""

    def __init__(self, environment=(), files=None):
        self.folder = tempfile.TemporaryDirectory()
        init = pathlib.Path(self.folder.name, "init")
        # As Kubernetes does: a replaceable folder, and links to its files.
        (init / "..2026").mkdir(parents=True)
        (init / "..data").symlink_to("..2026")
        for name, text in (files or {}).items():
            (init / "..2026" / name).write_text(text)
            (init / name).symlink_to(f"..data/{name}")
        self.log = pathlib.Path(self.folder.name, "log")
        environment = CLEAN | dict(environment) | {"SAS_EMULATOR_LISTEN": "127.0.0.1:0", "SAS_EMULATOR_INIT_DIR": str(init)}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([BINARY], env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        self.endpoint = self.process.stdout.readline().strip().rpartition(" ")[2]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()

    def warnings(self):
        return [line for line in self.log.read_text().splitlines() if "WARN" in line or "ERROR" in line]

    def get(self, path, **headers):
        connection = http.client.HTTPConnection(self.endpoint.removeprefix("http://"), timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.putrequest("GET", path, skip_host=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


def program(*arguments, environment=()):
    return subprocess.run([BINARY, *arguments], env=CLEAN | dict(environment), capture_output=True, text=True, timeout=60)


def compose_environment(service):
    """What compose gives a container whose variables are not set here."""
    return {name: re.sub(r"\$\{\w+:-\}", "", value) for name, value in service.get("environment", {}).items()}


def kubernetes_environment(container, **given):
    """The variables of a container, where `given` are those that come from the pod's fields."""
    return {
        entry["name"]: re.sub(r"\$\((\w+)\)", lambda name: given[name[1]], entry["value"])
        for entry in container["env"] if "value" in entry
    }


class ComposeChecks:
    """What holds for every compose file; the class of its tests has `file` and `services`."""

    def test_schema(self):
        said = judged("compose-spec", self.file)
        self.assertEqual(said.returncode, 0, said.stdout)

    def test_everything_is_hardened(self):
        for service in self.services.values():
            self.assertIs(service["read_only"], True)
            self.assertEqual((service["cap_drop"], service["security_opt"]), (["ALL"], ["no-new-privileges:true"]))
