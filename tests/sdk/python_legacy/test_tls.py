"""The legacy SDK over verified TLS: it trusts `verify` of `AcsClient`, or ALIBABA_CLOUD_CA_BUNDLE (docs/tls.md)."""

import json

import pytest
from aliyunsdkcore.auth.credentials import AccessKeyCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdksas.request.v20181203.GetLastOnceTaskInfoRequest import GetLastOnceTaskInfoRequest

from contract import USUAL_KEY, USUAL_REQUEST, watch


@pytest.fixture
def ca(tmp_path):
    """The file in which the emulator writes the authority to trust."""
    return tmp_path / "ca.pem"


@pytest.fixture
def host(serve, ca):
    return serve("--scenario", "scan.yaml", "--tls", "auto", "--tls-ca-out", str(ca)).host


def connect(host, **trust):
    """Makes `ask()` of an endpoint and the authority to trust."""
    credential = AccessKeyCredential(USUAL_KEY.id, USUAL_KEY.secret)
    client = AcsClient(region_id="cn-shanghai", credential=credential, auto_retry=False, **trust)

    def ask():
        request = GetLastOnceTaskInfoRequest()
        request.set_endpoint(host)
        request.set_protocol_type("https")
        for name, value in USUAL_REQUEST.params.items():
            request.add_query_param(name, value)
        return json.loads(client.do_action_with_exception(request))

    return ask


def test_a_scan_is_watched_to_its_end(host, ca):
    watch(connect(host, verify=str(ca)))


def test_a_variable_says_it_too(host, ca, monkeypatch):
    monkeypatch.setenv("ALIBABA_CLOUD_CA_BUNDLE", str(ca))
    watch(connect(host))


def test_who_does_not_trust_it_does_not_call(host):
    with pytest.raises(Exception, match="(?i)certificate.verify.failed"):
        connect(host)()
