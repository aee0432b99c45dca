"""Credentials and requests, as the legacy SDK has them."""

from aliyunsdkcore.auth.credentials import AccessKeyCredential, StsTokenCredential
from aliyunsdkcore.request import CommonRequest
from aliyunsdksas.request.v20181203.GetLastOnceTaskInfoRequest import GetLastOnceTaskInfoRequest


def credential(key):
    """A key, which is temporary if it has a token."""
    if key.token:
        return StsTokenCredential(key.id, key.secret, key.token)
    return AccessKeyCredential(key.id, key.secret)


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
