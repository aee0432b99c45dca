//! Products beside Security Center that programs call when they start: ecs, location, ram, sts.

use serde_json::json;

use crate::harness::{TestCall, TestEmulator};

/// A call of another product.
pub(crate) fn of(version: &str, action: &str) -> TestCall {
    TestCall::new(action).with(|call| call.version = version.into())
}

fn sts(action: &str) -> TestCall {
    of("2015-04-01", action)
}

fn regions() -> TestCall {
    of("2014-05-26", "DescribeRegions")
}

fn endpoints(region: &str, code: &str) -> TestCall {
    of("2015-06-12", "DescribeEndpoints").param("Id", region).param("ServiceCode", code)
}

fn alias() -> TestCall {
    of("2015-05-01", "GetAccountAlias")
}

fn xml(call: TestCall) -> TestCall {
    call.v1().with(|call| call.format = Some("XML".to_owned()))
}

#[tokio::test]
async fn who_calls() {
    let emulator = TestEmulator::new("default");
    let identity = async |call: TestCall| {
        let reply = emulator.call(call).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()
    };
    let mut one = identity(sts("GetCallerIdentity")).await;
    let mut same = identity(sts("GetCallerIdentity").v1()).await;
    for reply in [&mut one, &mut same] {
        assert!(reply["RequestId"].take().is_string());
    }
    assert_eq!(one, same);
    insta::assert_snapshot!(one, @r#"{"RequestId":null,"IdentityType":"RAMUser","PrincipalId":"210160678641621940","Arn":"acs:ram::1928938411283914:user/test","UserId":"210160678641621940","AccountId":"1928938411283914"}"#);
    let other = identity(sts("GetCallerIdentity").with(|call| call.key = "other".into())).await;
    assert_ne!(other["AccountId"], one["AccountId"], "each key has data of its own");
    let text = emulator.call(xml(sts("GetCallerIdentity"))).await;
    assert!(text.is_xml() && text.body.contains("<GetCallerIdentityResponse><RequestId>"), "{}", text.body);
}

#[tokio::test]
async fn the_regions() {
    let emulator = TestEmulator::new("default");
    let reply = emulator.call(regions()).await.json();
    let all = reply["Regions"]["Region"].as_array().unwrap();
    let hangzhou = all.iter().find(|region| region["RegionId"] == "cn-hangzhou").unwrap();
    assert_eq!(
        *hangzhou,
        json!({"RegionId": "cn-hangzhou", "RegionEndpoint": "ecs.cn-hangzhou.aliyuncs.com", "LocalName": "华东1（杭州）"})
    );
    let english = emulator.call(regions().v1().param("AcceptLanguage", "en-US")).await.json();
    assert_eq!(english["Regions"]["Region"][5]["LocalName"], "China (Hangzhou)");
    let text = emulator.call(xml(regions())).await.body;
    assert!(text.contains("<Regions><Region><RegionId>cn-qingdao</RegionId>"), "{text}");
    assert!(text.starts_with("<?xml version='1.0' encoding='UTF-8'?><DescribeRegionsResponse>"), "{text}");
}

#[tokio::test]
async fn servers_are_instances_of_ecs() {
    let emulator =
        TestEmulator::new("assets: [{name: web-1}, {name: web-2, region: cn-beijing}, {name: db-1}]\n");
    let instances = || of("2014-05-26", "DescribeInstances").param("RegionId", "cn-hangzhou");
    let reply = emulator.call(instances()).await.json();
    insta::assert_snapshot!(reply["Instances"]["Instance"][0], @r#"{"InstanceId":"i-emulated0001","InstanceName":"web-1","HostName":"web-1","RegionId":"cn-hangzhou","Status":"Running","OSType":"linux","OSName":"linux","Cpu":4,"Memory":8192,"InstanceType":"ecs.g7.xlarge","InstanceNetworkType":"vpc","PublicIpAddress":{"IpAddress":["203.0.113.1"]},"VpcAttributes":{"VpcId":"vpc-emulated","PrivateIpAddress":{"IpAddress":["192.168.0.1"]}}}"#);
    let names = async |call: TestCall| {
        let reply = emulator.call(call).await.json();
        let listed = reply["Instances"]["Instance"].as_array().unwrap();
        let names: Vec<String> =
            listed.iter().map(|it| it["InstanceName"].as_str().unwrap().to_owned()).collect();
        (reply["TotalCount"].as_u64().unwrap(), names.join(" "))
    };
    assert_eq!(names(instances()).await, (2, "web-1 db-1".to_owned()));
    let second = instances().param("PageSize", "1").param("PageNumber", "2");
    assert_eq!(names(second).await, (2, "db-1".to_owned()));
    assert_eq!(
        names(instances().param("InstanceIds", r#"["i-emulated0003"]"#)).await,
        (1, "db-1".to_owned())
    );
    // The page of the vendor says so.
    assert_eq!(names(instances().param("InstanceIds", "[]")).await, (0, String::new()));
    assert_eq!(names(instances().param("InstanceName", "web*")).await, (1, "web-1".to_owned()));
    assert_eq!(emulator.call(instances().param("InstanceIds", "i-1")).await.code(), "IllegalParam");
    let text = emulator.call(xml(instances())).await.body;
    assert!(text.contains("<Instances><Instance><InstanceId>i-emulated0001</InstanceId>"), "{text}");
    for (action, list) in [("DescribeDisks", "Disks"), ("DescribeSecurityGroups", "SecurityGroups")] {
        let reply = emulator.call(of("2014-05-26", action).param("RegionId", "cn-hangzhou")).await.json();
        assert_eq!((&reply["TotalCount"], reply[list].is_object()), (&json!(0), true), "{reply}");
    }
}

#[tokio::test]
async fn the_endpoints() {
    let emulator = TestEmulator::new("default");
    let reply = emulator.call(endpoints("cn-shanghai", "sas").param("Type", "openAPI")).await.json();
    assert_eq!(reply["Success"], true);
    assert_eq!(
        reply["Endpoints"],
        json!({"Endpoint": [{
            "Endpoint": "sas.cn-shanghai.aliyuncs.com", "Id": "cn-shanghai", "Namespace": "", "SerivceCode": "sas",
            "Type": "openAPI", "Protocols": {"Protocols": ["HTTP", "HTTPS"]},
        }]})
    );
    let text = emulator.call(xml(endpoints("cn-shanghai", "ecs"))).await.body;
    let list = "<Protocols><Protocols>HTTP</Protocols><Protocols>HTTPS</Protocols></Protocols>";
    assert!(
        text.contains("<Endpoint>ecs.cn-shanghai.aliyuncs.com</Endpoint>") && text.contains(list),
        "{text}"
    );
    let inner = emulator.call(endpoints("cn-shanghai", "sas").param("Type", "innerAPI")).await.json();
    assert_eq!(inner["Endpoints"], json!({"Endpoint": []}));
    // SDKs compare code and message.
    let refused = emulator.call(endpoints("cn-nowhere", "sas")).await.json();
    assert_eq!(
        [&refused["Code"], &refused["Message"]],
        ["InvalidRegionId", "The specified region does not exist."]
    );
    let refused = emulator.call(endpoints("cn-shanghai", "oss")).await.json();
    assert_eq!([&refused["Code"], &refused["Message"]], ["Illegal Parameter", "Please check the parameters"]);
}

#[tokio::test]
async fn the_alias_is_the_number_of_the_account() {
    let emulator = TestEmulator::new("default");
    let caller = emulator.call(sts("GetCallerIdentity")).await.json();
    for call in [alias(), alias().v1()] {
        assert_eq!(emulator.call(call).await.json()["AccountAlias"], caller["AccountId"]);
    }
    let text = emulator.call(xml(alias())).await.body;
    assert!(text.contains("<AccountAlias>") && text.contains("</GetAccountAliasResponse>"), "{text}");
}

#[tokio::test]
async fn the_version_picks_the_product_and_else_the_host() {
    let emulator = TestEmulator::new("default");
    let at = |host: &str, action| {
        TestCall::new(action).with(|call| call.version = String::new()).header("host", host)
    };
    for call in [
        at("sts.cn-hangzhou.aliyuncs.com", "GetCallerIdentity"),
        at("ECS.aliyuncs.com:443", "DescribeRegions").v1(),
    ] {
        assert_eq!(emulator.call(call).await.status, 200);
    }
    let sas = at("tds.cn-shanghai.aliyuncs.com", "DescribeVersionConfig");
    assert_eq!(emulator.call(sas).await.status, 200);
    assert_eq!(emulator.call(at("127.0.0.1", "GetCallerIdentity")).await.code(), "InvalidVersion");
    assert_eq!(emulator.call(of("2015-04-02", "GetCallerIdentity")).await.code(), "InvalidVersion");
    // An operation belongs to one product.
    assert_eq!(emulator.call(TestCall::new("GetCallerIdentity")).await.code(), "InvalidAction.NotFound");
    let version_wins = sts("GetCallerIdentity").header("host", "ecs.aliyuncs.com");
    assert_eq!(emulator.call(version_wins).await.status, 200);
}

#[tokio::test]
async fn other_operations_are_refused_by_name() {
    let emulator = TestEmulator::new("default");
    let refused = emulator.call(of("2014-05-26", "StopInstances")).await.json();
    assert_eq!(refused["Code"], "OperationNotModelled");
    assert_eq!(
        refused["Message"],
        "sas-emulator does not model StopInstances of Ecs; of this product it serves DescribeDisks, DescribeInstances, DescribeRegions, DescribeSecurityGroups."
    );
    let link = refused["Recommend"].as_str().unwrap();
    assert!(link.contains("q=OperationNotModelled&product=Ecs&"), "{link}");
    let refused = emulator.call(sts("AssumeRoleWithOIDC")).await.json();
    assert!(
        refused["Message"].as_str().unwrap().ends_with("it serves AssumeRole, GetCallerIdentity."),
        "{refused}"
    );
    assert_eq!(emulator.call(sts("")).await.code(), "InvalidAction.NotFound");
    let unsigned = sts("AssumeRoleWithOIDC").with(|call| call.secret = "wrong".into());
    assert_eq!(emulator.call(unsigned).await.code(), "SignatureDoesNotMatch");
}

#[tokio::test]
async fn policies_name_the_actions_of_each_product() {
    let emulator = TestEmulator::new(
        "accounts:\n  - { access_key_id: test, allow: ['yundun-sas:*', 'sts:*'], deny: ['sts:AssumeRole'] }\n  - { access_key_id: a, deny: ['ecs:DescribeRegions', '*'] }\n",
    );
    let role = || {
        sts("AssumeRole").param("RoleArn", "acs:ram::1234567890123456:role/r").param("RoleSessionName", "ci")
    };
    let action = async |call: TestCall| {
        let reply = emulator.call(call).await;
        assert_eq!(reply.code(), "NoPermission");
        reply.json()["AccessDeniedDetail"]["AuthAction"].as_str().unwrap().to_owned()
    };
    assert_eq!(action(role()).await, "sts:AssumeRole");
    assert_eq!(action(regions()).await, "ecs:DescribeRegions");
    assert_eq!(action(alias()).await, "ram:GetAccountAlias");
    assert_eq!(action(of("2014-05-26", "DescribeInstances")).await, "ecs:DescribeInstances");
    // These two need no permission.
    for call in [sts("GetCallerIdentity"), endpoints("cn-hangzhou", "sas")] {
        assert_eq!(emulator.call(call.with(|call| call.key = "a".into())).await.status, 200);
    }
    let caller = emulator.call(sts("GetCallerIdentity")).await.json();
    let owner = emulator.call(regions()).await.json()["AccessDeniedDetail"]["AuthPrincipalOwnerId"].clone();
    assert_eq!(owner, caller["AccountId"]);
}

#[tokio::test]
async fn faults_and_selectors_know_them() {
    let emulator = TestEmulator::new(
        "faults:\n  - { id: sts, match: { action: AssumeRole, params: { RoleSessionName: 'c*' } }, effect: { error: Throttling.User } }\n",
    );
    let call =
        sts("AssumeRole").param("RoleArn", "acs:ram::1234567890123456:role/r").param("RoleSessionName", "ci");
    assert_eq!(emulator.call(call.v1()).await.code(), "Throttling.User");
    let found = emulator.control("GET", "requests?action=AssumeRole&params.RoleSessionName=ci", "").await;
    assert_eq!(found.json()["requests"].as_array().map(Vec::len), Some(1), "{}", found.body);
}
