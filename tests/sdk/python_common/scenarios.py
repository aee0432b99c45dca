"""What each SDK sees in the built-in scenarios (shared/scenarios.json), for Python."""

import json

import pytest

from contract import USUAL_KEY, Key, is_request_id
from emulator import SHARED

DOCUMENT = json.loads((SHARED / "scenarios.json").read_text())

each_situation = pytest.mark.parametrize(
    "situation",
    DOCUMENT["situations"],
    ids=[situation["name"].replace(" ", "-") for situation in DOCUMENT["situations"]],
)


def key(situation):
    """The key with which this is met."""
    return Key(**situation["key"]) if "key" in situation else USUAL_KEY


def expected(outcome, sdk):
    """What this SDK must make of it."""
    outcome = DOCUMENT["outcomes"][outcome]
    return outcome.get("all", {}) | outcome.get("sees", {}).get(sdk, {})


def walk(emulator, situation, sdk, ask, refusal_of):
    """Makes the calls one after the other, and holds what the SDK sees against the document.

    `ask(action, params, timeout)` gives the body of an answer as a map of wire names, or as text if the SDK leaves the
    reading to others; the timeout is how long to wait for it in milliseconds, or None for the SDK's own. `refusal_of(error)`
    is a map of the error's members that an application can read.
    """
    seen, wanted = [], []
    for step in situation["steps"]:
        if "advance" in step:
            emulator.advance(step["advance"])
        call = step.get("call", "GetLastOnceTaskInfo"), step.get("params", DOCUMENT["params"]), step.get("timeout")
        for outcome in step["sees"]:
            wanted.append(expected(outcome, sdk))
            for _ in range(step.get("within", 1)):
                saw = comparable(look(ask, refusal_of, call), wanted[-1])
                if saw == wanted[-1]:
                    break
            seen.append(saw)
    assert seen == wanted


def look(ask, refusal_of, call):
    """One call: its response, or its error."""
    try:
        answer = ask(*call)
    except Exception as error:
        known = {name: value for name, value in refusal_of(error).items() if value is not None}
        return {"error": type(error).__name__} | known
    return {"text" if isinstance(answer, str) else "shows": answer}


def comparable(seen, wanted):
    """What was seen, so far as the document says anything of it: of answers the members that it names, of texts the part, of
    a wait that it is no longer."""
    seen = dict(seen)
    if "shows" in seen:
        seen["shows"] = narrowed(seen["shows"], wanted.get("shows"))
    for name in ("text", "says"):
        if wanted.get(name) and wanted[name] in seen.get(name, ""):
            seen[name] = wanted[name]
    if 0 < seen.get("retry_after", 0) <= wanted.get("retry_after", 0):
        seen["retry_after"] = wanted["retry_after"]
    if is_request_id(seen.get("request_id", "")):
        seen["request_id"] = True
    return seen


def narrowed(value, wanted):
    """The members that are wanted."""
    if isinstance(value, list) and isinstance(wanted, list) and len(value) == len(wanted):
        return [narrowed(item, want) for item, want in zip(value, wanted)]
    if isinstance(value, dict) and isinstance(wanted, dict):
        return {name: narrowed(member, wanted[name]) for name, member in value.items() if name in wanted}
    return value
