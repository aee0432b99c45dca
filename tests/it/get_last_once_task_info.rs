//! `GetLastOnceTaskInfo`: the cases A01 to A22 of fixtures/cases.json, and more.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::tasks::{result, roots, seconds, subtasks};
use crate::harness::{TestCall, TestEmulator};

const TYPE: &str = "ASSETS_COLLECTION";

/// An emulator with these tasks only.
fn with_tasks(tasks: &str) -> TestEmulator {
    TestEmulator::new(&format!("tasks:\n{tasks}\n"))
}

fn redacted(mut body: Value) -> Value {
    body["RequestId"] = json!("-");
    body
}

#[tokio::test]
async fn a01_the_documented_sample_byte_for_byte() {
    let answer = TestEmulator::new("sample").call(TestCall::latest(TYPE)).await;
    let id = answer.header("x-acs-request-id");
    let sample = format!(
        r#"{{"CollectTime":1671184531000,"RequestId":"{id}","TotalCount":44,"TaskId":0,"FinishCount":67,"TaskInfo":{{"Status":"SUCCESS","Progress":69,"Result":"SUCCESS"}}}}"#
    );
    assert_eq!(answer.body, sample);
}

#[tokio::test]
async fn a02_a03_members_and_types() {
    let body = TestEmulator::new("default").poll(TYPE).await;
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&body), ["CollectTime", "RequestId", "TotalCount", "TaskId", "FinishCount", "TaskInfo"]);
    assert_eq!(keys(&body["TaskInfo"]), ["Status", "Progress", "Result"]);
    for member in ["CollectTime", "TotalCount", "FinishCount", "TaskId"] {
        assert!(body[member].is_i64(), "{member}");
    }
    assert!(body["TaskInfo"]["Progress"].is_i64());
    assert_eq!(body["CollectTime"], 1_767_323_045_000_i64);
    assert!((1..1 << 53).contains(&body["TaskId"].as_i64().unwrap()));
}

#[tokio::test]
async fn a04_a05_required_parameters() {
    let emulator = TestEmulator::new("default");
    for (given, missing) in [("TaskName", "TaskType"), ("TaskType", "TaskName")] {
        for call in [
            TestCall::new("GetLastOnceTaskInfo").param(given, TYPE),
            TestCall::latest(TYPE).param(missing, ""),
        ] {
            let answer = emulator.call(call).await;
            assert_eq!(answer.verdict(), (400, format!("Missing{missing}")));
            assert_eq!(answer.message(), format!("{missing} is mandatory for this action."));
        }
    }
}

#[tokio::test]
async fn a06_a07_source_narrows() {
    let emulator = with_tasks("  - { type: ASSETS_COLLECTION, source: console_batch, started: -1h }");
    let result = async |source| {
        let answer = emulator.call(TestCall::latest(TYPE).param("Source", source)).await;
        answer.json()["TaskInfo"]["Result"].clone()
    };
    assert_eq!(result("console_batch").await, "SUCCESS");
    assert_eq!(result("Manual").await, "TASK_NOT_EXISTS");
}

#[tokio::test]
async fn a08_no_task() {
    insta::assert_snapshot!(redacted(TestEmulator::new("empty").poll(TYPE).await), @r#"{"CollectTime":0,"RequestId":"-","TotalCount":0,"TaskId":0,"FinishCount":0,"TaskInfo":{"Progress":0,"Result":"TASK_NOT_EXISTS"}}"#);
}

#[tokio::test]
async fn a09_a10_a11_from_birth_to_success() {
    let emulator = TestEmulator::new("default");
    let mut shown = Vec::new();
    for _ in 0..12 {
        let body = emulator.poll(TYPE).await;
        let info = &body["TaskInfo"];
        let (finished, total) = (body["FinishCount"].as_u64().unwrap(), body["TotalCount"].as_u64().unwrap());
        shown.push(format!("{} {} {finished}/{total}", info["Status"].as_str().unwrap(), info["Progress"]));
        emulator.advance(seconds(1));
    }
    insta::assert_snapshot!(shown.join("\n"), @"
    INIT 0 0/5
    INIT 0 0/5
    START 0 0/5
    START 12 0/5
    START 25 1/5
    START 37 1/5
    START 50 2/5
    START 62 3/5
    START 75 3/5
    START 87 4/5
    SUCCESS 100 5/5
    SUCCESS 100 5/5
    ");
}

#[tokio::test]
async fn a12_a_task_that_times_out() {
    let emulator = TestEmulator::new("timeout");
    emulator.poll(TYPE).await;
    emulator.advance(seconds(9));
    assert_eq!(
        emulator.poll(TYPE).await["TaskInfo"],
        json!({"Status": "START", "Progress": 69, "Result": "SUCCESS"})
    );
    emulator.advance(seconds(1));
    let body = emulator.poll(TYPE).await;
    assert_eq!(body["TaskInfo"], json!({"Status": "TIMEOUT", "Progress": 69, "Result": "SUCCESS"}));
    assert_eq!((body["FinishCount"].as_i64(), body["TotalCount"].as_i64()), (Some(30), Some(44)));
}

#[tokio::test]
async fn a_task_that_stalls_never_ends() {
    let emulator = TestEmulator::new("stuck");
    emulator.poll(TYPE).await;
    emulator.advance(SignedDuration::from_hours(24 * 3650));
    assert_eq!(
        emulator.poll(TYPE).await["TaskInfo"],
        json!({"Status": "START", "Progress": 69, "Result": "SUCCESS"})
    );
}

#[tokio::test]
async fn a13_images_in_a_region_without_scan() {
    let emulator = with_tasks(
        "  - { type: IMAGE_SCAN, started: -1h, lifecycle: { outcome: { result: TASK_NOT_SUPPORT_REGION } } }",
    );
    let info = &emulator.poll("IMAGE_SCAN").await["TaskInfo"];
    assert_eq!(*info, json!({"Status": "SUCCESS", "Progress": 100, "Result": "TASK_NOT_SUPPORT_REGION"}));
}

#[tokio::test]
async fn a14_the_newest_task_wins() {
    let emulator = with_tasks(
        "  - { type: ASSETS_COLLECTION, started: -5s }\n  - { type: ASSETS_COLLECTION, started: -1h }",
    );
    let body = emulator.poll(TYPE).await;
    assert_eq!(body["TaskInfo"]["Status"], "START");
    assert_eq!(body["CollectTime"], 1_767_323_040_000_i64);
}

#[tokio::test]
async fn a15_a16_a17_type_and_name_select() {
    let emulator = with_tasks("  - { type: CLIENT_PROBLEM_CHECK, started: -1h }");
    for task_type in [TYPE, "NO_SUCH_TYPE"] {
        assert_eq!(emulator.poll(task_type).await["TaskInfo"]["Result"], "TASK_NOT_EXISTS");
    }
    let call = TestCall::new("GetLastOnceTaskInfo")
        .param("TaskType", "CLIENT_PROBLEM_CHECK")
        .param("TaskName", "Other");
    let answer = emulator.call(call).await;
    assert_eq!((answer.status, &answer.json()["TaskInfo"]["Result"]), (200, &json!("TASK_NOT_EXISTS")));
}

#[tokio::test]
async fn unknown_types_start_nothing_however_often_they_are_polled() {
    let emulator = TestEmulator::new("default");
    for number in 0..50 {
        emulator.poll(&format!("TYPE_{number}")).await;
    }
    assert_eq!(emulator.task_count(), 0);
}

#[tokio::test]
async fn all_twelve_types_start_on_first_poll() {
    let emulator = TestEmulator::new("default");
    for (name, ..) in sas_emulator::internals::domain::task_type::TASK_TYPES {
        assert_eq!(emulator.poll(name).await["TaskInfo"]["Status"], "INIT", "{name}");
    }
    assert_eq!(emulator.task_count(), 12);
}

#[tokio::test]
async fn a18_get_is_as_good_as_post() {
    let emulator = TestEmulator::new("default");
    let post = redacted(emulator.poll(TYPE).await);
    for call in [TestCall::latest(TYPE), TestCall::latest(TYPE).v1()] {
        let get = emulator.call(call.with(|call| call.method = "GET")).await;
        assert_eq!(redacted(get.json()), post);
    }
}

#[tokio::test]
async fn a19_no_permission() {
    for pattern in ["yundun-aegis:GetLastOnceTaskInfo", "yundun-sas:GetLast*", "*"] {
        let emulator =
            TestEmulator::new(&format!("accounts: [{{ access_key_id: test, deny: ['{pattern}'] }}]\n"));
        let answer = emulator.call(TestCall::latest(TYPE)).await;
        assert_eq!(answer.verdict(), (403, "NoPermission".into()));
        assert_eq!(answer.message(), "caller has no permission");
    }
    assert_eq!(TestEmulator::new("denied").call(TestCall::latest(TYPE)).await.code(), "NoPermission");
}

#[tokio::test]
async fn a20_server_error() {
    let answer = TestEmulator::new("outage").call(TestCall::latest(TYPE)).await;
    assert_eq!((answer.verdict(), answer.message()), ((500, "ServerError".into()), "ServerError".into()));
}

#[tokio::test]
async fn a21_a22_the_task_keeps_its_id_and_every_call_has_its_own() {
    let emulator = TestEmulator::new("default");
    let (first, second) = (emulator.poll(TYPE).await, emulator.poll(TYPE).await);
    assert_eq!(first["TaskId"], second["TaskId"]);
    assert_ne!(first["RequestId"], second["RequestId"]);
    let id = first["RequestId"].as_str().unwrap();
    let shape: String =
        id.chars().map(|c| if matches!(c, '0'..='9' | 'A'..='F') { 'X' } else { c }).collect();
    assert_eq!(shape, "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX");
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let emulator = TestEmulator::new("default");
    emulator.poll(TYPE).await;
    emulator.advance(seconds(60));
    let other = emulator.call(TestCall::latest(TYPE).with(|call| call.key = "other".into())).await.json();
    assert_eq!(other["TaskInfo"]["Status"], "INIT");
    assert_eq!(emulator.poll(TYPE).await["TaskInfo"]["Status"], "SUCCESS");
}

#[tokio::test]
async fn polls_alone_can_move_a_task() {
    let emulator = TestEmulator::new(
        "lifecycles: { '*': { advance: per_poll, polls: { init: 1, start: 3 } } }\nstart_on_first_poll: ['*']\n",
    );
    let mut shown = Vec::new();
    for _ in 0..6 {
        // Onlookers do not count.
        emulator.task_count();
        let info = emulator.poll(TYPE).await["TaskInfo"].clone();
        shown.push(format!("{} {}", info["Status"].as_str().unwrap(), info["Progress"]));
    }
    assert_eq!(shown, ["INIT 0", "START 25", "START 50", "START 75", "SUCCESS 100", "SUCCESS 100"]);
}

#[tokio::test]
async fn every_operation_that_shows_a_task_counts_as_a_look() {
    let emulator =
        TestEmulator::new("lifecycles: { '*': { advance: per_poll, polls: { init: 1, start: 4 } } }\n");
    let id = emulator.start(TYPE).await;
    let root = || roots(TYPE);
    assert_eq!(emulator.list(root()).await[0]["Progress"], "0%");
    assert_eq!(emulator.list(root()).await[0]["Progress"], "20%");
    // Its subtasks are details of what was seen, and what a page leaves out is not seen.
    emulator.list(subtasks(&id)).await;
    emulator.list(root().param("CurrentPage", "2")).await;
    assert_eq!(emulator.poll(TYPE).await["TaskInfo"]["Progress"], 40);
    emulator.body(result(TYPE, &id)).await;
    assert_eq!(emulator.list(root()).await[0]["Progress"], "80%");
    assert_eq!(emulator.list(root()).await[0]["TaskStatusText"], "SUCCESS");
}

#[tokio::test]
async fn a_failed_task() {
    let emulator = with_tasks(
        "  - { type: ASSETS_COLLECTION, started: -1h, lifecycle: { targets: 10, outcome: fail } }",
    );
    let body = emulator.poll(TYPE).await;
    assert_eq!(body["TaskInfo"], json!({"Status": "FAIL", "Progress": 99, "Result": "SUCCESS"}));
    assert_eq!(body["FinishCount"], 9);
}
