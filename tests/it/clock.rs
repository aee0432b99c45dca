//! The clock, through the control API: paused, moved, and separate from the clock for signatures.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::harness::{TestCall, TestEmulator};

const TYPE: &str = "ASSETS_COLLECTION";

#[tokio::test]
async fn advance_settles_and_lists_transitions_in_order() {
    let emulator = TestEmulator::new("default");
    emulator.poll("IMAGE_SCAN").await;
    emulator.control("PUT", "clock", r#"{"action":"advance","by":"1s"}"#).await;
    emulator.poll(TYPE).await;
    let answer = emulator.control("PUT", "clock", r#"{"action":"advance","by":"6h"}"#).await.json();
    let lines: Vec<String> = answer["transitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            ["at", "type", "from", "to"].map(|member| one[member].as_str().unwrap().to_owned()).join(" ")
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    2026-01-02T03:04:07Z IMAGE_SCAN INIT START
    2026-01-02T03:04:08Z ASSETS_COLLECTION INIT START
    2026-01-02T03:04:15Z IMAGE_SCAN START SUCCESS
    2026-01-02T03:04:16Z ASSETS_COLLECTION START SUCCESS
    ");
    assert_eq!(answer["transition_count"], 4);
    assert_eq!(
        (&answer["was"], &answer["now"]),
        (&json!("2026-01-02T03:04:06Z"), &json!("2026-01-02T09:04:06Z"))
    );
    assert_eq!(emulator.poll(TYPE).await["TaskInfo"]["Status"], "SUCCESS");
}

#[tokio::test]
async fn ten_years_in_one_call_finish_every_task_and_expire_no_signature() {
    let emulator = TestEmulator::new("default");
    emulator.poll(TYPE).await;
    let answer = emulator.control("PUT", "clock", r#"{"action":"advance","by":"3650d"}"#).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for call in [TestCall::latest(TYPE), TestCall::latest(TYPE).v1()] {
        assert_eq!(emulator.call(call).await.json()["TaskInfo"]["Status"], "SUCCESS");
    }
    let tasks = emulator.control("GET", "tasks", "").await.json();
    assert!(tasks["tasks"].as_array().unwrap().iter().all(|task| task["status"] == "SUCCESS"));
}

#[tokio::test]
async fn every_order() {
    let emulator = TestEmulator::new("default");
    let put = async |body: Value| emulator.control("PUT", "clock", &body.to_string()).await.json();
    assert_eq!(
        put(json!({"action": "set", "to": "2026-12-01T00:00:00Z"})).await["now"],
        "2026-12-01T00:00:00Z"
    );
    assert_eq!(put(json!({"action": "scale", "rate": 60})).await["rate"], 60.0);
    assert_eq!(put(json!({"action": "resume"})).await["paused"], false);
    assert_eq!(put(json!({"action": "pause"})).await["paused"], true);
    assert_eq!(emulator.control("GET", "clock", "").await.json()["paused"], true);
}

#[tokio::test]
async fn orders_that_make_no_sense_say_what_would() {
    let emulator = TestEmulator::new("default");
    for (body, message) in [
        (r#"{"action":"advance"}"#, r#"advance needs "by""#),
        (r#"{"action":"pause","by":"1s"}"#, r#"pause does not take "by""#),
        (r#"{"action":"advance","by":"soon"}"#, "not a length of time"),
        (r#"{"action":"advance","by":"-1s"}"#, "never goes back"),
        (r#"{"action":"advance","by":"99999999h"}"#, "ends with the year 9999"),
        (r#"{"action":"set","to":"2001-01-01T00:00:00Z"}"#, "never goes back"),
        (r#"{"action":"scale","rate":0}"#, "a rate is a number from"),
        (r#"{"action":"stop"}"#, "body:1:11: \"stop\" is not known here; known are pause"),
        ("{", "body:1:"),
        ("", "empty, or ends too early"),
        (r#"["pause",null,null,null]"#, "expected"),
    ] {
        let answer = emulator.control("PUT", "clock", body).await;
        let error = answer.json();
        assert_eq!(answer.status, 400, "{body}");
        assert!(error["message"].as_str().unwrap().contains(message), "{body}: {error}");
        assert!(error["error"].is_string());
    }
    assert_eq!(emulator.control("GET", "clock", "").await.json()["now"], "2026-01-02T03:04:05Z");
}

/// All visible state of a session, without the ids of calls.
async fn view(emulator: &TestEmulator) -> String {
    emulator.control("GET", "tasks", "").await.body
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]
    #[test]
    fn one_jump_equals_many_steps(total in 1u32..400, pieces in 1u32..40) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let views = [1, pieces, total].map(|count| {
            runtime.block_on(async {
                let emulator = TestEmulator::new("lifecycles: { '*': { queued: 50s, running: { range: [10s, 250s] } } }\nstart_on_first_poll: ['*']\n");
                emulator.poll("IMAGE_SCAN").await;
                emulator.poll("VUL_CHECK_TASK").await;
                for step in 0..count {
                    let by = total / count + u32::from(step < total % count);
                    emulator.control("PUT", "clock", &format!(r#"{{"action":"advance","by":"{by}s"}}"#)).await;
                }
                view(&emulator).await
            })
        });
        prop_assert_eq!(&views[0], &views[1]);
        prop_assert_eq!(&views[0], &views[2]);
    }
}

#[tokio::test]
async fn six_hours_at_once_in_hours_and_in_seconds() {
    let mut views = Vec::new();
    for (count, by) in [(1, "6h"), (6, "1h"), (21_600, "1s")] {
        let emulator = TestEmulator::new(
            "lifecycles: { '*': { queued: 1h, running: 10h } }\nstart_on_first_poll: ['*']\n",
        );
        emulator.poll(TYPE).await;
        for _ in 0..count {
            emulator.control("PUT", "clock", &format!(r#"{{"action":"advance","by":"{by}"}}"#)).await;
        }
        views.push(view(&emulator).await);
    }
    assert_eq!(views[0], views[1]);
    assert_eq!(views[0], views[2]);
    assert!(views[0].contains(r#""progress":50"#), "{}", views[0]);
}
