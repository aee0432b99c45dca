"""Every operation of the service through the typed client: what it answers with the documented shape only decodes to the
declared types, member by member."""

import json
import pathlib
import re
import typing

import pytest
from alibabacloud_sas20181203 import models
from alibabacloud_sas20181203.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.model import DaraModel

LINES = (pathlib.Path(__file__).parents[3] / "fixtures/shapes.jsonl").read_text().splitlines()
OPERATIONS = [json.loads(line) for line in LINES]
TYPES = {"str": str, "int": int, "bool": bool, "float": (int, float), "Any": object, "dict": dict}
#: Real replies of these have members beyond the documented ones.
BEYOND = ("DescribeOnceTask",)
REPLIES = pathlib.Path(__file__).parents[3] / "fixtures/replies"


def sample(name, shape):
    """A right value of a parameter, as a map of the SDK has it."""
    if isinstance(shape, dict):
        ((mark, of),) = shape.items() if len(shape) == 1 else ((None, None),)
        if mark == "[]":
            return [sample(name, of)]
        if mark == "{}":
            return {}
        if mark == "json":
            return sample(name, of)
        return {member: sample(member, inner) for member, inner in shape.items()}
    kind, words = (shape, []) if isinstance(shape, str) else (shape[0], shape[1:])
    if kind in ("i32", "i64"):
        return int(words[0]) if words else 1
    return {"b": True, "f": 1.5, "s": words[0] if words else "text"}.get(kind, {})


def method(client, name):
    """The generated method of an operation: its name is written in small letters, with or without underscores."""
    wanted = name.lower()
    methods = (each for each in dir(client) if each.replace("_", "") == wanted)
    return getattr(client, next(methods))


def compare(place, value, hint):
    """Fails where a value is not of its declared type. Everything declared is there: a shape leaves nothing out."""
    inner = re.fullmatch(r"List\[(.*)\]", hint)
    if inner:
        assert isinstance(value, list), place
        for index, item in enumerate(value):
            compare(f"{place}[{index}]", item, inner[1])
    elif re.match(r"Dict\b", hint):
        assert isinstance(value, dict), place
    elif hint.startswith("main_models."):
        assert isinstance(value, getattr(models, hint.removeprefix("main_models."))), place
        members(place, value)
    else:
        assert isinstance(value, TYPES[hint]), (place, value, hint)
        assert hint == "bool" or not isinstance(value, bool) or hint == "Any", (place, value, hint)


def members(place, model: DaraModel):
    hints = typing.cast("dict[str, str]", type(model).__init__.__annotations__)
    for name, hint in hints.items():
        if name != "return":
            compare(f"{place}.{name}", getattr(model, name), hint)


@pytest.mark.parametrize("lists", [0, 3])
def test_every_operation_decodes_member_by_member(serve, tmp_path, lists):
    scenario = tmp_path / "shapes.yaml"
    scenario.write_text(f"version: 1\nname: shapes\nshapes: {{ lists: {lists} }}\n")
    emulator = serve("--scenario", str(scenario), "--unmodelled", "shape")
    client = Client(Config(endpoint=emulator.host, protocol="http", access_key_id="test", access_key_secret="test"))
    shaped, modelled = set(), set()
    for operation in OPERATIONS:
        name = operation["name"]
        params = {each: sample(each, operation["params"][each]) for each in operation["required"]}
        kind = getattr(models, f"{name}Request", None)
        try:
            answer = method(client, name)(*([kind().from_map(params)] if kind else []))
        except AlibabaCloudException as refusal:
            # Modelled operations may refuse values that are right by their kind alone.
            assert refusal.code not in ("OperationNotModelled", "InvalidAction.NotFound"), name
            modelled.add(name)
            continue
        assert answer.status_code == 200, name
        if answer.headers["x-emulator-fidelity"] == "shape":
            members(name, answer.body)
            shaped.add(name)
        else:
            modelled.add(name)
    assert modelled == sampled() & {operation["name"] for operation in OPERATIONS}
    assert len(shaped) + len(modelled) == len(OPERATIONS) == 965


def sampled():
    return {file.stem for file in REPLIES.glob("*.txt")}


@pytest.mark.parametrize("name", sorted(sampled() & {operation["name"] for operation in OPERATIONS}))
def test_the_sample_of_a_modelled_operation_decodes_without_a_loss(name):
    _, text, _ = (REPLIES / f"{name}.txt").read_text().split("\n\n", 2)
    reply = json.loads(text)
    model = getattr(models, f"{name}ResponseBody")().from_map(reply)
    assert name in BEYOND or full(model.to_map()) == full(reply)
    present(name, model)


def full(value):
    """Without empty lists: a model writes one for each list that a reply leaves out."""
    if isinstance(value, dict):
        return {name: full(member) for name, member in value.items() if member != []}
    return [full(item) for item in value] if isinstance(value, list) else value


def present(place, model: DaraModel):
    """The types of what a reply has; a modelled reply may leave members out."""
    hints = typing.cast("dict[str, str]", type(model).__init__.__annotations__)
    for name, hint in hints.items():
        value = getattr(model, name, None)
        if name == "return" or value is None:
            continue
        inner = re.fullmatch(r"List\[(.*)\]", hint)
        for item in value if inner else [value]:
            if isinstance(item, DaraModel):
                present(f"{place}.{name}", item)
            else:
                compare(f"{place}.{name}", item, inner[1] if inner else hint)
