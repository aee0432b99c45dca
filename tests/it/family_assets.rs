//! The world of servers: lists, installations, and the published pipeline for golden images from end to end.

use bytes::Bytes;
use http::Request;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{Setup, TestCall, TestEmulator, TestResponse};

/// A server that came without an agent, and an offline one that is not paid for.
const TWO: &str =
    "assets: [{ agent: missing, edition: ultimate }, { online: false, edition: free, name: 'old, one' }]\n";
const U1: &str = "00000000-0000-4000-8000-000000000001";

async fn call(emulator: &TestEmulator, action: &str, params: &[(&str, &str)]) -> Value {
    let call = params.iter().fold(TestCall::new(action), |call, (name, value)| call.param(name, value));
    let answer = emulator.call(call).await;
    assert_eq!(answer.status, 200, "{action}: {}", answer.body);
    answer.json()
}

async fn code(emulator: &TestEmulator, action: &str, params: &[(&str, &str)]) -> String {
    let call = params.iter().fold(TestCall::new(action), |call, (name, value)| call.param(name, value));
    emulator.call(call).await.code()
}

/// Follows a link as any program would: without a signature, under whatever name the link has.
async fn follow(emulator: &TestEmulator, link: &str) -> TestResponse {
    let (host, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let request = Request::get(format!("/{path}")).header("host", host);
    emulator.send(request.body(Bytes::new()).unwrap()).await
}

fn seconds(emulator: &TestEmulator, seconds: i64) {
    emulator.advance(SignedDuration::from_secs(seconds));
}

#[tokio::test]
async fn servers_are_found_by_criteria() {
    let emulator = TestEmulator::new(TWO);
    let names = async |criteria: Value, more: &[(&str, &str)]| {
        let criteria = criteria.to_string();
        let params = [&[("Criteria", criteria.as_str())], more].concat();
        let body = call(&emulator, "DescribeCloudCenterInstances", &params).await;
        let servers = body["Instances"].as_array().unwrap().clone();
        servers.iter().map(|server| server["InstanceName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let by = |name: &str, value: &str| json!({"name": name, "value": value});
    assert_eq!(names(json!([]), &[]).await, ["server-1", "old, one"]);
    for (name, value) in [
        ("instanceId", "i-emulated0002"),
        ("instanceName", "old"),
        ("internetIp", "203.0.113.2"),
        ("intranetIp", "192.168.0.2"),
        ("uuid", "00000000-0000-4000-8000-000000000002"),
    ] {
        assert_eq!(names(json!([by(name, value)]), &[]).await, ["old, one"], "{name}");
        assert!(names(json!([by(name, "none")]), &[]).await.is_empty(), "{name}");
    }
    let both = json!([by("instanceName", "old"), by("internetIp", "203.0.113.1"), by("unheardOf", "x")]);
    assert_eq!(names(both.clone(), &[]).await.len(), 2);
    assert!(names(both, &[("LogicalExp", "AND")]).await.is_empty());
    assert!(names(json!([]), &[("MachineTypes", "cloud_product")]).await.is_empty());
    assert_eq!(code(&emulator, "DescribeCloudCenterInstances", &[("Criteria", "x")]).await, "IllegalParam");
}

#[tokio::test]
async fn servers_are_listed_by_page_and_by_token() {
    let emulator = TestEmulator::new("default");
    let page =
        call(&emulator, "DescribeCloudCenterInstances", &[("PageSize", "2"), ("CurrentPage", "3")]).await;
    assert_eq!(page["PageInfo"], json!({"TotalCount": 5, "CurrentPage": 3, "PageSize": 2, "Count": 1}));
    let (mut token, mut seen) = (String::new(), Vec::new());
    loop {
        let params = [("UseNextToken", "true"), ("NextToken", token.as_str()), ("PageSize", "2")];
        let body = call(&emulator, "DescribeCloudCenterInstances", &params).await;
        seen.extend(body["Instances"].as_array().unwrap().iter().map(|server| server["Uuid"].clone()));
        body["PageInfo"]["NextToken"].as_str().unwrap().clone_into(&mut token);
        if token.is_empty() {
            break;
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let bad = [("UseNextToken", "true"), ("NextToken", "x")];
    assert_eq!(code(&emulator, "DescribeCloudCenterInstances", &bad).await, "IllegalParam");
}

#[tokio::test]
async fn what_is_paid_for_follows_from_the_servers() {
    let emulator = TestEmulator::new(TWO);
    let summary = call(&emulator, "GetAuthSummary", &[]).await;
    assert_eq!(summary["HighestVersion"], 7);
    let machine = &summary["Machine"];
    assert_eq!((&machine["TotalEcsCount"], &machine["BindEcsCount"]), (&json!(2), &json!(1)));
    assert_eq!(
        (&summary["VersionSummary"][0]["Version"], &summary["VersionSummary"][1]),
        (&json!(7), &Value::Null)
    );
    let config = call(&emulator, "DescribeVersionConfig", &[]).await;
    assert_eq!((&config["Version"], &config["AssetLevel"]), (&json!(7), &json!(2)));
    assert_eq!(call(&TestEmulator::new("assets: []\n"), "GetAuthSummary", &[]).await["HighestVersion"], 1);
}

#[tokio::test]
async fn an_agent_is_installed() {
    let emulator = TestEmulator::new(TWO);
    let state = async || {
        let status = call(&emulator, "DescribeAgentInstallStatus", &[("Uuids", U1)]).await;
        let status = &status["AegisClientInvokeStatusResponseList"][0];
        let asset = call(&emulator, "GetAssetDetailByUuid", &[("Uuid", U1)]).await["AssetDetail"].clone();
        json!([status["Result"], status["ResuleCode"], asset["ClientStatus"], asset["ClientSubStatus"]])
    };
    assert_eq!(state().await, json!([-1, "-1", "offline", "uninstalled"]));
    let wanted = [("InstanceIds", "i-emulated0001"), ("Region", "cn-hangzhou"), ("Os", "linux")];
    let started = call(&emulator, "OperateAgentClientInstall", &wanted).await;
    let installed = json!([{"RecordId": 1, "InstanceId": "i-emulated0001", "Uuid": U1}]);
    assert_eq!(started["AegisCelintInstallResposeList"], installed);
    assert_eq!(state().await, json!([0, "-1", "offline", "uninstalled"]));
    seconds(&emulator, 20);
    assert_eq!(state().await, json!([1, "0", "online", "online"]));

    assert_eq!(code(&emulator, "OperateAgentClientInstall", &[]).await, "IllegalParam");
    assert_eq!(code(&emulator, "OperateAgentClientInstall", &wanted[..1]).await, "IllegalParam");
    assert_eq!(call(&emulator, "GetAssetDetailByUuid", &[("Uuid", "x")]).await["AssetDetail"], json!({}));
}

#[tokio::test]
async fn a_report_is_written_and_fetched() {
    let emulator = Setup::new(TWO).without_control_api().start();
    let export = call(&emulator, "ExportVul", &[("Type", "cve/../x")]).await;
    assert_eq!(export["FileName"], "cvex_20260102");
    let id = export["Id"].to_string();
    let info = async || call(&emulator, "DescribeVulExportInfo", &[("ExportId", &id)]).await;
    let begun = info().await;
    assert_eq!((&begun["ExportStatus"], begun.get("Link")), (&json!("init"), None));
    seconds(&emulator, 2);
    let half = info().await;
    assert_eq!(
        (&half["ExportStatus"], &half["Progress"], &half["CurrentCount"]),
        (&json!("exporting"), &json!(50), &json!(3))
    );
    seconds(&emulator, 2);
    let done = info().await;
    assert_eq!(
        (&done["ExportStatus"], &done["Message"], &done["TotalCount"]),
        (&json!("success"), &json!("success"), &json!(6))
    );

    let link = done["Link"].as_str().unwrap();
    assert!(link.starts_with("http://127.0.0.1:7270/_emulator/exports/"), "{link}");
    let file = follow(&emulator, link).await;
    assert_eq!((file.status, file.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"cvex_20260102.csv\"");
    assert_eq!((file.body.lines().count(), file.body.matches(",\"old, one\",").count()), (7, 3));

    // By whatever name the service is called: programs may be led here by their resolver.
    let elsewhere =
        TestCall::new("DescribeVulExportInfo").param("ExportId", &id).header("host", "tds.aliyuncs.com");
    let link = emulator.call(elsewhere).await.json()["Link"].as_str().unwrap().to_owned();
    assert!(link.starts_with("http://tds.aliyuncs.com/_emulator/exports/"), "{link}");
    assert_eq!(follow(&emulator, &link).await.body, file.body);

    assert_eq!(code(&emulator, "DescribeVulExportInfo", &[("ExportId", "1")]).await, "IllegalParam");
    assert_eq!(code(&emulator, "DescribeVulExportInfo", &[("ExportId", "x")]).await, "InvalidExportId");
    for id in ["0".repeat(32), "x".to_owned()] {
        assert_eq!(follow(&emulator, &format!("http://localhost/_emulator/exports/{id}")).await.status, 404);
    }
}

/// The values of an answer in their order, its id aside.
fn values(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members
                .iter()
                .filter(|(name, _)| *name != "RequestId")
                .for_each(|(_, value)| values(value, found));
        }
        Value::Array(all) => all.iter().for_each(|value| values(value, found)),
        Value::String(text) => found.push(text.clone()),
        other => found.push(other.to_string()),
    }
}

/// The same of an answer in XML: what stands in elements without children.
fn xml_values(body: &str) -> Vec<String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(body);
    let (mut found, mut innermost, mut text) = (Vec::new(), None, String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                innermost = Some(start.name().as_ref().to_owned());
                text.clear();
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(entity) => {
                text.push_str(quick_xml::escape::resolve_predefined_entity(&entity).unwrap());
            }
            Event::End(_) => {
                let name = innermost.take();
                found.extend(name.filter(|name| name != "RequestId").map(|_| std::mem::take(&mut text)));
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

#[tokio::test]
async fn json_and_xml_say_the_same() {
    let emulator = TestEmulator::new("default");
    let cycle = "TaskType=IMAGE_SCAN&TaskName=x&Enable=1&FirstDateStr=0&IntervalPeriod=1&PeriodUnit=day&TargetStartTime=0&TargetEndTime=6";
    for (action, params) in [
        ("CreateCycleTask", cycle),
        ("CreateVirusScanOnceTask", "ScanPath.1=/tmp&ScanPath.2=/home"),
        ("ExportVul", "Type=cve"),
        ("ModifyPushAllTask", "Tasks=SCA&Uuids=00000000-0000-4000-8000-000000000001"),
        ("PublicCreateImageScanTask", "Digests=d1"),
    ] {
        let pairs: Vec<_> = params.split('&').filter_map(|pair| pair.split_once('=')).collect();
        call(&emulator, action, &pairs).await;
    }
    // Reading changes nothing, so the two answers are of one state.
    for (action, params) in [
        ("DescribeAgentInstallStatus", "Uuids=00000000-0000-4000-8000-000000000001"),
        ("DescribeClientProblemType", ""),
        ("DescribeCloudCenterInstances", "UseNextToken=true&PageSize=2"),
        ("DescribeCycleTaskList", ""),
        ("DescribeImageLatestScanTask", "Digest=d1"),
        ("DescribeVersionConfig", ""),
        ("DescribeVulCheckTaskStatusDetail", "Uuid=00000000-0000-4000-8000-000000000001"),
        ("GetAssetDetailByUuid", "Uuid=00000000-0000-4000-8000-000000000001"),
        ("GetAuthSummary", ""),
        ("GetVirusScanLatestTaskStatistic", ""),
        ("ModifyPushAllTask", "Tasks=SCA&Uuids=00000000-0000-4000-8000-000000000001"),
    ] {
        let pairs: Vec<_> = params.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let (mut expected, json) = (Vec::new(), call(&emulator, action, &pairs).await);
        values(&json, &mut expected);
        let call = pairs.iter().fold(TestCall::new(action), |call, (name, value)| call.param(name, value));
        let answer = emulator.call(call.with(|call| call.format = Some("XML".into()))).await;
        assert!(answer.is_xml(), "{action}: {}", answer.body);
        assert!(!expected.is_empty(), "{action}");
        let found = xml_values(&answer.body);
        // A list without members is an empty element in XML and no value in JSON.
        assert_eq!(found, expected, "{action}");
    }
}

#[tokio::test]
async fn links_in_xml() {
    let emulator = TestEmulator::new("default");
    let id = call(&emulator, "ExportVul", &[("Type", "cve"), ("Uuids", U1)]).await["Id"].to_string();
    seconds(&emulator, 4);
    let call = TestCall::new("DescribeVulExportInfo")
        .param("ExportId", &id)
        .with(|call| call.format = Some("XML".into()));
    let answer = emulator.call(call).await;
    assert!(
        answer.is_xml() && answer.body.contains("<Link>http://127.0.0.1:7270/_emulator/exports/"),
        "{}",
        answer.body
    );
}

/// The steps of the published template (spec/api.md §7), each with what it selects and what it waits for.
#[tokio::test]
async fn the_golden_image_pipeline() {
    let emulator = TestEmulator::new(&format!(
        "{TWO}tasks: [{{ type: VUL_CHECK_TASK, source: schedule, started: -1s, lifecycle: {{ progress: {{ stall_at: 10 }} }} }}]\n"
    ));
    let highest = call(&emulator, "GetAuthSummary", &[]).await["HighestVersion"].as_i64().unwrap();
    assert!([5, 3, 7].contains(&highest));
    call(&emulator, "RefreshAssets", &[("AssetType", "ecs"), ("Vendor", "0")]).await;
    let criteria = r#"[{"name":"instanceId","value":"i-emulated0001"}]"#;
    let found = [("MachineTypes", "ecs"), ("Criteria", criteria), ("PageSize", "1")];
    let found = call(&emulator, "DescribeCloudCenterInstances", &found).await;
    assert_eq!(found["PageInfo"]["Count"], 1);
    let (uuid, os) = (found["Instances"][0]["Uuid"].as_str().unwrap(), &found["Instances"][0]["Os"]);
    assert_eq!(os, "linux");

    call(&emulator, "OperateAgentClientInstall", &[("Uuids", uuid), ("InstanceIds", "i-emulated0001")]).await;
    let mut looks = 0;
    loop {
        let status = call(&emulator, "DescribeAgentInstallStatus", &[("Uuids", uuid)]).await;
        let code =
            status["AegisClientInvokeStatusResponseList"][0]["ResuleCode"].as_str().unwrap().to_owned();
        if ["0", "1010"].contains(&code.as_str()) {
            break;
        }
        assert_eq!(code, "-1");
        looks += 1;
        assert!(looks < 60);
        seconds(&emulator, 10);
    }
    assert_eq!(
        call(&emulator, "GetAssetDetailByUuid", &[("Uuid", uuid)]).await["AssetDetail"]["ClientStatus"],
        "online"
    );
    seconds(&emulator, 180);

    let newest = async || {
        let body = call(&emulator, "DescribeOnceTask", &[("TaskType", "VUL_CHECK_TASK")]).await;
        body["TaskManageResponseList"][0].clone()
    };
    let stuck = newest().await;
    assert_eq!(stuck["TaskStatus"], 1);
    let root = stuck["TaskId"].as_str().unwrap();
    let parts = [("TaskType", "VUL_CHECK_TASK"), ("RootTaskId", root), ("PageSize", "100")];
    let parts = call(&emulator, "DescribeOnceTask", &parts).await["TaskManageResponseList"].clone();
    assert!(
        parts.as_array().unwrap().iter().any(|part| part["DetailData"] == "[]" && part["TaskStatus"] == 1)
    );
    call(&emulator, "CancelOnceTask", &[("TaskId", root)]).await;
    assert_eq!(newest().await["TaskStatus"], 3);

    call(&emulator, "ModifyStartVulScan", &[("Types", "cve,sys"), ("Uuids", uuid)]).await;
    let mut status = newest().await["TaskStatus"].as_i64().unwrap();
    while status != 2 {
        assert_eq!(status, 1);
        seconds(&emulator, 30);
        status = newest().await["TaskStatus"].as_i64().unwrap();
    }
    let id = call(&emulator, "ExportVul", &[("Type", "cve"), ("Uuids", uuid)]).await["Id"].to_string();
    let mut report = call(&emulator, "DescribeVulExportInfo", &[("ExportId", &id)]).await;
    while report["ExportStatus"] != "success" {
        seconds(&emulator, 10);
        report = call(&emulator, "DescribeVulExportInfo", &[("ExportId", &id)]).await;
    }
    assert_eq!(follow(&emulator, report["Link"].as_str().unwrap()).await.body.lines().count(), 4);
}
