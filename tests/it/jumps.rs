//! Long jumps of the task clock: what they start, what they leave out, and what they say about it.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{TestCall, TestEmulator};

/// Starts an image scan every so many hours from the epoch on.
fn cycle(account: &str, hours: u32) -> TestCall {
    TestCall::new("CreateCycleTask")
        .param("TaskType", "IMAGE_SCAN")
        .param("TaskName", "IMAGE_SCAN")
        .param("Enable", "1")
        .param("FirstDateStr", "0")
        .param("IntervalPeriod", &hours.to_string())
        .param("PeriodUnit", "hour")
        .param("TargetStartTime", "0")
        .param("TargetEndTime", "6")
        .with(|call| {
            call.key = account.into();
            call.nonce = format!("{account}{hours}");
        })
}

/// An emulator in which each account has these cycle tasks.
async fn with_cycles(scenario: &str, accounts: &[String], hours: &[u32]) -> TestEmulator {
    let emulator = TestEmulator::new(scenario);
    for account in accounts {
        for hours in hours {
            assert_eq!(emulator.call(cycle(account, *hours)).await.status, 200);
        }
    }
    emulator
}

async fn jump(emulator: &TestEmulator, by: &str) -> Value {
    let answer =
        emulator.control("PUT", "clock", &json!({ "action": "advance", "by": by }).to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn account(emulator: &TestEmulator, id: &str) -> Value {
    let snapshot: Value = serde_json::from_str(&emulator.snapshot().await).unwrap();
    snapshot["accounts"][id].clone()
}

#[tokio::test]
async fn one_jump_leaves_what_many_leave() {
    let scenario = "lifecycles: { '*': { queued: { range: [1s, 9s] }, running: { range: [1s, 300s] } } }\nlimits: { kept_tasks: 50 }\n";
    let test = ["test".to_owned()];
    let (one, many) =
        (with_cycles(scenario, &test, &[1, 3, 24]).await, with_cycles(scenario, &test, &[1, 3, 24]).await);
    let reply = jump(&one, "1200h").await;
    for _ in 0..100 {
        many.advance(SignedDuration::from_hours(12));
    }
    let left = account(&one, "test").await;
    assert_eq!(left["holds"]["tasks"].as_array().unwrap().len(), 50);
    assert_eq!(left, account(&many, "test").await, "ids, plans, streams and schedules");
    // 1200 every hour, 400 every three hours and 50 every day.
    assert_eq!(reply["skipped_starts"], 1200 + 400 + 50 - 50);
    assert_eq!(reply["transition_count"], 150, "a start and two changes of each that was started");
}

#[tokio::test]
async fn starts_of_one_account_are_bounded_and_the_rest_is_said() {
    let scenario = "limits: { kept_tasks: 1000000 }\n";
    let test = ["test".to_owned()];
    let (one, many) = (with_cycles(scenario, &test, &[1]).await, with_cycles(scenario, &test, &[1]).await);
    let reply = jump(&one, "26000h").await;
    assert_eq!((&reply["skipped_starts"], &reply["transition_count"]), (&json!(16_000), &json!(30_000)));
    let listed = reply["transitions"].as_array().unwrap();
    assert_eq!((listed.len(), &listed[0]["from"]), (1000, &Value::Null));
    assert_eq!(one.task_count(), 10_000);
    for _ in 0..4 {
        many.advance(SignedDuration::from_hours(6500));
    }
    assert_eq!(many.task_count(), 26_000);
    let (one, many) = (account(&one, "test").await, account(&many, "test").await);
    let newest = |account: &Value| {
        account["holds"]["tasks"].as_array().unwrap().iter().rev().take(10_000).cloned().collect::<Vec<_>>()
    };
    assert!(newest(&one) == newest(&many), "the newest have the ids they would have had");
    assert_eq!((&one["holds"]["cycles"], &one["dice"]), (&many["holds"]["cycles"], &many["dice"]));
    // A shorter jump leaves nothing out, and does not speak of it.
    let emulator = with_cycles(scenario, &test, &[1]).await;
    let reply = jump(&emulator, "5h").await;
    assert!(reply["skipped_starts"].is_null() && reply["postponed_accounts"].is_null(), "{reply}");
}

#[tokio::test]
async fn a_jump_to_the_end_of_the_calendar() {
    let emulator =
        with_cycles("limits: { cycle_tasks: 1000 }\n", &["test".to_owned()], &[1, 2, 3, 4, 5]).await;
    let answer = emulator.control("PUT", "clock", r#"{"action":"set","to":"9999-12-30T00:00:00Z"}"#).await;
    let reply = answer.json();
    assert_eq!(answer.status, 200, "{reply}");
    assert!(reply["skipped_starts"].as_u64().unwrap() > 150_000_000, "{reply}");
    assert_eq!((emulator.task_count(), reply["transitions"].as_array().unwrap().len()), (10_000, 1000));
}

#[tokio::test]
async fn starts_of_one_command_are_bounded_and_the_others_follow_at_the_next_call() {
    let accounts: Vec<String> = (10..22).map(|number| format!("account-{number}")).collect();
    let emulator = with_cycles("limits: { kept_tasks: 10000 }\n", &accounts, &[1]).await;
    let alone = with_cycles("limits: { kept_tasks: 10000 }\n", &accounts[11..], &[1]).await;
    let reply = jump(&emulator, "10000h").await;
    assert_eq!(
        (&reply["postponed_accounts"], &reply["transition_count"], &reply["skipped_starts"]),
        (&json!(2), &json!(300_000), &Value::Null)
    );
    jump(&alone, "10000h").await;
    for (emulator, count) in [(&emulator, 12), (&alone, 1)] {
        assert_eq!(emulator.task_count(), count * 10_000, "the next read finds them");
    }
    let last = &accounts[11];
    let tasks = format!("tasks?account={last}");
    let (shared, own) = (emulator.control("GET", &tasks, "").await, alone.control("GET", &tasks, "").await);
    assert!(shared.body == own.body, "no account depends on another");
}

/// What was seen to end is listed by later reads.
#[tokio::test]
async fn transitions_of_tasks_that_ended_meanwhile_are_listed() {
    let emulator = TestEmulator::new("default");
    emulator.poll("IMAGE_SCAN").await;
    let own = |by: &str| json!({ "action": "advance", "by": by }).to_string();
    emulator.control("PUT", "clock?account=test", &own("1s")).await;
    emulator.control("GET", "info", "").await;
    let reply = emulator.control("PUT", "clock?account=test", &own("1h")).await.json();
    assert_eq!(reply["transition_count"], 2);
    emulator.control("GET", "info", "").await;
    let reply = emulator.control("PUT", "clock?account=test", &own("1h")).await.json();
    assert_eq!(reply["transition_count"], 0);
}

#[tokio::test]
async fn tasks_are_counted_in_all_and_listed_in_part() {
    let emulator = TestEmulator::new("default");
    for task_type in ["IMAGE_SCAN", "VUL_CHECK_TASK", "IMAGE_SCAN"] {
        let body = json!({ "account": "test", "type": task_type }).to_string();
        assert_eq!(emulator.control("POST", "tasks", &body).await.status, 201);
    }
    let listed = async |query: &str| {
        let body = emulator.control("GET", &format!("tasks?{query}"), "").await.json();
        (body["total"].as_u64().unwrap(), body["tasks"].as_array().unwrap().clone())
    };
    let (total, all) = listed("account=test").await;
    assert_eq!((total, all.len()), (3, 3));
    assert_eq!(listed("limit=2").await, (3, all[..2].to_vec()));
    assert_eq!(listed("type=IMAGE_SCAN").await, (2, vec![all[0].clone(), all[2].clone()]));
    assert_eq!(listed("type=IMAGE_SCAN&limit=1").await, (2, vec![all[0].clone()]));
    assert_eq!(listed("type=OTHER").await, (0, vec![]));
    emulator.advance(SignedDuration::from_hours(1));
    let info = emulator.control("GET", "info", "").await.json();
    assert_eq!(info["tasks"], json!({ "total": 3, "ended": 3 }));
}

/// What waits for its start draws its id in the order of time, among the starts that are left out too.
#[tokio::test]
async fn a_task_that_waits_has_the_same_id_in_one_jump_and_in_many() {
    let scenario = "limits: { kept_tasks: 1000000 }\nassumptions: { registration_delay: 5h }\n";
    let test = ["test".to_owned()];
    let mut left = Vec::new();
    for jumps in [1, 2] {
        let emulator = with_cycles(scenario, &test, &[1]).await;
        let push = TestCall::new("ModifyPushAllTask")
            .param("Tasks", "HEALTH")
            .param("Uuids", "00000000-0000-4000-8000-000000000001");
        assert_eq!(emulator.call(push).await.status, 200);
        for _ in 0..jumps {
            emulator.advance(SignedDuration::from_hours(12_000 / jumps));
        }
        let account = account(&emulator, "test").await;
        let tasks = account["holds"]["tasks"].as_array().unwrap();
        left.push(tasks.iter().find(|task| task["source"] != "schedule").unwrap()["id"].clone());
    }
    assert_eq!(left[0], left[1]);
}

#[tokio::test]
async fn the_last_task_of_a_schedule_was_started() {
    let scenario = "limits: { kept_tasks: 2 }\nlifecycles: { '*': { progress: { stall_at: 1 } } }\n";
    let emulator = with_cycles(scenario, &["test".to_owned()], &[1]).await;
    for _ in 0..2 {
        emulator.advance(SignedDuration::from_hours(5));
        let account = account(&emulator, "test").await;
        let tasks = account["holds"]["tasks"].as_array().unwrap();
        assert_eq!(tasks.len(), 2);
        assert_eq!(account["holds"]["cycles"][0]["last_task"], tasks[1]["id"]);
    }
}
