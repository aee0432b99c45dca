//! Assertions about calls, and their readable verdicts.

use serde_json::{Value, json};

use crate::harness::{Setup, TestCall, TestEmulator};

/// Three polls for images and one for vulnerabilities, then the start of a task.
async fn called() -> TestEmulator {
    let emulator = TestEmulator::new("default");
    for task_type in ["IMAGE_SCAN", "IMAGE_SCAN", "VUL_CHECK_TASK", "IMAGE_SCAN"] {
        emulator.poll(task_type).await;
    }
    let start = TestCall::new("GenerateOnceTask").param("Param", "{}").param("TaskType", "ASSETS_COLLECTION");
    let answer = emulator.call(start.param("TaskName", "ASSETS_COLLECTION")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    emulator
}

async fn verdict(emulator: &TestEmulator, body: &Value) -> Value {
    let answer = emulator.control("POST", "verify", &body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// Message, and what the nearest calls differ in, with their numbers.
fn summary(outcome: &Value) -> (String, Vec<(u64, String)>) {
    let nearest = outcome["nearest"].as_array().cloned().unwrap_or_default();
    let near = |near: &Value| (near["call"]["sequence"].as_u64().unwrap(), near["differs"].to_string());
    (outcome["message"].as_str().unwrap_or_default().to_owned(), nearest.iter().map(near).collect())
}

#[tokio::test]
async fn what_was_as_expected_passes() {
    let emulator = called().await;
    let looks = |count: &str| json!({"action": "GetLastOnceTaskInfo", "params": {"TaskType": "IMAGE_*"}, "count": count});
    let body = json!({
        "expect": [
            looks("3"), looks(">=3"), looks("1..3"), looks("<4"),
            {"action": "GetLastOnceTaskInfo"}, {"action": "CancelOnceTask", "count": 0}, {"status": 200, "count": 5},
        ],
        "order": ["GetLastOnceTaskInfo", {"params": {"TaskType": "VUL_CHECK_TASK"}}, "GenerateOnceTask"],
    });
    let verdict = verdict(&emulator, &body).await;
    assert_eq!(verdict["passed"], true, "{verdict}");
    insta::assert_json_snapshot!(verdict["order"], @r#"
    {
      "passed": true,
      "wanted": "GetLastOnceTaskInfo, then any operation with TaskType=VUL_CHECK_TASK, then GenerateOnceTask",
      "seen": 3
    }
    "#);
    insta::assert_json_snapshot!(verdict["expect"][0], @r#"
    {
      "passed": true,
      "wanted": "exactly 3 calls of GetLastOnceTaskInfo with TaskType=IMAGE_*",
      "seen": 3
    }
    "#);
}

#[tokio::test]
async fn too_few_calls_name_the_nearest_ones() {
    let emulator = called().await;
    let body = json!({"expect": [{
        "action": "GetLastOnceTaskInfo", "params": {"TaskType": "VUL_CHECK_TASK"}, "status": 200, "count": ">=2",
    }]});
    let verdict = verdict(&emulator, &body).await;
    assert_eq!((&verdict["passed"], &verdict["expect"][0]["seen"]), (&json!(false), &json!(1)));
    insta::assert_debug_snapshot!(summary(&verdict["expect"][0]), @r#"
    (
        "wanted at least 2 calls of GetLastOnceTaskInfo with TaskType=VUL_CHECK_TASK, status=200; saw 1 among 5 calls",
        [
            (
                4,
                "[\"TaskType is IMAGE_SCAN, not VUL_CHECK_TASK\"]",
            ),
            (
                2,
                "[\"TaskType is IMAGE_SCAN, not VUL_CHECK_TASK\"]",
            ),
            (
                1,
                "[\"TaskType is IMAGE_SCAN, not VUL_CHECK_TASK\"]",
            ),
        ],
    )
    "#);
}

#[tokio::test]
async fn too_many_calls_name_the_last_ones() {
    let emulator = called().await;
    let body = json!({"expect": [{"action": "GetLastOnceTaskInfo", "count": "<=1"}, {"action": "GenerateOnceTask", "count": 0}]});
    let verdict = verdict(&emulator, &body).await;
    insta::assert_debug_snapshot!(summary(&verdict["expect"][0]), @r#"
    (
        "wanted at most 1 call of GetLastOnceTaskInfo; saw 4 among 5 calls",
        [
            (
                4,
                "[]",
            ),
            (
                3,
                "[]",
            ),
            (
                2,
                "[]",
            ),
        ],
    )
    "#);
    insta::assert_debug_snapshot!(summary(&verdict["expect"][1]), @r#"
    (
        "wanted no calls of GenerateOnceTask; saw 1 among 5 calls",
        [
            (
                5,
                "[]",
            ),
        ],
    )
    "#);
}

#[tokio::test]
async fn a_wrong_order_says_which_step_and_what_came_instead() {
    let emulator = called().await;
    for (order, passed) in [
        (json!(["GetLastOnceTaskInfo", "GenerateOnceTask"]), true),
        (json!(["GenerateOnceTask", "GetLastOnceTaskInfo"]), false),
        (json!(["GenerateOnceTask", "GenerateOnceTask"]), false),
        (json!(["GetLastOnceTaskInfo", "CancelOnceTask"]), false),
    ] {
        assert_eq!(verdict(&emulator, &json!({ "order": order })).await["passed"], passed, "{order}");
    }
    let order = json!({"order": ["GenerateOnceTask", {"action": "GetLastOnceTaskInfo", "params": {"TaskType": "IMAGE_SCAN"}}]});
    insta::assert_debug_snapshot!(summary(&verdict(&emulator, &order).await["order"]), @r#"
    (
        "step 2, GetLastOnceTaskInfo with TaskType=IMAGE_SCAN, did not come after step 1, GenerateOnceTask, which is call 5; the last such call is call 4",
        [
            (
                4,
                "[]",
            ),
        ],
    )
    "#);
    let order = json!({"order": ["GetLastOnceTaskInfo", "CancelOnceTask"]});
    insta::assert_debug_snapshot!(summary(&verdict(&emulator, &order).await["order"]).0, @r#""step 2, CancelOnceTask, did not come at all, among 5 calls""#);
}

#[tokio::test]
async fn it_may_be_about_one_account_or_about_what_is_new() {
    let emulator = called().await;
    emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = "other".into())).await;
    for (scope, count) in [
        (json!({}), 6),
        (json!({"account": "other"}), 1),
        (json!({"since": 4}), 2),
        (json!({"since": 4, "account": "test"}), 1),
    ] {
        let mut body = scope;
        body["expect"] = json!([{ "count": count }]);
        assert_eq!(verdict(&emulator, &body).await["passed"], true, "{body}");
    }
}

#[tokio::test]
async fn evicted_calls_are_reported() {
    let emulator = Setup::new("instant").journal_entries(2).start();
    for _ in 0..5 {
        emulator.poll("IMAGE_SCAN").await;
    }
    let body = json!({"expect": [{"action": "GetLastOnceTaskInfo", "count": 5}]});
    let verdict = verdict(&emulator, &body).await;
    assert_eq!((&verdict["passed"], &verdict["missed"]), (&json!(false), &json!(3)));
}

#[tokio::test]
async fn what_cannot_be_judged_is_refused() {
    let emulator = called().await;
    for (body, said) in [
        ("", "nothing to verify"),
        (r#"{"expect":[{"action":"GetLastOnceTaskInfo","params":{"TaskTyp":"x"},"count":0}]}"#, "TaskType"),
        ("{}", "nothing to verify"),
        (r#"{"expect":[]}"#, "nothing to verify"),
        (r#"{"expects":[{"action":"GenerateOnceTask"}]}"#, "expect"),
        (r#"{"expect":[{"acton":"GenerateOnceTask"}]}"#, "action"),
        (r#"{"expect":[{"count":"many"}]}"#, "3..5"),
        (r#"{"expect":[{"action":"GenerateOnceTsk","count":0}]}"#, "GenerateOnceTask"),
        (r#"{"order":["GenerateOnceTsk"]}"#, "GenerateOnceTask"),
        (r#"{"order":[7]}"#, "order"),
    ] {
        let answer = emulator.control("POST", "verify", body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.body.contains(said), "{body}: {}", answer.body);
    }
}
