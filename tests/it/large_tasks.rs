//! Operations on tasks with as many targets as there may be. None of them visits all targets: hundreds of such calls would
//! otherwise take minutes.

use serde_json::{Value, json};

use crate::harness::tasks::{U2, ask, cancel, generate, id, items, result, roots, seconds, unfinished};
use crate::harness::{TestCall, TestEmulator};

const ROUNDS: usize = 50;
const IMAGE: &str = "IMAGE_SCAN";
/// Half of its run is over after ten seconds.
const SCENARIO: &str = "lifecycles: { '*': { targets: 1000000, queued: 0s, running: 20s } }\nassets: [{}, { online: false }, {}]\n";

/// The same call again and again; it never changes what it shows.
async fn often(emulator: &TestEmulator, call: TestCall) -> Value {
    let mut seen = Value::Null;
    for round in 0..ROUNDS {
        let call = call.clone().with(|call| call.nonce = format!("{}-{round}", call.nonce));
        let mut body = emulator.body(call).await;
        body.as_object_mut().unwrap().remove("RequestId");
        assert!(round == 0 || body == seen);
        seen = body;
    }
    seen
}

fn page(call: TestCall, number: &str) -> TestCall {
    call.param("CurrentPage", number).param("PageSize", "100")
}

fn leaves(task_type: &str, number: &str) -> TestCall {
    page(ask("DescribeOnceTaskLeafRecordPage", &[("TaskType", task_type), ("RelateInfo", "true")]), number)
}

fn total(body: &Value) -> u64 {
    body["PageInfo"]["TotalCount"].as_u64().unwrap()
}

#[tokio::test]
async fn pages_of_subtasks_cost_what_they_hold() {
    let emulator = TestEmulator::new(SCENARIO);
    let root = emulator.start(IMAGE).await;
    emulator.advance(seconds(10));
    let subtasks = |number| page(ask("DescribeOnceTask", &[("RootTaskId", &*root)]), number);
    let last = often(&emulator, subtasks("10000")).await;
    assert_eq!((total(&last), items(&last).len()), (1_000_000, 100));
    assert_eq!(items(&last)[99]["TaskStatusText"], "START");
    assert_eq!(items(&often(&emulator, subtasks("1")).await)[0]["TaskStatusText"], "SUCCESS");
    assert_eq!(items(&often(&emulator, subtasks("10001")).await).len(), 0);

    let last = often(&emulator, leaves(IMAGE, "10000")).await;
    assert_eq!((total(&last), items(&last).len()), (1_000_000, 100));
    let succeeded = often(&emulator, leaves(IMAGE, "5000").param("StatusList.1", "SUCCESS")).await;
    assert_eq!((total(&succeeded), items(&succeeded).len()), (500_000, 100));
    let failed = often(&emulator, leaves(IMAGE, "1").param("StatusList.1", "FAIL")).await;
    assert_eq!(total(&failed), 0);
}

#[tokio::test]
async fn a_target_is_found_among_a_million() {
    let emulator = TestEmulator::new(SCENARIO);
    let root = emulator.start(IMAGE).await;
    emulator.advance(seconds(10));
    let last = emulator.body(leaves(IMAGE, "10000")).await;
    let leaf = &items(&last)[99];
    let digest = leaf["Target"].as_str().unwrap();
    assert_eq!((digest.len(), &digest[32..]), (64, leaf["TaskId"].as_str().unwrap()));

    let found = often(&emulator, ask("DescribeImageLatestScanTask", &[("Digest", digest)])).await;
    assert_eq!(
        (&found["Task"][0]["TaskId"], &found["Task"][0]["Status"]),
        (&json!(root), &json!("PROCESSING"))
    );
    let none = often(&emulator, ask("DescribeImageLatestScanTask", &[("Digest", &"f".repeat(64))])).await;
    assert_eq!(none["Task"], json!([]));
    let running = often(&emulator, unfinished(IMAGE, digest)).await;
    assert_eq!((items(&running).len(), &items(&running)[0]["TaskId"]), (1, &leaf["TaskId"]));
    let first = emulator.body(leaves(IMAGE, "1")).await;
    let over = items(&first)[0]["Target"].as_str().unwrap();
    assert_eq!(items(&often(&emulator, unfinished(IMAGE, over)).await).len(), 0);

    // Of named targets the name is the id, and the rest has none.
    emulator.start("VUL_CHECK_TASK").await;
    let on_server = ask("DescribeVulCheckTaskStatusDetail", &[("Uuid", U2)]);
    assert_eq!(often(&emulator, on_server).await["TotalCount"], 1);
    assert_eq!(items(&often(&emulator, unfinished("VUL_CHECK_TASK", U2)).await).len(), 1);
    assert_eq!(items(&often(&emulator, unfinished("VUL_CHECK_TASK", "other")).await).len(), 0);
}

#[tokio::test]
async fn counts_are_derived() {
    let emulator = TestEmulator::new(SCENARIO);
    let task_type = "VUL_CHECK_TASK";
    let root = emulator.start(task_type).await;
    emulator.advance(seconds(10));
    let listed = often(&emulator, roots(task_type)).await;
    let shown = &items(&listed)[0];
    assert_eq!((&shown["SuccessCount"], &shown["FailCount"]), (&json!(499_999), &json!(1)));
    let failed = often(&emulator, leaves(task_type, "1").param("StatusList.1", "FAIL")).await;
    assert_eq!((total(&failed), &items(&failed)[0]["Target"]), (1, &json!(U2)));
    assert_eq!(often(&emulator, result(task_type, &root)).await["FinishCount"], 500_000);
    let latest = ask("GetLastOnceTaskInfo", &[("TaskType", task_type), ("TaskName", task_type)]);
    assert_eq!(often(&emulator, latest).await["TotalCount"], 1_000_000);

    emulator.body(cancel(&root)).await;
    let shown = often(&emulator, roots(task_type)).await;
    assert_eq!(
        (&items(&shown)[0]["SuccessCount"], &items(&shown)[0]["FailCount"]),
        (&json!(499_999), &json!(500_001))
    );
    let details: Vec<Value> = serde_json::from_str(items(&shown)[0]["DetailData"].as_str().unwrap()).unwrap();
    assert_eq!(details.len(), 100);

    emulator.body(ask("CreateVirusScanOnceTask", &[])).await;
    emulator.advance(seconds(10));
    let scan = often(&emulator, ask("GetVirusScanLatestTaskStatistic", &[])).await;
    assert_eq!(
        (&scan["Data"]["SafeMachine"], &scan["Data"]["UnCompleteMachine"]),
        (&json!(499_999), &json!(500_000))
    );
    emulator.advance(seconds(10));
    let scan = often(&emulator, ask("GetVirusScanLatestTaskStatistic", &[])).await;
    assert_eq!(scan["Data"]["SafeMachine"], 999_999);
}

/// As the vendor's sample shows it: more targets finished than there are.
#[tokio::test]
async fn a_sample_with_more_finished_targets_than_targets_is_shown() {
    let emulator = TestEmulator::new(
        "tasks: [{ type: VIRUS_SCAN, shows: { status: START, progress: 69, finish_count: 67, total_count: 44, result: SUCCESS } }]\n",
    );
    let scan = emulator.body(ask("GetVirusScanLatestTaskStatistic", &[])).await;
    assert_eq!(
        (&scan["Data"]["CompleteMachine"], &scan["Data"]["UnCompleteMachine"]),
        (&json!(67), &json!(0))
    );
    assert_eq!(total(&emulator.body(leaves("VIRUS_SCAN", "1")).await), 44);
    let succeeded = emulator.body(leaves("VIRUS_SCAN", "1").param("StatusList.1", "SUCCESS")).await;
    assert_eq!((total(&succeeded), items(&succeeded).len()), (44, 44));
}

/// As many servers as there may be, and lists of ids as long as a parameter takes.
#[tokio::test]
async fn long_lists_of_ids_are_looked_up_at_once() {
    let emulator = TestEmulator::new(&format!("assets: [{}]\n", vec!["{}"; 10_000].join(",")));
    let ids: Vec<String> = (0..10_000).map(|number| format!("x{number}")).chain([U2.to_owned()]).collect();
    let ids = ids.join(",");
    let started = TestCall::new("GenerateOnceTask")
        .form("TaskType", "ASSETS_COLLECTION")
        .form("TaskName", "ASSETS_COLLECTION")
        .form("Param", &json!({ "uuids": ids }).to_string());
    let started = emulator.body(started).await;
    assert_eq!(started["TotalCount"], 10_001);
    assert_eq!(emulator.body(generate("ASSETS_COLLECTION")).await["TotalCount"], 10_000);
    for round in 0..20 {
        let nonce = |action: &str, name: &str| {
            TestCall::new(action).form(name, &ids).with(|call| call.nonce = format!("{action}{round}"))
        };
        let pushed = emulator.body(nonce("ModifyPushAllTask", "Uuids").form("Tasks", "HEALTH")).await;
        assert_eq!(pushed["PushTaskRsp"]["PushTaskResultList"].as_array().unwrap().len(), 10_001);
        let installed = emulator.body(nonce("OperateAgentClientInstall", "Uuids")).await;
        assert_eq!(installed["AegisCelintInstallResposeList"].as_array().unwrap().len(), 1);
        let statuses = emulator.body(nonce("DescribeAgentInstallStatus", "Uuids")).await;
        assert_eq!(statuses["AegisClientInvokeStatusResponseList"].as_array().unwrap().len(), 1);
        let export = emulator.body(nonce("ExportVul", "Uuids").form("Type", "cve").form("Lang", "en")).await;
        let wanted = export["Id"].to_string();
        let info = emulator.body(ask("DescribeVulExportInfo", &[("ExportId", &wanted)])).await;
        let listed = emulator.body(nonce("DescribeVulList", "Uuids").form("Type", "cve")).await;
        assert_eq!(info["TotalCount"], listed["TotalCount"]);
    }
    let criteria = json!(vec![json!({ "name": "uuid", "value": "x" }); 101]).to_string();
    let refused = emulator.refusal("DescribeCloudCenterInstances", &[("Criteria", &criteria)]).await;
    assert_eq!(refused, (400, "IllegalParam".to_owned()));
    let page = emulator.body(page(ask("DescribeOnceTask", &[("RootTaskId", &id(&started))]), "10")).await;
    assert_eq!(items(&page).len(), 100);
}
