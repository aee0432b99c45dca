"""The once-task family, from the first call to every end it can have (shared/family.json), with the typed client."""

import contextlib
import http.server
import json
import os
import pathlib
import re
import subprocess
import threading

import pytest
from alibabacloud_sas20181203 import models
from alibabacloud_sas20181203.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.utils_models import Config

from emulator import SHARED
from typed import TYPES, plain, snake

FAMILY = json.loads((SHARED / "family.json").read_text())
GOLDEN = SHARED / "family_golden.json"
ANSWERS = json.loads((SHARED / "answers.json").read_text())
SCALARS = {"bool": "bool", "int32": "int", "int64": "int", "string": "str"}

# One test a scene and task type.
WALKS = {
    f"{scene['name']} {each}".strip(): (scene["steps"], each)
    for scene in FAMILY["scenes"]
    for each in scene.get("each", [""])
}


def connect(host):
    """A client with a key that any emulator knows."""
    return Client(Config(endpoint=host, protocol="http", access_key_id="test", access_key_secret="test"))


def ask(client, action, params):
    """Calls the generated method with the generated request, and gives the generated answer back as a map."""
    kind = getattr(models, f"{action}Request", None)
    try:
        answer = getattr(client, snake(action))(*([kind().from_map(params)] if kind else []))
    except ClientException as error:
        return {"refused": [error.status_code, error.code]}
    return plain(answer.body, TYPES[action])


def fill(value, names):
    """Puts what was kept where it is named."""
    if isinstance(value, str):
        for name, kept in names.items():
            value = kept if value == f"{{{name}}}" else value
    return value


def walk(emulator, steps, each):
    """All that the client sees in a scene. The emulator's address, which is always another, stands as HOST."""
    client = connect(emulator.host)
    names, seen = {"type": each}, []
    for step in steps:
        for by in step.get("at", ["0s"]):
            emulator.advance(by)
            for call in step["calls"]:
                params = {name: fill(value, names) for name, value in call["params"].items()}
                answer = ask(client, call["call"], params)
                for name, pointer in call.get("keep", {}).items():
                    names[name] = answer
                    for part in pointer.split("/")[1:]:
                        names[name] = names[name][part]
                seen.append([call["call"], json.loads(json.dumps(answer).replace(emulator.host, "HOST"))])
    return seen


@pytest.mark.parametrize("name", WALKS)
def test_the_family_is_seen_as_by_every_sdk(serve, name):
    seen = walk(serve(*FAMILY["flags"]), *WALKS[name])
    if os.environ.get("SDK_GOLDEN") == "write":
        golden = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
        golden[name] = seen
        write({name: golden[name] for name in WALKS if name in golden})
    assert seen == json.loads(GOLDEN.read_text())[name]


@pytest.mark.parametrize("answer", ANSWERS["answers"], ids=lambda answer: answer["name"].replace(" ", "-"))
def test_an_unusual_answer(serve, stub, answer):
    host = serve(*answer["flags"]).host if "flags" in answer else stub(answer["body"])
    request = models.GetLastOnceTaskInfoRequest().from_map(ANSWERS["params"])
    try:
        seen = connect(host).get_last_once_task_info(request).body
        seen = plain(seen, TYPES["GetLastOnceTaskInfo"]).get(answer["member"])
    except (AttributeError, TypeError, ValueError):
        seen = "error"
    assert seen == answer["sees"]["python"]


def test_i05_no_number_of_the_emulator_is_above_2_to_the_53():
    def numbers(value):
        if isinstance(value, (dict, list)):
            for member in value.values() if isinstance(value, dict) else value:
                yield from numbers(member)
        elif isinstance(value, int):
            yield value

    assert max(numbers(json.loads(GOLDEN.read_text()))) < 2**53


@pytest.fixture
def stub():
    """Starts a server that answers whatever it is asked with this."""
    with contextlib.ExitStack() as running:
        yield lambda body: running.enter_context(answering(body))


@contextlib.contextmanager
def answering(body):
    """The address of such a server, as long as it is wanted."""

    class Answer(http.server.BaseHTTPRequestHandler):
        """Knows no other."""

        def do_POST(self):
            self.send_response(200)
            self.send_header("Content-Type", "application/json;charset=utf-8")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            """Is silent."""

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_types_are_those_of_the_sdk():
    for action, declared in TYPES.items():
        compare(getattr(models, f"{action}ResponseBody"), declared)


def compare(model, declared):
    """A generated class, with the types of its members."""
    hints = {name: hint for name, hint in model.__init__.__annotations__.items() if name != "return"}
    assert hints.keys() == {snake(name) for name in declared}, model
    for name, member in declared.items():
        hint, inner = hints[snake(name)], member
        if isinstance(member, list):
            hint, inner = re.fullmatch(r"List\[(.*)\]", hint)[1], member[0]
        if isinstance(inner, dict):
            compare(getattr(models, hint.removeprefix("main_models.")), inner)
        else:
            assert hint == SCALARS[inner], (model, name)


def test_every_operation_is_walked_and_its_types_are_declared():
    listed = subprocess.run([os.environ["EMULATOR_BIN"], "operations"], capture_output=True, text=True, check=True)
    modelled = set(re.findall(r"^(\w+)\n  .*\n  product     Sas ", listed.stdout, re.MULTILINE))
    walked = {call["call"] for scene in FAMILY["scenes"] for step in scene["steps"] for call in step["calls"]}
    assert walked == set(TYPES)
    # Of the others test_shapes.py decodes a sample.
    sampled = {file.stem for file in (pathlib.Path(__file__).parents[3] / "fixtures/replies").glob("*.txt")}
    assert walked < modelled <= sampled


def write(golden):
    """One answer a line, so that a change can be read."""
    scenes = [
        f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(answer) for answer in answers) + "\n]"
        for name, answers in golden.items()
    ]
    GOLDEN.write_text("{\n" + ",\n".join(scenes) + "\n}\n")
