//! More AccessKeyIds than accounts are kept: which accounts make room, and what becomes of them.

use serde_json::{Value, json};

use crate::harness::tasks::{cancel, generate, seconds};
use crate::harness::{Setup, TestCall, TestEmulator, TestResponse};

/// The accounts that there are, by name.
async fn accounts(emulator: &TestEmulator) -> String {
    let state: Value = serde_json::from_str(&emulator.snapshot().await).unwrap();
    state["accounts"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
}

async fn call_as(emulator: &TestEmulator, account: &str, call: TestCall) -> TestResponse {
    emulator.call(call.with(|call| call.key = account.into())).await
}

/// A call that starts nothing; its status.
async fn ask(emulator: &TestEmulator, account: &str) -> u16 {
    call_as(emulator, account, TestCall::new("GetAuthSummary")).await.status
}

async fn evicted(emulator: &TestEmulator) -> Value {
    emulator.control("GET", "info", "").await.json()["evicted_accounts"].clone()
}

#[tokio::test]
async fn the_least_recently_used_account_makes_room() {
    let emulator = Setup::new("empty").max_accounts(3).start();
    for account in ["a", "b", "c", "a", "d"] {
        assert_eq!(ask(&emulator, account).await, 200);
    }
    assert_eq!((accounts(&emulator).await.as_str(), evicted(&emulator).await), ("a c d", json!(1)));
    // A flood of new names does not end the service for those that come after it.
    for number in 0..1000 {
        assert_eq!(ask(&emulator, &format!("new-{number}")).await, 200);
        assert_eq!(ask(&emulator, "a").await, 200);
    }
    assert_eq!(accounts(&emulator).await, "a new-998 new-999");
    assert_eq!((emulator.account_count(), evicted(&emulator).await), (3, json!(1001)));
}

#[tokio::test]
async fn accounts_that_somebody_set_up_stay() {
    let listed = "accounts: [{ access_key_id: listed, access_key_secret: test }]\nunknown_access_keys: accept\n\
         faults: [{ id: f, match: { account: named }, effect: { delay: 0s } }]\n";
    let emulator = Setup::new(listed).max_accounts(6).start();
    emulator.control("PUT", "clock?account=clock", r#"{"action":"advance","by":"1s"}"#).await;
    emulator.control("POST", "tasks", r#"{"account":"started","type":"IMAGE_SCAN"}"#).await;
    for account in ["listed", "named", "forced"] {
        assert_eq!(ask(&emulator, account).await, 200);
    }
    let task = call_as(&emulator, "forced", generate("IMAGE_SCAN")).await.json()["TaskId"].clone();
    let path = format!("tasks/{}", task.as_str().unwrap());
    let forced = emulator.control("PATCH", &path, r#"{"action":"finish"}"#).await;
    assert_eq!(forced.status, 200, "{}", forced.body);
    emulator.advance(seconds(3600));
    for number in 0..10 {
        assert_eq!(ask(&emulator, &format!("new-{number}")).await, 200);
    }
    assert_eq!(accounts(&emulator).await, "clock forced listed named new-9 started");
    // A restored session keeps them, too.
    let taken = emulator.snapshot().await;
    assert_eq!(emulator.control("PUT", "state", &taken).await.status, 200);
    assert_eq!(ask(&emulator, "last").await, 200);
    assert_eq!(accounts(&emulator).await, "clock forced last listed named started");
    emulator.control("DELETE", "accounts/clock", "").await;
    assert_eq!(ask(&emulator, "one-more").await, 200);
    assert_eq!(accounts(&emulator).await, "forced last listed named one-more started");
}

#[tokio::test]
async fn accounts_in_which_something_runs_stay_until_it_has_ended() {
    let scenario = "assets: [{ agent: missing }, {}]\nassumptions: { registration_delay: 5s }\n\
         lifecycles: { '*': { queued: 1s, running: 9s }, EXPORT: { queued: 0s, running: 4s } }\n";
    let emulator = Setup::new(scenario).max_accounts(4).start();
    let install =
        TestCall::new("OperateAgentClientInstall").param("Uuids", "00000000-0000-4000-8000-000000000001");
    let started = [
        ("runs", generate("IMAGE_SCAN")),
        (
            "pends",
            TestCall::new("ModifyPushAllTask")
                .param("Tasks", "HEALTH")
                .param("Uuids", "00000000-0000-4000-8000-000000000002"),
        ),
        ("exports", TestCall::new("ExportVul").param("Type", "cve").param("Lang", "en")),
        ("installs", install),
    ];
    for (account, call) in started {
        let answer = call_as(&emulator, account, call).await;
        assert_eq!(answer.status, 200, "{account}: {}", answer.body);
    }
    assert_eq!(
        call_as(&emulator, "new", TestCall::new("GetAuthSummary")).await.verdict(),
        (503, "ServiceUnavailable".into())
    );
    for (pass, new, left) in [
        (4, "new-4", "installs new-4 pends runs"),
        (6, "new-10", "installs new-10 new-4 pends"),
        (10, "new-20", "installs new-10 new-20 new-4"),
        (0, "one", "installs new-10 new-20 one"),
        (0, "two", "new-10 new-20 one two"),
    ] {
        emulator.advance(seconds(pass));
        assert_eq!(ask(&emulator, new).await, 200);
        assert_eq!(accounts(&emulator).await, left);
    }
}

#[tokio::test]
async fn tasks_that_never_end_hold_an_account_only_if_its_caller_started_them() {
    let stuck = "tasks: [{ type: IMAGE_SCAN }]\nlifecycles: { '*': { progress: { stall_at: 69 } } }\n";
    let emulator = Setup::new(stuck).max_accounts(2).start();
    assert_eq!(call_as(&emulator, "starts", generate("IMAGE_SCAN")).await.status, 200);
    for number in 0..5 {
        assert_eq!(ask(&emulator, &format!("looks-{number}")).await, 200);
    }
    assert_eq!(accounts(&emulator).await, "looks-4 starts");
    assert_eq!(call_as(&emulator, "looks-4", generate("IMAGE_SCAN")).await.status, 200);
    assert_eq!(ask(&emulator, "looks-5").await, 503);
}

#[tokio::test]
async fn tasks_that_the_scenario_gave_hold_no_account_after_a_restore_either() {
    let stuck = "tasks: [{ type: IMAGE_SCAN }]\nlifecycles: { '*': { progress: { stall_at: 69 } } }\n";
    let emulator = Setup::new(stuck).max_accounts(1).start();
    assert_eq!(ask(&emulator, "looks").await, 200);
    let taken = emulator.snapshot().await;
    assert_eq!(emulator.control("PUT", "state", &taken).await.status, 200);
    assert_eq!(emulator.snapshot().await, taken);
    assert_eq!(ask(&emulator, "new").await, 200);
    assert_eq!(accounts(&emulator).await, "new");
}

/// Of that version each account has its own list, in which an agent may be under way.
#[tokio::test]
async fn an_agent_that_is_being_installed_holds_an_account_of_the_first_version_too() {
    let taken = include_str!("../../fixtures/snapshots/version-1.json");
    let emulator = Setup::new("empty").max_accounts(3).start();
    assert_eq!(emulator.control("PUT", "state", taken).await.status, 200);
    // Its task has ended by then.
    for (pass, new, left) in
        [(10, "x", "b c x"), (0, "y", "b x y"), (10, "z", "b y z"), (0, "last", "last y z")]
    {
        emulator.advance(seconds(pass));
        assert_eq!(ask(&emulator, new).await, 200);
        assert_eq!(accounts(&emulator).await, left);
    }
}

#[tokio::test]
async fn a_command_that_is_refused_sets_no_account_up() {
    let emulator = Setup::new("limits: { kept_tasks: 1 }\n").start();
    for account in ["clock", "started", "forced"] {
        assert_eq!(ask(&emulator, account).await, 200);
    }
    let task = call_as(&emulator, "forced", generate("IMAGE_SCAN")).await.json();
    let task = task["TaskId"].as_str().unwrap();
    call_as(&emulator, "forced", cancel(task)).await;
    call_as(&emulator, "started", generate("IMAGE_SCAN")).await;
    for (method, path, body, status) in [
        ("PUT", "clock?account=clock", r#"{"action":"set","to":"1970-01-01T00:00:00Z"}"#, 400),
        ("POST", "tasks", r#"{"account":"started","type":"IMAGE_SCAN"}"#, 409),
        ("PATCH", &*format!("tasks/{task}"), r#"{"action":"fail"}"#, 409),
    ] {
        let answer = emulator.control(method, path, body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    let state: Value = serde_json::from_str(&emulator.snapshot().await).unwrap();
    for (name, account) in state["accounts"].as_object().unwrap() {
        assert_eq!(account["configured"], Value::Null, "{name}");
    }
}

#[tokio::test]
async fn an_account_with_a_cycle_task_stays() {
    let emulator = Setup::new("empty").max_accounts(1).start();
    let cycle = [
        ("TaskType", "IMAGE_SCAN"),
        ("TaskName", "IMAGE_SCAN"),
        ("Param", "{}"),
        ("Enable", "1"),
        ("FirstDateStr", "1767312000000"),
        ("IntervalPeriod", "1"),
        ("PeriodUnit", "day"),
        ("TargetStartTime", "0"),
        ("TargetEndTime", "6"),
    ];
    let cycle = crate::harness::tasks::ask("CreateCycleTask", &cycle);
    assert_eq!(call_as(&emulator, "scheduled", cycle).await.status, 200);
    assert_eq!(ask(&emulator, "new").await, 503);
}

#[tokio::test]
async fn an_evicted_account_begins_anew_but_for_its_nonces_and_the_sums_of_faults() {
    let scenario = "faults: [{ id: f, trigger: { times: 1 }, effect: { error: ServerError } }]\n";
    let emulator = Setup::new(scenario).max_accounts(1).start();
    let start = || call_as(&emulator, "a", generate("IMAGE_SCAN"));
    let counts = async |query: &str| {
        let faults = emulator.control("GET", &format!("faults{query}"), "").await.json();
        let fault = &faults["faults"][0];
        format!("{} {} {}", fault["matched"], fault["hits"], fault["remaining"])
    };
    let nonce = TestCall::new("GetAuthSummary").with(|call| call.nonce = "once".into());
    assert_eq!(call_as(&emulator, "a", nonce.clone()).await.status, 500, "the fault");
    let first = start().await.json()["TaskId"].clone();
    emulator.advance(seconds(3600));
    assert_eq!(ask(&emulator, "b").await, 500);
    assert_eq!(accounts(&emulator).await, "b");
    assert_eq!((counts("").await, counts("?account=a").await), ("3 2 0".into(), "0 0 1".into()));
    let taken = emulator.snapshot().await;
    assert_eq!(emulator.control("PUT", "state", &taken).await.status, 200);
    assert_eq!(counts("").await, "3 2 0", "a snapshot has what was counted for accounts that are gone");

    assert_eq!(start().await.status, 500, "its fault fires again");
    assert_eq!(start().await.json()["TaskId"], first, "its random streams begin anew");
    assert_eq!((counts("").await, counts("?account=a").await), ("5 3 0".into(), "2 1 0".into()));
    let again = Setup::new("empty").max_accounts(1).start();
    for (account, status) in [("a", 200), ("b", 200), ("a", 400)] {
        assert_eq!(call_as(&again, account, nonce.clone()).await.status, status, "its nonces stay used");
    }
}

#[tokio::test]
async fn an_account_that_a_call_holds_is_not_evicted() {
    use futures_util::FutureExt;
    let scenario = "faults: [{ id: slow, match: { action: GenerateOnceTask }, effect: { delay: 5s } }]\n";
    let emulator = Setup::new(scenario).max_accounts(1).start();
    tokio::time::pause();
    let mut waits = Box::pin(call_as(&emulator, "slow", generate("IMAGE_SCAN")));
    assert!(waits.as_mut().now_or_never().is_none());
    assert_eq!(ask(&emulator, "new").await, 503);
    assert_eq!(waits.await.status, 200);
    assert_eq!(accounts(&emulator).await, "slow");
    emulator.advance(seconds(3600));
    assert_eq!(ask(&emulator, "new").await, 200);
    assert_eq!(accounts(&emulator).await, "new");
}

#[tokio::test]
async fn refused_calls_make_no_room_and_evict_nobody() {
    let emulator = Setup::new("empty").max_accounts(1).start();
    assert_eq!(ask(&emulator, "a").await, 200);
    for number in 0..10 {
        let wrong = TestCall::new("GetAuthSummary").with(|call| call.secret = "wrong".into());
        assert_eq!(call_as(&emulator, &format!("stranger-{number}"), wrong).await.status, 400);
    }
    assert_eq!((accounts(&emulator).await.as_str(), evicted(&emulator).await), ("a", json!(0)));
}
