"""What the legacy SDK sees in the built-in scenarios (shared/scenarios.json)."""

import json

from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.vendored import requests

from contract import USUAL_KEY, USUAL_REQUEST, Request
from scenarios import DOCUMENT, each_situation, key, walk
from wire import credential, message


def asking(host, key, retries=None):
    """A client as `walk` wants it. It gives the body as bytes, whatever is in them."""
    client = AcsClient(region_id="cn-shanghai", credential=credential(key), max_retry_time=retries)

    def ask(action, params, timeout=None):
        request = message(host, "POST", Request(action, USUAL_REQUEST.version, params))
        if timeout:
            request.set_read_timeout(timeout / 1000)
        body = client.do_action_with_exception(request).decode()
        try:
            return json.loads(body)
        except ValueError:
            return body

    return ask


def refusal_of(error):
    """The members of an exception that an application can read; most exist only if there was a response."""
    return {
        "status": getattr(error, "http_status", None),
        "code": getattr(error, "error_code", None),
        "says": getattr(error, "message", None) or str(error),
        "request_id": getattr(error, "request_id", None),
    }


@each_situation
def test_a_situation_is_seen_for_what_it_is(serve, situation):
    emulator = serve(*situation["flags"])
    # That it may retry, and three times, changes nothing: it does so for another product's operations alone.
    ask = asking(emulator.host, key(situation), 3 if situation.get("retry") else None)
    walk(emulator, situation, "python_legacy", ask, refusal_of)


def test_the_sdk_gives_up_when_the_page_says(serve, monkeypatch):
    """Its own time-out for reading: looked at where it is handed on, not waited for."""
    seen, send = [], requests.Session.send

    def spy(session, prepared, **options):
        seen.append(options["timeout"][1])
        return send(session, prepared, **options)

    monkeypatch.setattr(requests.Session, "send", spy)
    asking(serve().host, USUAL_KEY)("GetLastOnceTaskInfo", DOCUMENT["params"])
    assert [seconds * 1000 for seconds in seen] == [DOCUMENT["read_timeouts"]["python_legacy"]]
