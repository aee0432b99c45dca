//! Accounts with their own clocks.

use serde_json::{Value, json};

use crate::harness::{Setup, TestCall, TestEmulator};

const TYPE: &str = "ASSETS_COLLECTION";

/// What an account sees of its newest task, by both schemes of signature.
async fn status(emulator: &TestEmulator, account: &str) -> String {
    let call = TestCall::latest(TYPE).with(|call| call.key = account.into());
    let seen =
        [emulator.call(call.clone().v1()).await, emulator.call(call.with(|call| call.nonce.push('+'))).await];
    let [v1, v3] = seen.map(|answer| {
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["TaskInfo"]["Status"].as_str().unwrap().to_owned()
    });
    assert_eq!(v1, v3);
    v1
}

async fn put(emulator: &TestEmulator, path: &str, order: Value) -> Value {
    let answer = emulator.control("PUT", path, &order.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn now(emulator: &TestEmulator, path: &str) -> String {
    emulator.control("GET", path, "").await.json()["now"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn one_account_is_a_day_ahead_the_other_untouched_and_both_still_sign() {
    let emulator = TestEmulator::new("default");
    for account in ["a", "b"] {
        assert_eq!(status(&emulator, account).await, "INIT");
    }
    let reply = put(&emulator, "clock?account=a", json!({"action": "advance", "by": "1d"})).await;
    assert_eq!(
        (&reply["account"], &reply["own"], &reply["was"], &reply["now"]),
        (&json!("a"), &json!(true), &json!("2026-01-02T03:04:05Z"), &json!("2026-01-03T03:04:05Z"),)
    );
    assert_eq!(reply["transition_count"], 2, "the other account's task stays where it is: {reply}");
    assert_eq!(
        (status(&emulator, "a").await, status(&emulator, "b").await),
        ("SUCCESS".into(), "INIT".into())
    );
    // The session's clock moves both.
    put(&emulator, "clock", json!({"action": "advance", "by": "3s"})).await;
    assert_eq!(
        (status(&emulator, "a").await, status(&emulator, "b").await),
        ("SUCCESS".into(), "START".into())
    );
    assert_eq!(now(&emulator, "clock?account=a").await, "2026-01-03T03:04:08Z");
    assert_eq!(now(&emulator, "clock?account=b").await, "2026-01-02T03:04:08Z");
    let seen = emulator.control("GET", "clock", "").await.json();
    insta::assert_snapshot!(seen, @r#"{"now":"2026-01-02T03:04:08Z","rate":1.0,"paused":true,"own_clock_count":1,"own_clocks":[{"account":"a","now":"2026-01-03T03:04:08Z","rate":1.0,"paused":true}]}"#);
}

#[tokio::test]
async fn every_order_to_one_account_leaves_the_session_unchanged() {
    let emulator = TestEmulator::new("default");
    let before = emulator.control("GET", "clock?account=a", "").await.json();
    assert_eq!(before["own"], false);
    for (order, member, shown) in [
        (json!({"action": "set", "to": "2026-02-01T00:00:00Z"}), "now", json!("2026-02-01T00:00:00Z")),
        (json!({"action": "scale", "rate": 60}), "rate", json!(60.0)),
        (json!({"action": "resume"}), "paused", json!(false)),
        (json!({"action": "pause"}), "paused", json!(true)),
    ] {
        assert_eq!(put(&emulator, "clock?account=a", order).await[member], shown);
        assert_eq!(emulator.control("GET", "clock?account=a", "").await.json()[member], shown);
        assert_eq!(emulator.control("GET", "clock?account=b", "").await.json()["now"], before["now"]);
    }
    // An account starts at the scenario's start time, whatever its clock shows at its first call.
    assert_eq!(status(&emulator, "a").await, "INIT");
}

#[tokio::test]
async fn an_order_to_all_moves_own_clocks_too_and_none_goes_back() {
    let emulator = TestEmulator::new("default");
    put(&emulator, "clock?account=early", json!({"action": "pause"})).await;
    put(&emulator, "clock?account=late", json!({"action": "advance", "by": "2d"})).await;
    let reply = put(&emulator, "clock", json!({"action": "set", "to": "2026-01-03T00:00:00Z"})).await;
    assert_eq!((&reply["now"], &reply["stayed_count"]), (&json!("2026-01-03T00:00:00Z"), &json!(1)));
    assert_eq!(
        reply["stayed"][0],
        json!({"account": "late", "now": "2026-01-04T03:04:05Z", "rate": 1.0, "paused": true})
    );
    assert_eq!(now(&emulator, "clock?account=early").await, "2026-01-03T00:00:00Z");
    for (order, member, shown) in [
        (json!({"action": "scale", "rate": 2}), "rate", json!(2.0)),
        (json!({"action": "resume"}), "paused", json!(false)),
        (json!({"action": "pause"}), "paused", json!(true)),
    ] {
        assert!(put(&emulator, "clock", order).await["stayed"].is_null());
        for path in ["clock", "clock?account=early", "clock?account=late"] {
            assert_eq!(emulator.control("GET", path, "").await.json()[member], shown);
        }
    }
}

#[tokio::test]
async fn a_clock_that_cannot_go_as_far_stays_and_is_named() {
    let emulator = TestEmulator::new("default");
    put(&emulator, "clock?account=far", json!({"action": "set", "to": "9999-12-30T00:00:00Z"})).await;
    let reply = put(&emulator, "clock", json!({"action": "advance", "by": "1d"})).await;
    assert_eq!(
        (&reply["now"], &reply["stayed"][0]["account"]),
        (&json!("2026-01-03T03:04:05Z"), &json!("far"))
    );
}

#[tokio::test]
async fn what_is_refused_changes_nothing_and_makes_no_account() {
    let emulator = Setup::new("default").keys(&[("alice", "s", None), ("bob", "s", None)]).start();
    for (path, order, status, said) in [
        ("clock?account=alicia", json!({"action": "pause"}), 404, "did you mean alice?"),
        ("clock?account=", json!({"action": "pause"}), 400, "is empty"),
        ("clock?account=a%20b", json!({"action": "pause"}), 400, "named by its AccessKeyId"),
        ("clock?acount=a", json!({"action": "pause"}), 400, "acount"),
        ("clock?account=alice", json!({"action": "advance", "by": "-1s"}), 400, "never goes back"),
        ("clock?account=alice", json!({"action": "scale", "rate": 0}), 400, "a rate is"),
    ] {
        let answer = emulator.control("PUT", path, &order.to_string()).await;
        assert_eq!(answer.status, status, "{path} {order}");
        assert!(answer.json()["message"].as_str().unwrap().contains(said), "{}", answer.body);
    }
    for path in ["clock?account=alicia", "clock?account="] {
        assert!(emulator.control("GET", path, "").await.status >= 400);
    }
    assert_eq!(emulator.control("POST", "reset?account=alicia", "").await.status, 404);
    assert_eq!(emulator.account_count(), 0);
    // One that has a clock keeps it when an order is refused.
    put(&emulator, "clock?account=alice", json!({"action": "advance", "by": "1h"})).await;
    let back = json!({"action": "set", "to": "2026-01-02T03:04:05Z"}).to_string();
    assert_eq!(emulator.control("PUT", "clock?account=alice", &back).await.status, 400);
    assert_eq!(now(&emulator, "clock?account=alice").await, "2026-01-02T04:04:05Z");
}

#[tokio::test]
async fn accounts_are_bounded_for_clocks_too() {
    let emulator = Setup::new("default").max_accounts(1).start();
    put(&emulator, "clock?account=a", json!({"action": "pause"})).await;
    let answer = emulator.control("PUT", "clock?account=b", r#"{"action":"pause"}"#).await;
    assert_eq!((answer.status, answer.json()["error"].as_str().unwrap()), (503, "too_many_accounts"));
}

#[tokio::test]
async fn a_reset_gives_an_account_the_sessions_clock_again() {
    let emulator = TestEmulator::new("default");
    for path in ["reset?account=a", "reset"] {
        put(&emulator, "clock?account=a", json!({"action": "advance", "by": "1d"})).await;
        assert_eq!(emulator.control("POST", path, "").await.status, 200);
        let clock = emulator.control("GET", "clock?account=a", "").await.json();
        assert_eq!((&clock["own"], &clock["now"]), (&json!(false), &json!("2026-01-02T03:04:05Z")), "{path}");
    }
}

#[tokio::test]
async fn advance_applies_schedules_and_orders_and_lists_new_tasks() {
    let emulator = TestEmulator::new("assumptions: { registration_delay: 20s }\nstart_on_first_poll: []\n");
    let cycle = TestCall::new("CreateCycleTask")
        .param("TaskType", "IMAGE_SCAN")
        .param("TaskName", "IMAGE_SCAN")
        .param("Enable", "1")
        .param("FirstDateStr", "1767312000000")
        .param("IntervalPeriod", "1")
        .param("PeriodUnit", "hour")
        .param("TargetStartTime", "0")
        .param("TargetEndTime", "6");
    assert_eq!(emulator.call(cycle).await.status, 200);
    let servers = "00000000-0000-4000-8000-000000000001";
    let push = TestCall::new("ModifyPushAllTask").param("Tasks", "OVAL_ENTITY").param("Uuids", servers);
    assert_eq!(emulator.call(push).await.status, 200);
    let reply = put(&emulator, "clock?account=test", json!({"action": "advance", "by": "1h"})).await;
    let lines: Vec<String> = reply["transitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            ["at", "type", "from", "to"].map(|member| one[member].to_string().replace('"', "")).join(" ")
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    2026-01-02T03:04:25Z VUL_CHECK_TASK null INIT
    2026-01-02T03:04:27Z VUL_CHECK_TASK INIT START
    2026-01-02T03:04:35Z VUL_CHECK_TASK START SUCCESS
    2026-01-02T04:00:00Z IMAGE_SCAN null INIT
    2026-01-02T04:00:02Z IMAGE_SCAN INIT START
    2026-01-02T04:00:10Z IMAGE_SCAN START SUCCESS
    ");
    assert_eq!(emulator.control("GET", "tasks", "").await.json()["total"], 2, "no call since");
}

#[tokio::test]
async fn a_look_at_tasks_lets_happen_what_is_due() {
    let emulator = TestEmulator::new("assumptions: { registration_delay: 20s }\n");
    let push = TestCall::new("ModifyPushAllTask")
        .param("Tasks", "OVAL_ENTITY")
        .param("Uuids", "00000000-0000-4000-8000-000000000001");
    emulator.call(push).await;
    assert_eq!(emulator.control("GET", "tasks", "").await.json()["total"], 0);
    emulator.advance(jiff::SignedDuration::from_secs(20));
    let task = emulator.control("GET", "tasks", "").await.json()["tasks"][0].clone();
    assert_eq!(task["started"], "2026-01-02T03:04:25Z");
}
