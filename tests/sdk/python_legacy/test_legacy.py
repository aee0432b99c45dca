"""The legacy SDK (aliyun-python-sdk-core, aliyun-python-sdk-sas), which always makes the old signature."""

import json

import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import AccessKeyCredential, StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from aliyunsdksas.request.v20181203.GetLastOnceTaskInfoRequest import GetLastOnceTaskInfoRequest

from contract import USUAL_REQUEST, Key, each_refusal, each_scan, is_request_id, watch


@pytest.fixture(params=["POST", "GET"])
def connect(request):
    """Makes `ask(request)` of an endpoint and a key, for one HTTP method."""
    method = request.param

    def connect(host, key):
        if key.token:
            credential = StsTokenCredential(key.id, key.secret, key.token)
        else:
            credential = AccessKeyCredential(key.id, key.secret)
        client = AcsClient(region_id="cn-shanghai", credential=credential)
        return lambda request=USUAL_REQUEST: json.loads(
            client.do_action_with_exception(message(host, method, request))
        )

    return connect


def message(host, method, request):
    """The generated request if there is one, and else a common one."""
    if request.is_typed:
        message = GetLastOnceTaskInfoRequest()
        message.set_endpoint(host)
    else:
        message = CommonRequest(domain=host, version=request.version, action_name=request.action)
    message.set_method(method)
    for name, value in request.params.items():
        message.add_query_param(name, value)
    return message


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
    """All that the exception tells an application."""
    assert (error.get_http_status(), error.get_error_code()) == (status, code)
    assert error.get_error_msg() == message
    assert is_request_id(error.get_request_id())
