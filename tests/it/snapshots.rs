//! Snapshots that are kept under names, to go back to.

use serde_json::{Value, json};

use crate::harness::{Setup, TestEmulator};

async fn names(emulator: &TestEmulator) -> Vec<String> {
    let list = emulator.control("GET", "snapshots", "").await.json();
    list["snapshots"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// Checks status, and what the error says.
async fn refused(emulator: &TestEmulator, [method, path]: [&str; 2], status: u16, parts: &[&str]) {
    let answer = emulator.control(method, path, "").await;
    assert_eq!(answer.status, status, "{path}: {}", answer.body);
    for part in parts {
        assert!(answer.body.contains(part), "{path}: {part} is missing in {}", answer.body);
    }
}

#[tokio::test]
async fn a_session_is_saved_under_a_name_and_restored() {
    let emulator = TestEmulator::new("default");
    emulator.poll("IMAGE_SCAN").await;
    let before = emulator.snapshot().await;
    let mut saved = emulator.control("PUT", "snapshots/before-the-jump", "").await.json();
    assert!(saved["bytes"].take().as_u64().unwrap() > 500);
    insta::assert_json_snapshot!(saved, @r#"
    {
      "name": "before-the-jump",
      "time": "2026-01-02T03:04:05Z",
      "task_time": "2026-01-02T03:04:05Z",
      "scenario": "default",
      "accounts": 1,
      "tasks": 1,
      "bytes": null
    }
    "#);
    emulator.control("PUT", "clock", r#"{"action":"advance","by":"6h"}"#).await;
    assert_eq!(emulator.poll("IMAGE_SCAN").await["TaskInfo"]["Status"], "SUCCESS");
    let restored = emulator.control("POST", "snapshots/before-the-jump", "").await.json();
    assert_eq!(restored, json!({"restored": true, "accounts": 1, "now": "2026-01-02T03:04:05Z"}));
    assert_eq!(emulator.snapshot().await, before);
    assert_eq!(emulator.poll("IMAGE_SCAN").await["TaskInfo"]["Status"], "INIT");
    // It is still there, and can be restored again.
    assert_eq!(emulator.control("POST", "snapshots/before-the-jump", "").await.status, 200);
}

#[tokio::test]
async fn saving_again_under_a_name_replaces_what_it_had() {
    let emulator = TestEmulator::new("default");
    emulator.control("PUT", "snapshots/a", "").await;
    emulator.poll("IMAGE_SCAN").await;
    assert_eq!(emulator.control("PUT", "snapshots/a", "").await.json()["tasks"], 1);
    assert_eq!(names(&emulator).await, ["a"]);
    emulator.control("POST", "reset", "").await;
    assert_eq!(emulator.control("POST", "snapshots/a", "").await.json()["accounts"], 1);
}

#[tokio::test]
async fn they_outlive_a_reset_another_scenario_and_a_restored_snapshot() {
    let emulator = TestEmulator::new("default");
    let state = emulator.snapshot().await;
    emulator.control("PUT", "snapshots/kept", "").await;
    emulator.control("POST", "reset", "").await;
    emulator.control("PUT", "scenario", r#"{"name":"stuck"}"#).await;
    emulator.control("PUT", "state", &state).await;
    assert_eq!(names(&emulator).await, ["kept"]);
    let restored = emulator.control("POST", "snapshots/kept", "").await.json();
    assert!(restored["note"].as_str().unwrap().contains("taken under the scenario default"), "{restored}");
}

#[tokio::test]
async fn a_name_that_is_not_known_is_answered_with_the_nearest() {
    let emulator = TestEmulator::new("default");
    refused(&emulator, ["POST", "snapshots/a"], 404, &["unknown_snapshot", "none is kept"]).await;
    emulator.control("PUT", "snapshots/before-jump", "").await;
    let hint = "did you mean before-jump?";
    refused(&emulator, ["POST", "snapshots/before_jump"], 404, &["\\\"before_jump\\\"", hint]).await;
    refused(&emulator, ["DELETE", "snapshots/before_jump"], 404, &[hint]).await;
    refused(&emulator, ["DELETE", "snapshots/x"], 404, &["kept are before-jump"]).await;
    let removed = emulator.control("DELETE", "snapshots/before-jump", "").await.json();
    assert_eq!(removed, json!({"removed": "before-jump"}));
    assert_eq!(emulator.control("GET", "snapshots", "").await.json()["snapshots"], json!([]));
}

#[tokio::test]
async fn names_have_letters_digits_and_a_few_signs() {
    let emulator = TestEmulator::new("default");
    let longest = "a".repeat(64);
    for good in ["a", "7", "A-b_c.d", longest.as_str()] {
        let answer = emulator.control("PUT", &format!("snapshots/{good}"), "").await;
        assert_eq!(answer.status, 200, "{good}: {}", answer.body);
    }
    let long = "a".repeat(65);
    for bad in ["a%20b", "%C3%A9", ".hidden", "-a", "a%2Fb", "..", long.as_str()] {
        for method in ["PUT", "POST", "DELETE"] {
            let path = format!("snapshots/{bad}");
            refused(&emulator, [method, &path], 400, &["bad_name", "at most 64"]).await;
        }
    }
    refused(&emulator, ["PUT", "snapshots/a?account=b"], 400, &["bad_query"]).await;
    let body = emulator.control("PUT", "snapshots/a", r#"{"name":"a"}"#).await;
    assert_eq!((body.status, &body.json()["error"]), (400, &json!("unexpected_body")));
    assert_eq!(names(&emulator).await, ["7", "A-b_c.d", "a", &longest]);
}

#[tokio::test]
async fn sixteen_are_kept_and_a_further_one_is_refused() {
    let emulator = TestEmulator::new("default");
    for number in 0..16 {
        assert_eq!(emulator.control("PUT", &format!("snapshots/s{number}"), "").await.status, 200);
    }
    refused(&emulator, ["PUT", "snapshots/more"], 409, &["too_many_snapshots", "16", "DELETE"]).await;
    assert_eq!(emulator.control("PUT", "snapshots/s3", "").await.status, 200);
    assert_eq!(names(&emulator).await.len(), 16);
}

/// Half of it stays for bodies and answers.
#[tokio::test]
async fn together_they_take_at_most_half_of_the_memory_for_bodies() {
    let emulator = Setup::new("default").max_buffered(16 << 10).start();
    emulator.poll("IMAGE_SCAN").await;
    let bytes = |answer: Value| usize::try_from(answer["bytes"].as_u64().unwrap()).unwrap();
    let one = bytes(emulator.control("PUT", "snapshots/s0", "").await.json());
    let fit = (8 << 10) / one;
    assert!((1..16).contains(&fit), "{one}");
    for number in 1..fit {
        assert_eq!(emulator.control("PUT", &format!("snapshots/s{number}"), "").await.status, 200);
    }
    refused(&emulator, ["PUT", "snapshots/more"], 409, &["no_room", "8192 bytes", "--max-buffered"]).await;
    // What they take is missing for other bodies until they are gone.
    let body = format!("{{\"x\":\"{}\"}}", "x".repeat(15 << 10));
    assert_eq!(emulator.control("PUT", "state", &body).await.status, 503);
    for number in 0..fit {
        emulator.control("DELETE", &format!("snapshots/s{number}"), "").await;
    }
    assert_eq!(emulator.control("PUT", "state", &body).await.status, 400);
}
