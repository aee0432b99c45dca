"""Products that programs call when they start, with the legacy SDK: sts, ecs, location, ram."""

import json

import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import AccessKeyCredential, StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.endpoint.location.DescribeEndpointsRequest import DescribeEndpointsRequest
from aliyunsdkcore.request import CommonRequest

from contract import USUAL_REQUEST
from wire import message

ROLE = "acs:ram::1234567890123456:role/Reader"


class Caller:
    """A client with some credential."""

    def __init__(self, host, credential):
        self._host = host
        self._client = AcsClient(region_id="cn-shanghai", credential=credential)

    def send(self, request):
        return json.loads(self._client.do_action_with_exception(request))

    def call(self, version, action, **params):
        request = CommonRequest(domain=self._host, version=version, action_name=action)
        for name, value in params.items():
            request.add_query_param(name, value)
        return self.send(request)


@pytest.fixture
def caller(serve):
    host = serve().host
    caller = Caller(host, AccessKeyCredential("test", "test"))
    caller.host = host
    return caller


def test_temporary_keys_work_and_are_refused_without_their_secret(caller):
    keys = caller.call("2015-04-01", "AssumeRole", RoleArn=ROLE, RoleSessionName="ci", DurationSeconds=900)["Credentials"]

    def temporary(secret):
        return Caller(caller.host, StsTokenCredential(keys["AccessKeyId"], secret, keys["SecurityToken"]))

    role = temporary(keys["AccessKeySecret"])
    identity = role.call("2015-04-01", "GetCallerIdentity")
    assert (identity["IdentityType"], identity["AccountId"]) == ("AssumedRoleUser", "1234567890123456")
    assert role.send(message(caller.host, "POST", USUAL_REQUEST))["TaskInfo"]["Status"] == "INIT"
    with pytest.raises(ServerException) as caught:
        temporary("wrong").call("2015-04-01", "GetCallerIdentity")
    assert caught.value.get_http_status() == 400


def test_the_sdk_reads_the_endpoint_of_a_product(caller):
    """As its resolver does, but over http."""
    request = DescribeEndpointsRequest()
    request.set_Id("cn-shanghai")
    request.set_ServiceCode("sas")
    request.set_Type("openAPI")
    request.set_endpoint(caller.host)
    [endpoint] = caller.send(request)["Endpoints"]["Endpoint"]
    assert (endpoint["Endpoint"], endpoint["Type"]) == ("sas.cn-shanghai.aliyuncs.com", "openAPI")
    assert endpoint["SerivceCode"] == "sas"
    request.set_ServiceCode("oss")
    with pytest.raises(ServerException) as caught:
        caller.send(request)
    # The resolver compares both.
    assert caught.value.get_error_code() == "Illegal Parameter"
    assert caught.value.get_error_msg() == "Please check the parameters"


def test_regions_and_alias(caller):
    regions = caller.call("2014-05-26", "DescribeRegions", AcceptLanguage="en-US")["Regions"]["Region"]
    assert {"RegionId": "cn-hangzhou", "RegionEndpoint": "ecs.cn-hangzhou.aliyuncs.com", "LocalName": "China (Hangzhou)"} in regions
    account = caller.call("2015-04-01", "GetCallerIdentity")["AccountId"]
    assert caller.call("2015-05-01", "GetAccountAlias")["AccountAlias"] == account
