"""What the modern SDK sees in the built-in scenarios (shared/scenarios.json), and the page that says so."""

import asyncio
import os
import pathlib
import subprocess

import aiohttp
import pytest
import requests
from alibabacloud_sas20181203 import models
from alibabacloud_sas20181203.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.core import DaraCore
from darabonba.policy.retry import RetryOptions
from darabonba.runtime import RuntimeOptions

from contract import USUAL_KEY
from scenarios import DOCUMENT, each_situation, expected, key, walk
from typed import TYPES, plain, snake

# By the SDK's names of errors. It obeys Retry-After, and otherwise waits for 100 ms.
RETRIES = RetryOptions(
    retryable=True, retry_condition=[{"exception": ["ThrottlingException", "RetryError"], "maxAttempts": 3}]
)
PAGE = pathlib.Path(__file__).parents[3] / "docs" / "faults.md"
COLUMNS = {
    "python": "Python",
    "python_legacy": "Python, legacy",
    "pop-core": "pop-core",
    "openapi-core": "openapi-core",
    "openapi-client": "openapi-client",
    "go": "Go",
    "java": "Java",
}


@pytest.fixture(params=["", "_async"], ids=["sync", "async"])
def suffix(request):
    """What the names of the methods end with."""
    return request.param


def asking(host, key, suffix, retries=None):
    """A client as `walk` wants it."""
    credentials = {"access_key_id": key.id, "access_key_secret": key.secret, "security_token": key.token}
    client = Client(Config(endpoint=host, protocol="http", retry_options=retries, **credentials))

    def ask(action, params, timeout=None):
        send = getattr(client, f"{snake(action)}_with_options{suffix}")
        request = getattr(models, f"{action}Request")().from_map(params)
        answer = send(request, RuntimeOptions(read_timeout=timeout))
        answer = asyncio.run(answer) if asyncio.iscoroutine(answer) else answer
        return plain(answer.body, TYPES[action])

    return ask


def refusal_of(error):
    """The members of an exception that an application can read; most exist only if there was a readable response."""
    return {
        "status": getattr(error, "status_code", None),
        "code": getattr(error, "code", None),
        "says": getattr(error, "message", None) or str(error),
        "retry_after": getattr(error, "retry_after", None),
        "request_id": getattr(error, "request_id", None),
    }


@each_situation
def test_a_situation_is_seen_for_what_it_is(serve, suffix, situation):
    emulator = serve(*situation["flags"])
    ask = asking(emulator.host, key(situation), suffix, RETRIES if situation.get("retry") else None)
    walk(emulator, situation, f"python{suffix}", ask, refusal_of)


def test_a_client_that_obeys_retry_after_is_answered(serve, monkeypatch):
    """The SDK does that by itself, if it is allowed to retry."""
    emulator = serve("--scenario", "throttled")
    waits, sleep = [], DaraCore.sleep
    monkeypatch.setattr(DaraCore, "sleep", lambda wait: (waits.append(wait), sleep(wait)))
    ask = asking(emulator.host, USUAL_KEY, "", RETRIES)
    for _ in range(20):
        assert ask("GetLastOnceTaskInfo", DOCUMENT["params"])["TaskInfo"]["Status"]
        if waits:
            break
    # A bucket that fills once a second, for this client only.
    assert len(waits) == 1 and 0 < waits[0] <= 1000
    assert [fault["hits"] for fault in emulator.faults()] == [1]


def test_the_sdk_gives_up_when_the_page_says(serve, suffix, monkeypatch):
    """Its own time-out for reading: looked at where it is handed on, not waited for."""
    seen = []
    send, request = requests.Session.send, aiohttp.ClientSession.request

    def sync(session, prepared, **options):
        seen.append(options["timeout"][1])
        return send(session, prepared, **options)

    def asynchronous(session, method, url, **options):
        seen.append(options["timeout"].sock_read)
        return request(session, method, url, **options)

    monkeypatch.setattr(requests.Session, "send", sync)
    monkeypatch.setattr(aiohttp.ClientSession, "request", asynchronous)
    asking(serve().host, USUAL_KEY, suffix)("GetLastOnceTaskInfo", DOCUMENT["params"])
    assert [seconds * 1000 for seconds in seen] == [DOCUMENT["read_timeouts"][f"python{suffix}"]]


def test_every_built_in_scenario_is_met():
    listed = subprocess.run([os.environ["EMULATOR_BIN"], "scenarios"], capture_output=True, text=True, check=True)
    built_in = {line.split()[0] for line in listed.stdout.splitlines()}
    flags = [situation["flags"] for situation in DOCUMENT["situations"]]
    met = {scenario for _, scenario, *_ in flags if not scenario.endswith(".yaml")}
    assert met == built_in


def test_the_page_says_what_the_sdks_see():
    _, rest = PAGE.read_text().split("<!-- sdks: made from tests/sdk/shared/scenarios.json; a test compares -->\n")
    stands, _ = rest.split("<!-- /sdks -->")
    assert stands.strip() == table(), f"{PAGE} should have here:\n{table()}"


def table():
    """A row for each outcome that goes by a name there, a column for each SDK."""
    rows = [["what happens", *COLUMNS.values()], ["---"] * (1 + len(COLUMNS))]
    for name, outcome in DOCUMENT["outcomes"].items():
        if "is" in outcome:
            cells = {sdk: cell(expected(name, sdk), outcome) for sdk in [*COLUMNS, "python_async"]}
            asynchronous = cells.pop("python_async")
            if asynchronous != cells["python"]:
                cells["python"] += f"; async: {asynchronous}"
            rows.append([outcome["is"], *cells.values()])
    timeouts = [DOCUMENT["read_timeouts"].get(sdk) for sdk in COLUMNS]
    rows.append(["waits for an answer", *(f"{wait // 1000} s" if wait else "for ever" for wait in timeouts)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def cell(outcome, row):
    """What an SDK makes of it, in a few words: the class of the error, and its status and code where they are not those of
    the answer."""
    if "text" in outcome:
        return "no error: the bytes"
    if "shows" in outcome:
        return "answered" if "retry" in row["is"] else "no error"
    words = [f"`{outcome['error']}`"]
    if "status" in outcome and "status" not in row.get("all", {}):
        words.append(str(outcome["status"]))
    if "code" in outcome and "code" not in row.get("all", {}):
        words.append(f"`{outcome['code']}`")
    if "retry_after" in outcome:
        words.append("with the wait")
    return " ".join(words)
