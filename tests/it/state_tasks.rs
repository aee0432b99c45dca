//! Tasks in snapshots: what they share is written once, and what they may not have twice is refused.

use serde_json::{Value, json};

use crate::harness::tasks::{ask, generate_with};
use crate::harness::{TestCall, TestEmulator};

async fn state(emulator: &TestEmulator) -> Value {
    serde_json::from_str(&emulator.snapshot().await).unwrap()
}

/// Restores a snapshot; its status, and what is said if it is refused.
async fn restore(emulator: &TestEmulator, state: &Value) -> (u16, String) {
    let answer = emulator.control("PUT", "state", &state.to_string()).await;
    (answer.status, answer.json()["message"].as_str().unwrap_or_default().to_owned())
}

/// Starts vulnerability scans every hour from the epoch on.
fn hourly(param: &str) -> TestCall {
    let members = [
        ("TaskType", "VUL_CHECK_TASK"),
        ("TaskName", "VUL_CHECK_TASK"),
        ("Enable", "1"),
        ("FirstDateStr", "0"),
        ("IntervalPeriod", "1"),
        ("PeriodUnit", "hour"),
        ("TargetStartTime", "0"),
        ("TargetEndTime", "6"),
        ("Param", param),
    ];
    ask("CreateCycleTask", &members)
}

#[tokio::test]
async fn lists_and_params_that_tasks_share_are_written_once() {
    let emulator = TestEmulator::new(&format!("assets: [{}]\n", vec!["{ agent: missing }"; 300].join(", ")));
    let last = "00000000-0000-4000-8000-000000000300";
    let install =
        TestCall::new("OperateAgentClientInstall").param("Uuids", "00000000-0000-4000-8000-000000000001");
    emulator.body(install).await;
    emulator.advance(jiff::SignedDuration::from_hours(1));
    for param in ["param-one", "param-two"] {
        emulator.body(hourly(&format!("{{\"note\":\"{param}\"}}"))).await;
    }
    emulator.advance(jiff::SignedDuration::from_hours(200));
    assert_eq!(emulator.task_count(), 400);
    let taken = emulator.snapshot().await;
    let times = |text: &str| taken.matches(text).count();
    assert_eq!(times(last), 2, "as a server and as a target");
    assert_eq!((times("param-one"), times("param-two")), (2, 2), "of a cycle task and of its tasks");

    let again = TestEmulator::new("empty");
    assert_eq!(again.control("PUT", "state", &taken).await.status, 200);
    let renamed = again.snapshot().await.replace(r#""scenario":"empty""#, r#""scenario":"test""#);
    assert!(renamed == taken, "nothing is written twice after it");
    // What is started now shares with what was there.
    for emulator in [&emulator, &again] {
        emulator.advance(jiff::SignedDuration::from_hours(1));
    }
    let renamed = again.snapshot().await.replace(r#""scenario":"empty""#, r#""scenario":"test""#);
    assert!(renamed == emulator.snapshot().await);
    assert_eq!(renamed.matches(last).count(), 2);
}

#[tokio::test]
async fn a_task_with_a_list_or_param_that_is_not_there_is_refused() {
    let emulator = TestEmulator::new("empty");
    emulator.call(generate_with("IMAGE_SCAN", r#"{"uuids":"a"}"#)).await;
    let taken = state(&emulator).await;
    assert_eq!(restore(&emulator, &taken).await.0, 200);
    for member in ["list", "text"] {
        let mut edited = taken.clone();
        let task = edited.pointer_mut("/accounts/test/holds/tasks/0").unwrap();
        task[member] = json!(7);
        let (status, said) = restore(&emulator, &edited).await;
        assert!(status == 400 && said.contains("test") && said.contains('7'), "{said}");
    }
}

#[tokio::test]
async fn an_id_that_exists_is_not_drawn_again() {
    let emulator = TestEmulator::new("empty");
    for _ in 0..3 {
        emulator.start("IMAGE_SCAN").await;
    }
    let mut edited = state(&emulator).await;
    edited["accounts"]["test"]["dice"]["task_ids"] = json!(0);
    assert_eq!(restore(&emulator, &edited).await.0, 200);
    for _ in 0..3 {
        emulator.start("IMAGE_SCAN").await;
    }
    let taken = state(&emulator).await;
    assert_eq!(emulator.task_count(), 6);
    assert_eq!(restore(&emulator, &taken).await, (200, String::new()));
}

#[tokio::test]
async fn positions_that_no_session_reaches_and_numbers_given_twice_are_refused() {
    let emulator =
        TestEmulator::new("tasks: [{ type: IMAGE_SCAN, number: 7 }, { type: IMAGE_SCAN, number: 8 }]\n");
    emulator.poll("IMAGE_SCAN").await;
    let taken = state(&emulator).await;
    let edit = |path: &str, value: Value| {
        let mut edited = taken.clone();
        *edited.pointer_mut(path).unwrap() = value;
        edited
    };
    for stream in ["task_ids", "request_ids", "plans"] {
        let path = format!("/accounts/test/dice/{stream}");
        assert_eq!(restore(&emulator, &edit(&path, json!(1_u64 << 62))).await.0, 200);
        let (status, said) = restore(&emulator, &edit(&path, json!((1_u64 << 62) + 1))).await;
        assert!(status == 400 && said.contains("2^62"), "{said}");
    }
    let (status, said) = restore(&emulator, &edit("/accounts/test/holds/tasks/1/number", json!(7))).await;
    assert!(status == 400 && said.contains("two tasks have the number 7"), "{said}");
}
