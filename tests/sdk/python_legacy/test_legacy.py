"""The legacy SDK (aliyun-python-sdk-core, aliyun-python-sdk-sas), which always makes the old signature."""

import json

import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient

from contract import USUAL_REQUEST, Key, each_refusal, each_scan, is_request_id, watch
from wire import credential, message


@pytest.fixture(params=["POST", "GET"])
def connect(request):
    """Makes `ask(request)` of an endpoint and a key, for one HTTP method."""
    method = request.param

    def connect(host, key):
        client = AcsClient(region_id="cn-shanghai", credential=credential(key))
        return lambda request=USUAL_REQUEST: json.loads(
            client.do_action_with_exception(message(host, method, request))
        )

    return connect


@each_scan
def test_a_scan_is_watched_to_its_end(serve, connect, scan):
    ask = connect(serve(*scan.flags).host, scan.key)
    watch(lambda: ask(scan.request))


@each_refusal
def test_a_refusal_is_reported(serve, connect, refusal):
    with pytest.raises(ServerException) as caught:
        connect(serve(*refusal.flags).host, refusal.key)(refusal.request)
    check(caught.value, refusal.status, refusal.code, refusal.message)


def test_a_wrong_secret_is_recognized_by_the_sdk(serve, connect):
    """It compares the string to sign in the answer with its own: they must be equal to the byte."""
    with pytest.raises(ServerException) as caught:
        connect(serve().host, Key("test", "wrong"))()
    check(
        caught.value,
        400,
        "InvalidAccessKeySecret",
        "The AccessKeySecret is incorrect. Please check your AccessKeyId and AccessKeySecret.",
    )


def check(error, status, code, message):
    """All members of the exception that an application can read."""
    assert (error.get_http_status(), error.get_error_code()) == (status, code)
    assert error.get_error_msg() == message
    assert is_request_id(error.get_request_id())
