//! Operations that start tasks, and the readers that go with them: pushes, scans of images and viruses.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{TestCall, TestEmulator};

const U1: &str = "00000000-0000-4000-8000-000000000001";
const U2: &str = "00000000-0000-4000-8000-000000000002";
const U3: &str = "00000000-0000-4000-8000-000000000003";

/// Three servers, the second one offline.
const THREE: &str = "assets: [{}, { online: false }, {}]\n";

fn ask(action: &str, params: &[(&str, &str)]) -> TestCall {
    params.iter().fold(TestCall::new(action), |call, (name, value)| call.param(name, value))
}

pub(crate) async fn call(emulator: &TestEmulator, action: &str, params: &[(&str, &str)]) -> Value {
    let answer = emulator.call(ask(action, params)).await;
    assert_eq!(answer.status, 200, "{action}: {}", answer.body);
    answer.json()
}

pub(crate) async fn refusal(emulator: &TestEmulator, action: &str, params: &[(&str, &str)]) -> (u16, String) {
    emulator.call(ask(action, params)).await.verdict()
}

pub(crate) async fn roots(emulator: &TestEmulator, task_type: &str) -> Vec<Value> {
    let body = call(emulator, "DescribeOnceTask", &[("TaskType", task_type)]).await;
    body["TaskManageResponseList"].as_array().unwrap().clone()
}

async fn subtasks(emulator: &TestEmulator, root: &Value) -> Vec<Value> {
    let id = root["TaskId"].as_str().unwrap();
    let body = call(emulator, "DescribeOnceTask", &[("RootTaskId", id), ("PageSize", "100")]).await;
    body["TaskManageResponseList"].as_array().unwrap().clone()
}

pub(crate) fn seconds(emulator: &TestEmulator, seconds: i64) {
    emulator.advance(SignedDuration::from_secs(seconds));
}

pub(crate) fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_vulnerability_scan_is_item_zero_at_once() {
    let emulator = TestEmulator::new(THREE);
    for types in ["cve,sys,cms", "sca"] {
        let params = [("Types", types), ("Uuids", U1)];
        assert_eq!(members(&call(&emulator, "ModifyStartVulScan", &params).await), ["RequestId"]);
        let root = roots(&emulator, "VUL_CHECK_TASK").await[0].clone();
        assert_eq!(root["Context"], json!({ "types": types }).to_string());
        // The whole account, although one server is named.
        assert_eq!(subtasks(&emulator, &root).await.len(), 3);
    }
    seconds(&emulator, 60);
    let root = roots(&emulator, "VUL_CHECK_TASK").await[0].clone();
    assert_eq!((&root["TaskStatus"], &root["FailCount"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn scans_of_vulnerabilities_are_not_among_the_ten() {
    let emulator = TestEmulator::new("default");
    for _ in 0..12 {
        call(&emulator, "ModifyStartVulScan", &[]).await;
    }
    assert_eq!(roots(&emulator, "VUL_CHECK_TASK").await.len(), 12);
    let full = TestEmulator::new("limits: { kept_tasks: 2 }\n");
    for _ in 0..2 {
        call(&full, "ModifyStartVulScan", &[]).await;
    }
    assert_eq!(refusal(&full, "StartIdcProbeScan", &[]).await, (400, "Throttling.User".to_owned()));
}

#[tokio::test]
async fn a_push_says_of_every_server_what_became_of_it() {
    let emulator = TestEmulator::new(THREE);
    let uuids = format!("{U1},{U2},unknown");
    let params = [("Tasks", "HEALTH_CHECK,OVAL_ENTITY,SYSVUL"), ("Uuids", uuids.as_str())];
    let body = call(&emulator, "ModifyPushAllTask", &params).await;
    insta::assert_json_snapshot!(body["PushTaskRsp"]["PushTaskResultList"], @r#"
    [
      {
        "Uuid": "00000000-0000-4000-8000-000000000001",
        "GroupId": 1,
        "Success": true,
        "Region": "cn-hangzhou",
        "InstanceName": "server-1",
        "Online": true,
        "Message": "successful",
        "Ip": "203.0.113.1",
        "OsVersion": "linux",
        "InstanceId": "i-emulated0001"
      },
      {
        "Uuid": "00000000-0000-4000-8000-000000000002",
        "GroupId": 1,
        "Success": false,
        "Region": "cn-hangzhou",
        "InstanceName": "server-2",
        "Online": false,
        "Message": "the agent is offline",
        "Ip": "203.0.113.2",
        "OsVersion": "linux",
        "InstanceId": "i-emulated0002"
      },
      {
        "Uuid": "unknown",
        "Success": false,
        "Online": false,
        "Message": "no such server"
      }
    ]
    "#);
    let root = roots(&emulator, "VUL_CHECK_TASK").await[0].clone();
    assert_eq!(root["Context"], json!({ "types": "cve,sys" }).to_string());
    assert_eq!(subtasks(&emulator, &root).await.len(), 2);
    assert_eq!(roots(&emulator, "ASSETS_COLLECTION").await.len(), 1);
}

#[tokio::test]
async fn pushes_that_start_nothing() {
    let emulator = TestEmulator::new("assets: [{ edition: free }, {}]\n");
    let push = async |tasks, uuids| {
        refusal(&emulator, "ModifyPushAllTask", &[("Tasks", tasks), ("Uuids", uuids)]).await
    };
    assert_eq!(push("HEALTH_CHECK", U1).await, (400, "FreeVersionNotPermit".to_owned()));
    assert_eq!(push("", U1).await, (400, "MissingTasks".to_owned()));
    assert_eq!(push("SCA", "unknown").await.0, 200);
    assert_eq!(emulator.control("GET", "tasks", "").await.json()["total"], 0);
    assert_eq!(push("SCA", U2).await.0, 200);
    assert!(roots(&emulator, "ASSETS_COLLECTION").await.is_empty());
}

#[tokio::test]
async fn refreshing_assets_and_probing_data_centres() {
    let emulator = TestEmulator::new("default");
    let started = async |action, params: &[(&str, &str)], task_type| {
        assert_eq!(members(&call(&emulator, action, params).await), ["RequestId"]);
        roots(&emulator, task_type).await.len()
    };
    assert_eq!(started("RefreshAssets", &[], "ASSET_REFRESH_HOST").await, 1);
    assert_eq!(
        started("RefreshAssets", &[("AssetType", "ecs"), ("Vendor", "0")], "ASSET_REFRESH_HOST").await,
        2
    );
    assert_eq!(started("RefreshAssets", &[("AssetType", "container_image")], "IMAGE_REGISTRY_PULL").await, 1);
    assert_eq!(started("RefreshAssets", &[("AssetType", "cloud_product")], "ASSET_REFRESH_HOST").await, 2);
    assert_eq!(started("StartIdcProbeScan", &[], "IDC_PROBE_SCAN").await, 1);
    assert_eq!(emulator.poll("IDC_PROBE_SCAN").await["TaskInfo"]["Status"], "INIT");
}

#[tokio::test]
async fn image_scans_share_state_and_limit() {
    let emulator = TestEmulator::new("limits: { running_tasks: 2 }\n");
    let (one, two) = ("a".repeat(64), "b".repeat(64));
    let digests = format!("{one},{two}");
    let data = call(&emulator, "PublicCreateImageScanTask", &[("Digests", &digests)]).await["Data"].clone();
    let expected = [
        "CanCreate",
        "CollectTime",
        "ExecTime",
        "FinishCount",
        "Progress",
        "Result",
        "Status",
        "TaskId",
        "TotalCount",
    ];
    assert_eq!(members(&data), expected);
    assert_eq!(
        (&data["CanCreate"], &data["Status"], &data["TotalCount"]),
        (&json!(true), &json!("INIT"), &json!(2))
    );
    assert_eq!(emulator.poll("IMAGE_SCAN").await["TotalCount"], 2);

    let images = json!([{"digest": one}, {"repoNamespace": "n", "repoName": "r", "tag": "t"}]).to_string();
    let sync = async |images: &str| ask("PublicSyncAndCreateImageScanTask", &[("Images", images)]);
    assert_eq!(emulator.call(sync(&images).await).await.json()["Data"]["TotalCount"], 2);
    let full = emulator.call(sync(&images).await).await.json();
    assert_eq!(full["Data"], json!({"CanCreate": false}));
    let unfinished = [("TaskType", "IMAGE_SCAN"), ("Target", one.as_str())];
    let leaves = call(&emulator, "ListUnfinishedOnceTask", &unfinished).await;
    assert_eq!(leaves["OnceTasks"].as_array().unwrap().len(), 2);
    for bad in ["x", "{}", "[]", "[1]"] {
        assert_eq!(emulator.call(sync(bad).await).await.verdict(), (400, "IllegalParam".to_owned()), "{bad}");
    }
}

#[tokio::test]
async fn the_newest_scan_of_an_image() {
    let emulator =
        TestEmulator::new("lifecycles: { IMAGE_SCAN: { queued: 1s, running: 1s, outcome: timeout } }\n");
    let latest =
        async || call(&emulator, "DescribeImageLatestScanTask", &[("Digest", "d1")]).await["Task"].clone();
    assert_eq!(latest().await, json!([]));
    let created = call(&emulator, "PublicCreateImageScanTask", &[("Digests", "d1")]).await;
    let mut words = Vec::new();
    for _ in 0..3 {
        let task = latest().await[0].clone();
        assert_eq!(task["TaskId"], created["Data"]["TaskId"]);
        words.push((task["Status"].as_str().unwrap().to_owned(), task.get("FinishTime").is_some()));
        seconds(&emulator, 1);
    }
    let expected = [("START", false), ("PROCESSING", false), ("TIMOUT", true)];
    assert_eq!(words, expected.map(|(word, is_over)| (word.to_owned(), is_over)));
    let task = latest().await[0].clone();
    assert_eq!(
        (&task["Create"], &task["Modified"]),
        (&json!("2026-01-02 11:04:05"), &json!("2026-01-02 11:04:07"))
    );
    assert_eq!(refusal(&emulator, "DescribeImageLatestScanTask", &[]).await.1, "MissingDigest");
}

#[tokio::test]
async fn a_scan_of_an_image_ends_once() {
    let emulator = TestEmulator::new("lifecycles: { IMAGE_SCAN: { queued: 0s, running: 10s } }\n");
    call(&emulator, "PublicCreateImageScanTask", &[("Digests", "d1,d2")]).await;
    let mut ends = Vec::new();
    for step in [6, 1, 60] {
        seconds(&emulator, step);
        let task =
            call(&emulator, "DescribeImageLatestScanTask", &[("Digest", "d1")]).await["Task"][0].clone();
        assert_eq!(task["Status"], "SUCCESS");
        ends.push(task["FinishTime"].as_i64().unwrap());
    }
    // At half the way of the whole, whenever somebody looks.
    assert_eq!(ends, [1_767_323_050_000; 3]);
}

#[tokio::test]
async fn virus_scans_have_a_reader_of_their_own() {
    let emulator = TestEmulator::new(THREE);
    let latest = async || call(&emulator, "GetVirusScanLatestTaskStatistic", &[]).await["Data"].clone();
    assert_eq!(latest().await, json!({}));
    let params = [("ScanType", "user"), ("ScanPath.1", "/tmp"), ("ScanPath.2", "/home")];
    assert_eq!(members(&call(&emulator, "CreateVirusScanOnceTask", &params).await), ["RequestId"]);
    assert_eq!(
        (&latest().await["Status"], &latest().await["ScanPath"]),
        (&json!(0), &json!(["/tmp", "/home"]))
    );
    seconds(&emulator, 3);
    assert_eq!(latest().await["Status"], 10);
    seconds(&emulator, 60);
    let data = latest().await;
    assert_eq!(
        (&data["Status"], &data["Progress"], &data["ScanType"]),
        (&json!(100), &json!("100"), &json!("user"))
    );
    assert_eq!(
        (&data["ScanMachine"], &data["CompleteMachine"], &data["SafeMachine"]),
        (&json!(3), &json!(3), &json!(2))
    );

    let target = json!([{"type": "uuid", "name": "server-3", "target": U3}]).to_string();
    let started = call(&emulator, "StartVirusScanTask", &[("TargetInfo", &target)]).await;
    let seen = emulator.control("GET", &format!("tasks/{}", started["ScanTaskId"]), "").await.json();
    assert_eq!((&seen["type"], &seen["total_count"]), (&json!("VIRUS_SCAN"), &json!(1)));
    assert_eq!(latest().await["TaskId"], seen["id"]);
    assert_eq!(refusal(&emulator, "StartVirusScanTask", &[("TargetInfo", U3)]).await.1, "IllegalParam");
}

#[tokio::test]
async fn how_far_a_vulnerability_scan_is_on_one_server() {
    let emulator = TestEmulator::new(&format!(
        "{THREE}lifecycles: {{ VUL_CHECK_TASK: {{ queued: 2s, running: 9s }} }}\n"
    ));
    assert_eq!(
        refusal(&emulator, "DescribeVulCheckTaskStatusDetail", &[]).await,
        (503, "ServiceUnavailable".to_owned())
    );
    call(&emulator, "ModifyStartVulScan", &[("Types", "cve,sys,emg")]).await;
    let detail = async |uuid, more: &[(&str, &str)]| {
        call(&emulator, "DescribeVulCheckTaskStatusDetail", &[&[("Uuid", uuid)], more].concat()).await
    };
    let mut history = Vec::new();
    for step in [0, 2, 4, 3, 60] {
        seconds(&emulator, step);
        history.push(detail(U3, &[]).await["TaskStatuses"][0]["TaskStatusList"].clone());
    }
    let statuses: Vec<_> = history.iter().map(|list| list[0]["Status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["0", "1", "2", "3", "4"]);
    let over =
        [("Type", "cve"), ("Type", "sys")].map(|(_, kind)| json!({"Type": kind, "Status": "4", "Code": ""}));
    assert_eq!(history[4], json!(over));

    let root = roots(&emulator, "VUL_CHECK_TASK").await[0]["TaskId"].as_str().unwrap().to_owned();
    let offline = detail(U2, &[("TaskIds.1", &root), ("TaskIds.2", "nonsense"), ("Types.1", "cve")]).await;
    let failed = json!({"Type": "cve", "Status": "4", "Code": "push_command_failed"});
    assert_eq!(offline["TaskStatuses"], json!([{"TaskId": root, "TaskStatusList": [failed]}]));
    assert_eq!(detail("unknown", &[]).await["TotalCount"], 0);
}

#[tokio::test]
async fn problem_types_are_spelled_in_lower_case() {
    let emulator = TestEmulator::new("default");
    let body = call(&emulator, "DescribeClientProblemType", &[]).await;
    let types = body["ProblemTypes"].as_array().unwrap();
    assert!(types.iter().all(|kind| members(kind) == ["problemId", "problemType", "problemDetail"]));
    assert_eq!((&body["TotalCount"], &body["PageSize"]), (&json!(types.len()), &json!(20)));
}
