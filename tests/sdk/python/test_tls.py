"""The modern SDK over verified TLS: it trusts `ca`, a file that `Config` names (docs/tls.md)."""

import asyncio

import pytest
from alibabacloud_sas20181203.client import Client
from alibabacloud_sas20181203.models import GetLastOnceTaskInfoRequest
from alibabacloud_tea_openapi.utils_models import Config

from contract import USUAL_KEY, USUAL_REQUEST, watch


@pytest.fixture
def ca(tmp_path):
    """The file in which the emulator writes the authority to trust."""
    return tmp_path / "ca.pem"


@pytest.fixture(params=["", "_async"], ids=["sync", "async"])
def connect(request):
    """Makes `ask()` of an endpoint and a file with the authority to trust; None means Python's default."""

    def connect(host, ca):
        client = Client(Config(
            endpoint=host,
            protocol="https",
            ca=ca and str(ca),
            access_key_id=USUAL_KEY.id,
            access_key_secret=USUAL_KEY.secret,
        ))

        def ask():
            typed = GetLastOnceTaskInfoRequest().from_map(USUAL_REQUEST.params)
            answer = getattr(client, f"get_last_once_task_info{request.param}")(typed)
            return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer

        return ask

    return connect


def test_a_scan_is_watched_to_its_end(serve, connect, ca):
    ask = connect(serve("--scenario", "scan.yaml", "--tls", "auto", "--tls-ca-out", str(ca)).host, ca)
    watch(lambda: ask().body.to_map())


def test_who_does_not_trust_it_does_not_call(serve, connect, ca):
    host = serve("--tls", "auto", "--tls-ca-out", str(ca)).host
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        connect(host, None)()


@pytest.mark.parametrize("kind, message", [
    ("expired", "certificate has expired"),
    ("wrong_name", "IP address mismatch|doesn't match|not valid for"),
    ("untrusted", "unable to get local issuer certificate|self-signed|unable to get issuer"),
])
def test_a_bad_certificate_is_refused_once(serve, connect, ca, tmp_path, kind, message):
    scenario = tmp_path / "bad.yaml"
    scenario.write_text(
        "version: 1\nname: bad\nstart_on_first_poll: ['*']\n"
        f"faults: [{{ trigger: {{ calls: 1 }}, effect: {{ tls: {kind} }} }}]\n"
    )
    ask = connect(serve("--scenario", str(scenario), "--tls", "auto", "--tls-ca-out", str(ca)).host, ca)
    with pytest.raises(Exception, match=message):
        ask()
    assert ask().status_code == 200
