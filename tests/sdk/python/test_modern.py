"""The modern SDK (alibabacloud-sas20181203): synchronous and asynchronous, with every signature it can make."""

import asyncio
import re

import pytest
from alibabacloud_sas20181203.client import Client
from alibabacloud_sas20181203.models import GetLastOnceTaskInfoRequest
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException, ThrottlingException
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

from contract import USUAL_KEY, USUAL_REQUEST, Key, each_refusal, each_scan, is_request_id, watch


# "v2" is the SDK's word for the signature whose SignatureVersion is 1.0.
@pytest.fixture(params=["ACS3-HMAC-SHA256", "ACS3-HMAC-SM3", "v2"])
def algorithm(request):
    """What the client signs with."""
    return request.param


@pytest.fixture(params=["", "_async"], ids=["sync", "async"])
def connect(request, algorithm):
    """Makes `ask(request)` of an endpoint and credentials, in one of the ways the SDK offers."""
    suffix = request.param

    def connect(host, **credentials):
        client = Client(Config(endpoint=host, protocol="http", signature_algorithm=algorithm, **credentials))

        def ask(request=USUAL_REQUEST):
            answer = send(client, suffix, request)
            return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer

        return ask

    return connect


def send(client, suffix, request):
    """Calls the generated method if there is one, and else the method beneath it."""
    if request.is_typed:
        typed = GetLastOnceTaskInfoRequest().from_map(request.params)
        return getattr(client, f"get_last_once_task_info{suffix}")(typed)
    params = Params(
        action=request.action,
        version=request.version,
        protocol="HTTPS",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    return getattr(client, f"call_api{suffix}")(params, OpenApiRequest(query=request.params), RuntimeOptions())


def credentials(key):
    """A key, as `Config` names its parts."""
    return {"access_key_id": key.id, "access_key_secret": key.secret, "security_token": key.token}


@each_scan
def test_a_scan_is_watched_to_its_end(serve, connect, scan):
    ask = connect(serve(*scan.flags).host, **credentials(scan.key))
    watch(lambda: ask(scan.request).body.to_map())


def test_answers_are_typed(serve, connect):
    answer = connect(serve("--scenario", "scan.yaml").host, **credentials(USUAL_KEY))()
    body, info = answer.body, answer.body.task_info
    assert answer.status_code == 200
    assert answer.headers["x-acs-request-id"] == body.request_id
    assert [type(member) for member in (body.collect_time, body.task_id)] == [int, int]
    assert (body.total_count, body.finish_count) == (7, 0)
    assert (info.status, info.progress, info.result) == ("INIT", 0, "SUCCESS")


def test_a_scan_follows_the_clock_that_the_test_holds(serve, connect):
    emulator = serve("--scenario", "held_clock.yaml")
    ask = connect(emulator.host, **credentials(USUAL_KEY))
    seen = []
    for by in ["0s", "1s", "1s", "4s", "4s", "24h"]:
        emulator.advance(by)
        info = ask().body.task_info
        seen.append((info.status, info.progress))
    assert seen == [("INIT", 0), ("INIT", 0), ("START", 0), ("START", 50), ("SUCCESS", 100), ("SUCCESS", 100)]


@each_refusal
def test_a_refusal_is_reported(serve, connect, refusal):
    host = serve(*refusal.flags).host
    # With or without a hint when to try again (a header), throttled is throttled.
    kind = ServerException if refusal.status >= 500 else (ClientException, ThrottlingException)
    with pytest.raises(kind) as caught:
        connect(host, **credentials(refusal.key))(refusal.request)
    check(caught.value, host, refusal.status, refusal.code, refusal.message)


def test_a_wrong_secret_is_reported_with_what_the_service_signed(serve, connect, algorithm):
    host = serve().host
    with pytest.raises(ClientException) as caught:
        connect(host, **credentials(Key("test", "wrong")))()
    message = caught.value.data["Message"]
    check(caught.value, host, 400, "SignatureDoesNotMatch", message)
    if algorithm == "v2":
        own, signed = message.split(" server string to sign is:")
        assert own == "Specified signature is not matched with our calculation."
        assert signed.startswith("POST&%2F&AccessKeyId%3Dtest%26Action%3DGetLastOnceTaskInfo%26")
    else:
        own, hashed, signed = re.split(r" server StringToSign is \[|\], server CanonicalRequest is \[", message)
        assert own == "Specified signature does not match our calculation."
        assert re.fullmatch(rf"{algorithm}\n[0-9a-f]{{64}}", hashed)
        assert signed.startswith("POST\n/\nTaskName=ASSETS_COLLECTION&TaskType=ASSETS_COLLECTION\naccept:")


def test_bearer_tokens_are_refused(serve, connect):
    host = serve().host
    with pytest.raises(ClientException) as caught:
        connect(host, bearer_token="token")()
    check(caught.value, host, 400, "UnsupportedSignatureType", "This signature type is not supported.")


def check(error, host, status, code, message):
    """All members of the exception that an application can read."""
    assert (error.status_code, error.code) == (status, code)
    assert error.message == f"code: {status}, {message} request id: {error.request_id}"
    assert is_request_id(error.request_id)
    data = dict(error.data)
    detail = data.pop("AccessDeniedDetail", None)
    # Only a refusal by RAM names the missing permission.
    assert (detail or {}).get("AuthAction") == ("yundun-aegis:GetLastOnceTaskInfo" if code == "NoPermission" else None)
    assert data == {
        "RequestId": error.request_id,
        "Message": message,
        "Recommend": f"https://api.aliyun.com/troubleshoot?q={code}&product=Sas&requestId={error.request_id}",
        "HostId": host,
        "Code": code,
        "statusCode": status,
    }
