//! Operations that start tasks, and the readers that go with them: cycle tasks, pushes, scans of images and viruses.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{Ask, World};

const U1: &str = "00000000-0000-4000-8000-000000000001";
const U2: &str = "00000000-0000-4000-8000-000000000002";
const U3: &str = "00000000-0000-4000-8000-000000000003";
/// 2026-01-02T00:00:00Z, three hours before the worlds begin.
const TODAY: &str = "1767312000000";
const HOUR: i64 = 3600;

/// Three servers, the second one offline.
const THREE: &str = "assets: [{}, { online: false }, {}]\n";

fn ask(action: &str, params: &[(&str, &str)]) -> Ask {
    params.iter().fold(Ask::new(action), |ask, (name, value)| ask.param(name, value))
}

async fn call(world: &World, action: &str, params: &[(&str, &str)]) -> Value {
    let answer = world.ask(ask(action, params)).await;
    assert_eq!(answer.status, 200, "{action}: {}", answer.body);
    answer.json()
}

async fn refusal(world: &World, action: &str, params: &[(&str, &str)]) -> (u16, String) {
    world.ask(ask(action, params)).await.verdict()
}

async fn roots(world: &World, task_type: &str) -> Vec<Value> {
    let body = call(world, "DescribeOnceTask", &[("TaskType", task_type)]).await;
    body["TaskManageResponseList"].as_array().unwrap().clone()
}

async fn subtasks(world: &World, root: &Value) -> Vec<Value> {
    let id = root["TaskId"].as_str().unwrap();
    let body = call(world, "DescribeOnceTask", &[("RootTaskId", id), ("PageSize", "100")]).await;
    body["TaskManageResponseList"].as_array().unwrap().clone()
}

fn seconds(world: &World, seconds: i64) {
    world.advance(SignedDuration::from_secs(seconds));
}

fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A cycle task that starts an image scan every two hours from 04:00 on, with changes.
fn cycle<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut params = vec![
        ("TaskType", "IMAGE_SCAN"),
        ("TaskName", "IMAGE_SCAN"),
        ("Enable", "1"),
        ("FirstDateStr", TODAY),
        ("IntervalPeriod", "2"),
        ("PeriodUnit", "hour"),
        ("TargetStartTime", "4"),
        ("TargetEndTime", "6"),
        ("Param", "{\"lang\":\"zh\"}"),
    ];
    for (name, value) in changes {
        params.retain(|(other, _)| other != name);
        params.push((name, value));
    }
    params
}

async fn listed(world: &World, params: &[(&str, &str)]) -> Vec<Value> {
    let body = call(world, "DescribeCycleTaskList", params).await;
    body["CycleScheduleResponseList"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_cycle_task_starts_tasks_when_they_are_due() {
    let world = World::new("default");
    let created = call(&world, "CreateCycleTask", &cycle(&[])).await;
    let id = created["ConfigId"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 32);
    let mut shown = listed(&world, &[]).await[0].clone();
    shown["ConfigId"] = json!("[id]");
    insta::assert_json_snapshot!(shown, @r#"
    {
      "ConfigId": "[id]",
      "TaskType": "IMAGE_SCAN",
      "TaskName": "IMAGE_SCAN",
      "Enable": 1,
      "FirstDateStr": 1767312000000,
      "IntervalPeriod": 2,
      "PeriodUnit": "hour",
      "TargetStartTime": 4,
      "TargetEndTime": 6,
      "Param": "{\"lang\":\"zh\"}",
      "NextStartTimeStr": 1767326400000,
      "LastTaskId": ""
    }
    "#);
    assert!(roots(&world, "IMAGE_SCAN").await.is_empty());

    // 08:04: two hours and four hours after the first.
    seconds(&world, 5 * HOUR);
    let tasks = roots(&world, "IMAGE_SCAN").await;
    let born: Vec<i64> = tasks.iter().map(|task| task["TaskStartTime"].as_i64().unwrap()).collect();
    assert_eq!(born, [1_767_340_800_000, 1_767_333_600_000, 1_767_326_400_000]);
    assert!(tasks.iter().all(|task| task["Source"] == "schedule" && task["Context"] == "{\"lang\":\"zh\"}"));
    let now = listed(&world, &[("ConfigId", &id)]).await[0].clone();
    assert_eq!(
        (&now["LastTaskId"], &now["NextStartTimeStr"]),
        (&tasks[0]["TaskId"], &json!(1_767_348_000_000_i64))
    );

    // What was off in between is not made up for.
    call(&world, "ModifyCycleTask", &[("ConfigId", &id), ("Enable", "0")]).await;
    assert_eq!(listed(&world, &[]).await[0]["NextStartTimeStr"], 0);
    seconds(&world, 10 * HOUR);
    call(&world, "ModifyCycleTask", &[("ConfigId", &id), ("Enable", "1"), ("PeriodUnit", "day")]).await;
    assert_eq!(roots(&world, "IMAGE_SCAN").await.len(), 3);
    assert_eq!(listed(&world, &[]).await[0]["IntervalPeriod"], 2);

    assert_eq!(members(&call(&world, "DeleteCycleTask", &[("ConfigId", &id)]).await), ["RequestId"]);
    seconds(&world, 1000 * HOUR);
    assert_eq!((roots(&world, "IMAGE_SCAN").await.len(), listed(&world, &[]).await.len()), (3, 0));
}

#[tokio::test]
async fn cycle_tasks_of_other_names_start_what_they_look_for() {
    let world = World::new("default");
    for (cycle_type, once) in
        [("EMG_VUL_SCHEDULE_SCAN", "VUL_CHECK_TASK"), ("VIRUS_VUL_SCHEDULE_SCAN", "VIRUS_SCAN")]
    {
        let named = [("TaskType", cycle_type), ("TaskName", cycle_type), ("TargetStartTime", "0")];
        call(&world, "CreateCycleTask", &cycle(&named)).await;
        seconds(&world, 2 * HOUR);
        assert_eq!(roots(&world, once).await[0]["Source"], "schedule", "{cycle_type}");
    }
    let scan = call(&world, "GetVirusScanLatestTaskStatistic", &[]).await["Data"].clone();
    assert_eq!(scan["ScanMachine"], 5);
}

#[tokio::test]
async fn cycle_tasks_are_listed_by_page_and_by_name_and_bounded() {
    let world = World::new("limits: { cycle_tasks: 3 }\n");
    for name in ["a", "b", "c"] {
        call(&world, "CreateCycleTask", &cycle(&[("TaskName", name)])).await;
    }
    let full = refusal(&world, "CreateCycleTask", &cycle(&[])).await;
    assert_eq!(full, (400, "IllegalParam".to_owned()));
    let page = call(&world, "DescribeCycleTaskList", &[("PageSize", "2"), ("CurrentPage", "2")]).await;
    assert_eq!(page["PageInfo"], json!({"TotalCount": 3, "CurrentPage": 2, "PageSize": 2, "Count": 1}));
    assert_eq!(page["CycleScheduleResponseList"][0]["TaskName"], "a");
    assert_eq!(listed(&world, &[("TaskName", "b")]).await.len(), 1);
    assert_eq!(listed(&world, &[("TaskType", "VUL_CHECK_TASK")]).await.len(), 0);
}

#[tokio::test]
async fn cycle_tasks_that_make_no_sense_are_refused() {
    let world = World::new("default");
    let changed = async |name, value| refusal(&world, "CreateCycleTask", &cycle(&[(name, value)])).await.1;
    assert_eq!(changed("PeriodUnit", "week").await, "IllegalParam");
    assert_eq!(changed("IntervalPeriod", "0").await, "IllegalParam");
    assert_eq!(changed("FirstDateStr", "soon").await, "InvalidFirstDateStr");
    assert_eq!(changed("Enable", "").await, "MissingEnable");
    let nobodys = "0".repeat(32);
    assert_eq!(refusal(&world, "ModifyCycleTask", &[("ConfigId", &nobodys)]).await.1, "IllegalParam");
    assert_eq!(refusal(&world, "DeleteCycleTask", &[("ConfigId", &nobodys)]).await.0, 200);
}

#[tokio::test]
async fn a_vulnerability_scan_is_item_zero_at_once() {
    let world = World::new(THREE);
    for types in ["cve,sys,cms", "sca"] {
        let params = [("Types", types), ("Uuids", U1)];
        assert_eq!(members(&call(&world, "ModifyStartVulScan", &params).await), ["RequestId"]);
        let root = roots(&world, "VUL_CHECK_TASK").await[0].clone();
        assert_eq!(root["Context"], json!({ "types": types }).to_string());
        // The whole account, although one server is named.
        assert_eq!(subtasks(&world, &root).await.len(), 3);
    }
    seconds(&world, 60);
    let root = roots(&world, "VUL_CHECK_TASK").await[0].clone();
    assert_eq!((&root["TaskStatus"], &root["FailCount"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn scans_of_vulnerabilities_are_not_among_the_ten() {
    let world = World::new("default");
    for _ in 0..12 {
        call(&world, "ModifyStartVulScan", &[]).await;
    }
    assert_eq!(roots(&world, "VUL_CHECK_TASK").await.len(), 12);
    let full = World::new("limits: { kept_tasks: 2 }\n");
    for _ in 0..2 {
        call(&full, "ModifyStartVulScan", &[]).await;
    }
    assert_eq!(refusal(&full, "StartIdcProbeScan", &[]).await, (400, "Throttling.User".to_owned()));
}

#[tokio::test]
async fn a_push_says_of_every_server_what_became_of_it() {
    let world = World::new(THREE);
    let uuids = format!("{U1},{U2},unknown");
    let params = [("Tasks", "HEALTH_CHECK,OVAL_ENTITY,SYSVUL"), ("Uuids", uuids.as_str())];
    let body = call(&world, "ModifyPushAllTask", &params).await;
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
    let root = roots(&world, "VUL_CHECK_TASK").await[0].clone();
    assert_eq!(root["Context"], json!({ "types": "cve,sys" }).to_string());
    assert_eq!(subtasks(&world, &root).await.len(), 2);
    assert_eq!(roots(&world, "ASSETS_COLLECTION").await.len(), 1);
}

#[tokio::test]
async fn pushes_that_start_nothing() {
    let world = World::new("assets: [{ edition: free }, {}]\n");
    let push = async |tasks, uuids| {
        refusal(&world, "ModifyPushAllTask", &[("Tasks", tasks), ("Uuids", uuids)]).await
    };
    assert_eq!(push("HEALTH_CHECK", U1).await, (400, "FreeVersionNotPermit".to_owned()));
    assert_eq!(push("", U1).await, (400, "MissingTasks".to_owned()));
    assert_eq!(push("SCA", "unknown").await.0, 200);
    assert_eq!(world.control("GET", "tasks", "").await.json()["total"], 0);
    assert_eq!(push("SCA", U2).await.0, 200);
    assert!(roots(&world, "ASSETS_COLLECTION").await.is_empty());
}

#[tokio::test]
async fn refreshing_assets_and_probing_data_centres() {
    let world = World::new("default");
    let started = async |action, params: &[(&str, &str)], task_type| {
        assert_eq!(members(&call(&world, action, params).await), ["RequestId"]);
        roots(&world, task_type).await.len()
    };
    assert_eq!(started("RefreshAssets", &[], "ASSET_REFRESH_HOST").await, 1);
    assert_eq!(
        started("RefreshAssets", &[("AssetType", "ecs"), ("Vendor", "0")], "ASSET_REFRESH_HOST").await,
        2
    );
    assert_eq!(started("RefreshAssets", &[("AssetType", "container_image")], "IMAGE_REGISTRY_PULL").await, 1);
    assert_eq!(started("RefreshAssets", &[("AssetType", "cloud_product")], "ASSET_REFRESH_HOST").await, 2);
    assert_eq!(started("StartIdcProbeScan", &[], "IDC_PROBE_SCAN").await, 1);
    assert_eq!(world.poll("IDC_PROBE_SCAN").await["TaskInfo"]["Status"], "INIT");
}

#[tokio::test]
async fn image_scans_share_state_and_limit() {
    let world = World::new("limits: { running_tasks: 2 }\n");
    let (one, two) = ("a".repeat(64), "b".repeat(64));
    let digests = format!("{one},{two}");
    let data = call(&world, "PublicCreateImageScanTask", &[("Digests", &digests)]).await["Data"].clone();
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
    assert_eq!(world.poll("IMAGE_SCAN").await["TotalCount"], 2);

    let images = json!([{"digest": one}, {"repoNamespace": "n", "repoName": "r", "tag": "t"}]).to_string();
    let sync = async |images: &str| ask("PublicSyncAndCreateImageScanTask", &[("Images", images)]);
    assert_eq!(world.ask(sync(&images).await).await.json()["Data"]["TotalCount"], 2);
    let full = world.ask(sync(&images).await).await.json();
    assert_eq!(full["Data"], json!({"CanCreate": false}));
    let unfinished = [("TaskType", "IMAGE_SCAN"), ("Target", one.as_str())];
    let leaves = call(&world, "ListUnfinishedOnceTask", &unfinished).await;
    assert_eq!(leaves["OnceTasks"].as_array().unwrap().len(), 2);
    for bad in ["x", "{}", "[]", "[1]"] {
        assert_eq!(world.ask(sync(bad).await).await.verdict(), (400, "IllegalParam".to_owned()), "{bad}");
    }
}

#[tokio::test]
async fn the_newest_scan_of_an_image() {
    let world = World::new("lifecycles: { IMAGE_SCAN: { queued: 1s, running: 1s, outcome: timeout } }\n");
    let latest =
        async || call(&world, "DescribeImageLatestScanTask", &[("Digest", "d1")]).await["Task"].clone();
    assert_eq!(latest().await, json!([]));
    let created = call(&world, "PublicCreateImageScanTask", &[("Digests", "d1")]).await;
    let mut words = Vec::new();
    for _ in 0..3 {
        let task = latest().await[0].clone();
        assert_eq!(task["TaskId"], created["Data"]["TaskId"]);
        words.push((task["Status"].as_str().unwrap().to_owned(), task.get("FinishTime").is_some()));
        seconds(&world, 1);
    }
    let expected = [("START", false), ("PROCESSING", false), ("TIMOUT", true)];
    assert_eq!(words, expected.map(|(word, is_over)| (word.to_owned(), is_over)));
    let task = latest().await[0].clone();
    assert_eq!(
        (&task["Create"], &task["Modified"]),
        (&json!("2026-01-02 11:04:05"), &json!("2026-01-02 11:04:07"))
    );
    assert_eq!(refusal(&world, "DescribeImageLatestScanTask", &[]).await.1, "MissingDigest");
}

#[tokio::test]
async fn a_scan_of_an_image_ends_once() {
    let world = World::new("lifecycles: { IMAGE_SCAN: { queued: 0s, running: 10s } }\n");
    call(&world, "PublicCreateImageScanTask", &[("Digests", "d1,d2")]).await;
    let mut ends = Vec::new();
    for step in [6, 1, 60] {
        seconds(&world, step);
        let task = call(&world, "DescribeImageLatestScanTask", &[("Digest", "d1")]).await["Task"][0].clone();
        assert_eq!(task["Status"], "SUCCESS");
        ends.push(task["FinishTime"].as_i64().unwrap());
    }
    // At half the way of the whole, whenever somebody looks.
    assert_eq!(ends, [1_767_323_050_000; 3]);
}

#[tokio::test]
async fn virus_scans_have_a_reader_of_their_own() {
    let world = World::new(THREE);
    let latest = async || call(&world, "GetVirusScanLatestTaskStatistic", &[]).await["Data"].clone();
    assert_eq!(latest().await, json!({}));
    let params = [("ScanType", "user"), ("ScanPath.1", "/tmp"), ("ScanPath.2", "/home")];
    assert_eq!(members(&call(&world, "CreateVirusScanOnceTask", &params).await), ["RequestId"]);
    assert_eq!(
        (&latest().await["Status"], &latest().await["ScanPath"]),
        (&json!(0), &json!(["/tmp", "/home"]))
    );
    seconds(&world, 3);
    assert_eq!(latest().await["Status"], 10);
    seconds(&world, 60);
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
    let started = call(&world, "StartVirusScanTask", &[("TargetInfo", &target)]).await;
    let seen = world.control("GET", &format!("tasks/{}", started["ScanTaskId"]), "").await.json();
    assert_eq!((&seen["type"], &seen["total_count"]), (&json!("VIRUS_SCAN"), &json!(1)));
    assert_eq!(latest().await["TaskId"], seen["id"]);
    assert_eq!(refusal(&world, "StartVirusScanTask", &[("TargetInfo", U3)]).await.1, "IllegalParam");
}

#[tokio::test]
async fn how_far_a_vulnerability_scan_is_on_one_server() {
    let world =
        World::new(&format!("{THREE}lifecycles: {{ VUL_CHECK_TASK: {{ queued: 2s, running: 9s }} }}\n"));
    assert_eq!(
        refusal(&world, "DescribeVulCheckTaskStatusDetail", &[]).await,
        (503, "ServiceUnavailable".to_owned())
    );
    call(&world, "ModifyStartVulScan", &[("Types", "cve,sys,emg")]).await;
    let detail = async |uuid, more: &[(&str, &str)]| {
        call(&world, "DescribeVulCheckTaskStatusDetail", &[&[("Uuid", uuid)], more].concat()).await
    };
    let mut history = Vec::new();
    for step in [0, 2, 4, 3, 60] {
        seconds(&world, step);
        history.push(detail(U3, &[]).await["TaskStatuses"][0]["TaskStatusList"].clone());
    }
    let statuses: Vec<_> = history.iter().map(|list| list[0]["Status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["0", "1", "2", "3", "4"]);
    let over =
        [("Type", "cve"), ("Type", "sys")].map(|(_, kind)| json!({"Type": kind, "Status": "4", "Code": ""}));
    assert_eq!(history[4], json!(over));

    let root = roots(&world, "VUL_CHECK_TASK").await[0]["TaskId"].as_str().unwrap().to_owned();
    let offline = detail(U2, &[("TaskIds.1", &root), ("TaskIds.2", "nonsense"), ("Types.1", "cve")]).await;
    let failed = json!({"Type": "cve", "Status": "4", "Code": "push_command_failed"});
    assert_eq!(offline["TaskStatuses"], json!([{"TaskId": root, "TaskStatusList": [failed]}]));
    assert_eq!(detail("unknown", &[]).await["TotalCount"], 0);
}

#[tokio::test]
async fn problem_types_are_spelled_in_lower_case() {
    let world = World::new("default");
    let body = call(&world, "DescribeClientProblemType", &[]).await;
    let types = body["ProblemTypes"].as_array().unwrap();
    assert!(types.iter().all(|kind| members(kind) == ["problemId", "problemType", "problemDetail"]));
    assert_eq!((&body["TotalCount"], &body["PageSize"]), (&json!(types.len()), &json!(20)));
}

#[tokio::test]
async fn schedules_of_tasks_that_never_end_are_bounded() {
    let world = World::new(
        "lifecycles: { '*': { progress: { stall_at: 1 } } }\nlimits: { kept_tasks: 20 }\nstart_on_first_poll: [IMAGE_SCAN]\n",
    );
    let mut ask = Ask::new("CreateCycleTask");
    for (name, value) in [
        ("TaskType", "IMAGE_SCAN"),
        ("TaskName", "IMAGE_SCAN"),
        ("Enable", "1"),
        ("FirstDateStr", "0"),
        ("IntervalPeriod", "1"),
        ("PeriodUnit", "hour"),
        ("TargetStartTime", "0"),
        ("TargetEndTime", "6"),
        ("Param", "{}"),
    ] {
        ask = ask.param(name, value);
    }
    let answer = world.ask(ask).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for _ in 0..3 {
        world.advance(SignedDuration::from_hours(24 * 3650));
        world.poll("IMAGE_SCAN").await;
    }
    assert_eq!(world.emulator.gateway.sightings(None).len(), 20);
}
