//! Tasks that are started as by the console or a schedule, and overridden, through the control API.

use serde_json::{Value, json};

use crate::harness::{TestCall, TestEmulator, TestResponse};

const TYPE: &str = "VUL_CHECK_TASK";

async fn start(emulator: &TestEmulator, body: Value) -> Value {
    let answer = emulator.control("POST", "tasks", &body.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()
}

async fn force(emulator: &TestEmulator, id: &Value, body: Value) -> TestResponse {
    emulator.control("PATCH", &format!("tasks/{}", id.as_str().unwrap()), &body.to_string()).await
}

fn shown(task: &Value) -> (&str, i64, i64) {
    (
        task["status"].as_str().unwrap(),
        task["progress"].as_i64().unwrap(),
        task["finish_count"].as_i64().unwrap(),
    )
}

#[tokio::test]
async fn a_task_is_started_as_the_console_or_a_schedule_would() {
    let emulator = TestEmulator::new("empty");
    let task = start(&emulator, json!({"account": "test", "type": TYPE, "source": "schedule"})).await;
    insta::assert_snapshot!(task, @r#"{"account":"test","id":"a34c4f122094d2e906d5b1efd2491882","number":359096278860074,"type":"VUL_CHECK_TASK","name":"VUL_CHECK_TASK","source":"schedule","started":"2026-01-02T03:04:05Z","status":"INIT","progress":0,"finish_count":0,"total_count":5,"result":"SUCCESS"}"#);
    let seen = emulator.poll(TYPE).await;
    assert_eq!((&seen["TaskId"], &seen["TaskInfo"]["Status"]), (&task["number"], &json!("INIT")));
    assert_eq!(start(&emulator, json!({"account": "test", "type": TYPE})).await["source"], "console");
    let answer = emulator.control(
        "POST",
        "tasks?account=b",
        r#"{"type":"IMAGE_SCAN","name":"n","targets":["sha256:1"]}"#,
    );
    let task = answer.await.json();
    assert_eq!(
        (&task["account"], &task["name"], &task["total_count"]),
        (&json!("b"), &json!("n"), &json!(1))
    );
}

#[tokio::test]
async fn a_task_that_makes_no_sense_is_not_started() {
    let emulator = TestEmulator::new("limits: { kept_tasks: 1 }\nlifecycles: { '*': { queued: 1h } }\n");
    for (path, body, status, said) in [
        ("tasks", "", 400, "body:1:1: the file is empty"),
        ("tasks", r#"{"type":"IMAGE_SCAN"}"#, 400, "account is missing"),
        ("tasks", r#"{"account":"a"}"#, 400, "the key \"type\" is missing"),
        ("tasks", r#"{"account":"a","type":""}"#, 400, "type is empty"),
        ("tasks", r#"{"account":"a","type":"IMAGE_SCAM"}"#, 400, "did you mean IMAGE_SCAN?"),
        ("tasks", r#"{"account":"a","type":"X","kind":1}"#, 400, "there is no key \"kind\" here"),
        ("tasks?account=b", r#"{"account":"a","type":"X"}"#, 400, r#"?account= says "b" and the body "a""#),
        ("tasks", r#"{"account":"ä","type":"X"}"#, 400, "named by its AccessKeyId"),
        ("tasks", &format!(r#"{{"account":"a","type":"{}"}}"#, "X".repeat(70_000)), 400, "at most 64 KiB"),
    ] {
        let answer = emulator.control("POST", path, body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        assert!(answer.json()["message"].as_str().unwrap().contains(said), "{}", answer.body);
    }
    assert_eq!(emulator.account_count(), 0);
    start(&emulator, json!({"account": "a", "type": "X"})).await;
    let answer = emulator.control("POST", "tasks", r#"{"account":"a","type":"X"}"#).await;
    assert_eq!((answer.status, answer.json()["error"].as_str().unwrap()), (409, "no_room"));
}

#[tokio::test]
async fn an_override_of_a_task_shows_in_every_operation() {
    let emulator = TestEmulator::new("lifecycles: { '*': { queued: 0s, running: 100s, targets: 10 } }\n");
    let mut ids = Vec::new();
    for task_type in ["A", "B", "C", "D"] {
        ids.push(start(&emulator, json!({"account": "test", "type": task_type})).await["id"].clone());
    }
    emulator.advance(jiff::SignedDuration::from_secs(30));
    for (id, change, then) in [
        (&ids[0], json!({"action": "finish"}), ("SUCCESS", 100, 10)),
        (&ids[1], json!({"action": "fail"}), ("FAIL", 30, 3)),
        (&ids[2], json!({"action": "timeout", "at": 69}), ("TIMEOUT", 69, 6)),
        (&ids[3], json!({"action": "stall", "at": 69}), ("START", 69, 6)),
    ] {
        let answer = force(&emulator, id, change).await;
        assert_eq!((answer.status, shown(&answer.json())), (200, then));
    }
    // Forever.
    emulator.advance(jiff::SignedDuration::from_hours(24));
    for (task_type, status, progress) in
        [("A", "SUCCESS", 100), ("B", "FAIL", 30), ("C", "TIMEOUT", 69), ("D", "START", 69)]
    {
        let seen = emulator.poll(task_type).await;
        assert_eq!(seen["TaskInfo"], json!({"Status": status, "Progress": progress, "Result": "SUCCESS"}));
        let answer =
            emulator.call(TestCall::new("DescribeOnceTask").param("TaskType", task_type)).await.json();
        assert_eq!(answer["TaskManageResponseList"][0]["Progress"], format!("{progress}%"));
    }
    // What stalls is not over.
    let answer = force(&emulator, &ids[3], json!({"action": "stall", "at": 70})).await;
    assert_eq!(shown(&answer.json()), ("START", 70, 7));
    assert_eq!(
        shown(&force(&emulator, &ids[3], json!({"action": "finish"})).await.json()),
        ("SUCCESS", 100, 10)
    );
}

#[tokio::test]
async fn a_task_that_polls_move_can_be_overridden() {
    let emulator =
        TestEmulator::new("lifecycles: { '*': { advance: per_poll, polls: { init: 1, start: 3 } } }\n");
    let task = start(&emulator, json!({"account": "test", "type": TYPE})).await;
    emulator.poll(TYPE).await;
    emulator.poll(TYPE).await;
    assert_eq!(force(&emulator, &task["id"], json!({"action": "timeout"})).await.json()["status"], "TIMEOUT");
    for _ in 0..5 {
        assert_eq!(emulator.poll(TYPE).await["TaskInfo"]["Status"], "TIMEOUT");
    }
}

#[tokio::test]
async fn what_is_over_is_not_changed_and_progress_never_falls() {
    let emulator = TestEmulator::new("default");
    let id = start(&emulator, json!({"account": "test", "type": TYPE})).await["id"].clone();
    emulator.advance(jiff::SignedDuration::from_secs(8));
    for (change, status, error, said) in [
        (
            json!({"action": "stall", "at": 10}),
            409,
            "progress_would_fall",
            "shows 75 %, and Progress never falls to 10 %",
        ),
        (json!({"action": "stall", "at": 100}), 400, "bad_change", "expected 0 to 99"),
        (json!({"action": "finish", "at": 100}), 400, "bad_change", "finish does not take"),
        (json!({"action": "stop"}), 400, "bad_change", "\"stop\" is not known here"),
        (json!({"action": "fail", "at": -1}), 400, "bad_change", "a whole number from 0 to 255"),
    ] {
        let answer = force(&emulator, &id, change).await;
        let body = answer.json();
        assert_eq!((answer.status, body["error"].as_str().unwrap()), (status, error), "{body}");
        assert!(body["message"].as_str().unwrap().contains(said), "{body}");
    }
    emulator.advance(jiff::SignedDuration::from_secs(8));
    for action in ["finish", "fail", "timeout", "stall"] {
        let answer = force(&emulator, &id, json!({ "action": action })).await;
        assert_eq!((answer.status, &answer.json()["error"]), (409, &json!("task_is_over")));
        insta::allow_duplicates! {
            insta::assert_snapshot!(answer.json()["message"].as_str().unwrap(), @"the task ended with SUCCESS at 2026-01-02T03:04:15Z; a task that has ended cannot be changed");
        }
    }
    assert_eq!(force(&emulator, &json!("0"), json!({"action": "fail"})).await.status, 404);
}

#[tokio::test]
async fn a_task_is_found_by_hex_in_any_case_by_number_and_by_account() {
    let emulator = TestEmulator::new("tasks: [{ type: IMAGE_SCAN, number: 7 }]\n");
    for account in ["a", "b"] {
        emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = account.into())).await;
    }
    let of_b = emulator.control("GET", "tasks/7?account=b", "").await.json();
    assert_eq!(of_b["account"], "b");
    let hex = of_b["id"].as_str().unwrap();
    for id in [hex.to_owned(), hex.to_uppercase()] {
        assert_eq!(emulator.control("GET", &format!("tasks/{id}"), "").await.json(), of_b);
    }
    let answer = emulator.control("GET", "tasks/7", "").await;
    assert_eq!((answer.status, answer.json()["error"].as_str().unwrap()), (409, "shared_number"));
    assert_eq!(answer.json()["message"], "tasks of 2 accounts have the id 7: a, b");
    let change = r#"{"action":"fail"}"#;
    assert_eq!(emulator.control("PATCH", "tasks/7", change).await.status, 409);
    assert_eq!(emulator.control("PATCH", "tasks/7?account=b", change).await.json()["status"], "FAIL");
    assert_eq!(emulator.control("GET", "tasks/7?account=a", "").await.json()["status"], "INIT");
    for (path, status) in
        [("tasks/7?account=c", 404), (&*format!("tasks/{hex}?account=a"), 404), ("tasks/x", 404)]
    {
        assert_eq!(emulator.control("GET", path, "").await.status, status, "{path}");
    }
}

#[tokio::test]
async fn named_targets_exist_and_are_counted() {
    let scenario =
        "lifecycles: { '*': { targets: 44 } }\nassets: [{ uuid: web-1 }, { uuid: web-2 }, { uuid: db-1 }]\n";
    let emulator = TestEmulator::new(scenario);
    let targets = |targets: Value| json!({"account": "test", "type": TYPE, "targets": targets});
    let task = start(&emulator, targets(json!(["web-2", "db-1"]))).await;
    assert_eq!(task["total_count"], 2, "not what the scenario says of scans");
    assert_eq!(start(&emulator, targets(json!([]))).await["total_count"], 44);
    for (named, said) in [
        (json!(["web-1", "web-3"]), "targets: the account has no server \"web-3\"; did you mean web-2?"),
        (json!(["x"]), "targets: the account has no server \"x\""),
        (json!(["web-1", "db-1", "web-1"]), "targets: \"web-1\" is named twice"),
    ] {
        let answer = emulator.control("POST", "tasks", &targets(named).to_string()).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("bad_task")), "{}", answer.body);
        assert_eq!(answer.json()["message"], said);
    }
    // The emulator knows no list of images, nor what an unknown type is about.
    for task_type in ["IMAGE_SCAN", "SOMETHING"] {
        let body =
            json!({"account": "test", "type": task_type, "targets": ["sha256:1", "sha256:2", "sha256:3"]});
        assert_eq!(start(&emulator, body).await["total_count"], 3);
    }
    assert_eq!(emulator.control("GET", "tasks", "").await.json()["total"], 4);
}

#[tokio::test]
async fn tasks_are_listed_by_status_page_by_page() {
    let emulator = TestEmulator::new("lifecycles: { '*': { queued: 2s, running: 8s } }\n");
    for step in 0..20 {
        for account in ["a", "b", "c"] {
            let task_type = if step % 2 == 0 { "IMAGE_SCAN" } else { TYPE };
            let id = start(&emulator, json!({"account": account, "type": task_type})).await["id"].clone();
            if step % 5 == 0 {
                force(&emulator, &id, json!({"action": "fail"})).await;
            }
        }
        emulator.advance(jiff::SignedDuration::from_secs(1));
    }
    let all = emulator.control("GET", "tasks", "").await.json();
    let mut sum = 0;
    for status in ["INIT", "START", "SUCCESS", "FAIL", "TIMEOUT"] {
        for more in ["", "&type=IMAGE_SCAN", "&account=b", "&account=b&type=VUL_CHECK_TASK"] {
            let wanted = format!("tasks?status={status}{more}");
            let is_wanted = |task: &&Value| {
                task["status"] == status
                    && (!more.contains("account") || task["account"] == "b")
                    && more.split_once("type=").is_none_or(|(_, name)| task["type"] == name)
            };
            let expected: Vec<Value> =
                all["tasks"].as_array().unwrap().iter().filter(is_wanted).cloned().collect();
            let (mut found, mut path) = (Vec::new(), format!("{wanted}&limit=4"));
            loop {
                let page = emulator.control("GET", &path, "").await.json();
                assert_eq!(page["total"], expected.len(), "{path}");
                found.extend(page["tasks"].as_array().unwrap().clone());
                let Some(next) = page["next"].as_str() else { break };
                path = format!("{wanted}&limit=4&from={next}");
            }
            assert_eq!(found, expected, "{wanted}");
            sum += if more.is_empty() { found.len() } else { 0 };
        }
    }
    assert_eq!(sum, 60);
}

#[tokio::test]
async fn a_misspelt_status_or_type_is_named() {
    let emulator = TestEmulator::new("default");
    emulator.call(TestCall::latest("IMAGESCAN")).await;
    for (path, said) in [
        ("tasks?status=SUCCES", "status: no status is called \"SUCCES\"; did you mean SUCCESS?"),
        (
            "tasks?status=x",
            "status: no status is called \"x\"; known are INIT, START, SUCCESS, FAIL, TIMEOUT",
        ),
        ("tasks?type=IMAGE_SCAM", "type: no TaskType is called \"IMAGE_SCAM\"; did you mean IMAGE_SCAN?"),
    ] {
        let answer = emulator.control("GET", path, "").await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("bad_query")), "{path}");
        assert_eq!(answer.json()["message"], said);
    }
    // What there is can be asked for.
    assert_eq!(emulator.control("GET", "tasks?type=ANYTHING", "").await.json()["total"], 0);
}
