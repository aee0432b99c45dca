"""The configured official clients."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from alibabacloud_sas20181203.models import GetLastOnceTaskInfoRequest
from alibabacloud_tea_openapi.exceptions import ClientException
from aliyunsdksas.request.v20181203.GetLastOnceTaskInfoRequest import (
    GetLastOnceTaskInfoRequest as LegacyRequest,
)
from wire import poll

import sas_emulator
from sas_emulator import Account, Emulator

_NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(params=["direct", "behind a proxy"], autouse=True)
def _proxy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        if request.param != "direct":
            monkeypatch.setenv(name, _NOWHERE)


@pytest.mark.parametrize("algorithm", ["ACS3-HMAC-SHA256", "v2"])
def test_the_official_client(account: Account, algorithm: str) -> None:
    client = account.client(signature_algorithm=algorithm)
    assert poll(client).task_info.status == "INIT"
    request = GetLastOnceTaskInfoRequest(task_type="IMAGE_SCAN", task_name="IMAGE_SCAN")
    assert asyncio.run(client.get_last_once_task_info_async(request)).body.task_info.status == "INIT"
    assert [call.account for call in account.calls()] == [account.access_key_id] * 2


def test_the_older_client(account: Account) -> None:
    request = LegacyRequest()
    request.add_query_param("TaskType", "IMAGE_SCAN")
    request.add_query_param("TaskName", "IMAGE_SCAN")
    answer = json.loads(account.legacy_client().do_action_with_exception(request))
    assert answer["TaskInfo"]["Status"] == "INIT"
    assert account.calls()[0].scheme == "v1"


def test_the_client_of_an_environment(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAS_EMULATOR_ENDPOINT", emulator.endpoint)
    assert poll(sas_emulator.client(access_key_id="any")).task_info.status == "INIT"
    with pytest.raises(ClientException, match="Specified signature does not match"):
        poll(sas_emulator.client(access_key_secret="wrong"))


def test_a_security_token_is_sent() -> None:
    with Emulator.start(flags=["--keys", "STS.ci:sts-secret:token-1"]) as emulator:
        account = emulator.account("STS.ci", "sts-secret", "token-1")
        assert poll(account.client()).task_info.status == "INIT"
        assert account.environment()["ALIBABA_CLOUD_SECURITY_TOKEN"] == "token-1"
        assert not re.search("sts-secret|token-1", repr(account) + account.report())
