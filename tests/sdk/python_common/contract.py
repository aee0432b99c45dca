"""The contract that every SDK is held to (shared/contract.json), for Python."""

import dataclasses
import json
import re

import pytest

from emulator import SHARED

_DOCUMENT = json.loads((SHARED / "contract.json").read_text())
_USUAL = _DOCUMENT["usual"]


@dataclasses.dataclass(frozen=True)
class Key:
    """An AccessKey, with a token if it is temporary."""

    id: str
    secret: str
    token: str | None = None


@dataclasses.dataclass(frozen=True)
class Request:
    """A call, as the wire names it."""

    action: str
    version: str
    params: dict

    @property
    def is_typed(self):
        """Whether a generated method of the SDK can send it."""
        return (self.action, self.version) == (USUAL_REQUEST.action, USUAL_REQUEST.version)


@dataclasses.dataclass(frozen=True)
class Case:
    """A situation; for refusals, also the expected content of the error."""

    name: str
    flags: list
    key: Key
    request: Request
    status: int | None = None
    code: str | None = None
    message: str | None = None


USUAL_KEY = Key(**_USUAL["key"])
USUAL_REQUEST = Request(**_USUAL["request"])


def _case(members):
    key = Key(**members.get("key", _USUAL["key"]))
    request = Request(**_USUAL["request"] | members.get("request", {}))
    return Case(**{"flags": _USUAL["flags"]} | members | {"key": key, "request": request})


def _each(argument, documents):
    cases = [_case(members) for members in documents]
    return pytest.mark.parametrize(argument, cases, ids=[case.name.replace(" ", "-") for case in cases])


each_scan = _each("scan", _DOCUMENT["scans"])
each_refusal = _each("refusal", _DOCUMENT["refusals"])


def watch(ask, most=10):
    """Polls until the scan is over, and checks that it went the way of a scan."""
    replies = [ask()]
    while replies[-1]["TaskInfo"]["Status"] in ("INIT", "START"):
        assert len(replies) < most, f"no end in sight: {replies[-1]}"
        replies.append(ask())

    statuses = [reply["TaskInfo"]["Status"] for reply in replies]
    assert list(dict.fromkeys(statuses)) == ["INIT", "START", "SUCCESS"]
    assert statuses == sorted(statuses, key=["INIT", "START", "SUCCESS"].index)

    progress = [reply["TaskInfo"]["Progress"] for reply in replies]
    assert progress == sorted(set(progress)), "rises with every poll"
    assert (progress[0], progress[-1]) == (0, 100)

    finished = [reply["FinishCount"] for reply in replies]
    assert finished == sorted(finished)
    assert finished[-1] == replies[-1]["TotalCount"] > 0

    assert len({reply["TaskId"] for reply in replies}) == 1
    request_ids = [reply["RequestId"] for reply in replies]
    assert len(set(request_ids)) == len(replies)
    assert all(map(is_request_id, request_ids))


def is_request_id(text):
    """Whether it looks like one of the service's: an upper-case UUID."""
    return re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", text) is not None
