//! A call counts from its arrival: authenticated, numbered and recorded, then delayed, performed, answered.

use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::harness::tasks::generate;
use crate::harness::{Break, TestCall, TestEmulator, TestResponse};

/// A scenario in which every poll of this one rule is refused, or broken, by it.
fn scenario(effect: &str) -> String {
    format!("faults: [{{ id: rule, match: {{ action: GetLastOnceTaskInfo }}, effect: {effect} }}]\n")
}

async fn requests(emulator: &TestEmulator, query: &str) -> Vec<Value> {
    let answer = emulator.control("GET", &format!("requests?{query}"), "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["requests"].as_array().unwrap().clone()
}

async fn rule(emulator: &TestEmulator) -> Value {
    emulator.control("GET", "faults", "").await.json()["faults"][0].clone()
}

#[tokio::test]
async fn the_same_signed_bytes_are_refused_after_any_fault() {
    for (effect, code) in [
        ("{ error: ServerError }", "ServerError"),
        ("{ error: ServiceUnavailable }", "ServiceUnavailable"),
        ("{ error: NoPermission }", "NoPermission"),
        ("{ throttle: { per_second: 0.001, burst: 1 } }", ""),
        ("{ lie: ServerError }", "ServerError"),
        ("{ connection: close }", "close"),
        ("{ connection: { kind: reset, when: after } }", "reset"),
        ("{ connection: hang }", "hang"),
    ] {
        let emulator = TestEmulator::new(&scenario(effect));
        let request = TestCall::latest("IMAGE_SCAN").request();
        let first = match emulator.try_send(request.clone()).await {
            Ok(answer) => answer.verdict().1,
            Err(kind) => kind.as_str().to_owned(),
        };
        assert_eq!(first, code, "{effect}");
        // The rule is gone; the service still remembers the nonce of the call that it received.
        emulator.control("DELETE", "faults", "").await;
        assert_eq!(emulator.send(request).await.verdict(), (400, "SignatureNonceUsed".into()), "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_during_a_delay_is_refused_and_the_original_is_not() {
    let emulator = TestEmulator::new(&scenario("{ delay: 5s }"));
    let request = TestCall::latest("IMAGE_SCAN").request();
    let (original, retry) = tokio::join!(biased; emulator.send(request.clone()), emulator.send(request));
    assert_eq!(original.status, 200);
    assert_eq!(retry.verdict(), (400, "SignatureNonceUsed".into()));
}

/// The reply to a client without a valid key, whatever rule of the API level is armed.
#[tokio::test]
async fn a_call_that_authentication_refuses_is_refused_for_that() {
    for effect in [
        "{ error: ServerError }",
        "{ throttle: { per_second: 0.001, burst: 1 } }",
        "{ lie: ServerError }",
        "{ body: empty }",
        "{ body: { truncate: 3 } }",
        "{ patch: { Code: Patched } }",
        "{ headers: { set: { server: other } } }",
    ] {
        let emulator = TestEmulator::new(&format!(
            "accounts: [{{ access_key_id: test, access_key_secret: test }}]\n{}",
            scenario(effect)
        ));
        let wrong = TestCall::latest("IMAGE_SCAN").with(|call| call.secret = "wrong".into());
        let unknown = TestCall::latest("IMAGE_SCAN").with(|call| call.key = "nobody".into());
        for (call, verdict) in
            [(wrong, (400, "SignatureDoesNotMatch")), (unknown, (404, "InvalidAccessKeyId.NotFound"))]
        {
            let answer = emulator.call(call).await;
            assert_eq!(answer.verdict(), (verdict.0, verdict.1.to_owned()), "{effect}");
            assert_eq!(answer.header("server"), "", "{effect}");
        }
        let rule = rule(&emulator).await;
        assert_eq!((&rule["matched"], &rule["hits"]), (&json!(0), &json!(0)), "{effect}");
    }
}

#[tokio::test]
async fn a_trigger_counts_accepted_calls_alone() {
    let emulator = TestEmulator::new("faults: [{ trigger: { calls: 2 }, effect: { error: ServerError } }]\n");
    let wrong = || TestCall::latest("IMAGE_SCAN").with(|call| call.secret = "wrong".into());
    let good = || TestCall::latest("IMAGE_SCAN");
    let mut verdicts = Vec::new();
    for call in [wrong(), good(), wrong(), good(), good()] {
        verdicts.push(emulator.call(call).await.verdict().1);
    }
    assert_eq!(verdicts, ["SignatureDoesNotMatch", "", "SignatureDoesNotMatch", "ServerError", ""]);
}

#[tokio::test(start_paused = true)]
async fn effects_on_the_wire_apply_to_any_call() {
    let wrong = || TestCall::latest("IMAGE_SCAN").with(|call| call.secret = "wrong".into()).request();
    let emulator = TestEmulator::new(&scenario("{ connection: reset }"));
    assert_eq!(emulator.try_send(wrong()).await.unwrap_err(), Break::Reset);
    assert_eq!(rule(&emulator).await["hits"], 1);

    let emulator = TestEmulator::new(&scenario("{ delay: 3s }"));
    let before = tokio::time::Instant::now();
    assert_eq!(emulator.send(wrong()).await.code(), "SignatureDoesNotMatch");
    assert_eq!(before.elapsed().as_secs(), 3);

    // For a call that was not accepted, only the wire-level effects of a rule apply.
    let emulator = TestEmulator::new(&scenario("{ delay: 3s, error: ServerError }"));
    let before = tokio::time::Instant::now();
    assert_eq!(emulator.send(wrong()).await.code(), "SignatureDoesNotMatch");
    assert_eq!(before.elapsed().as_secs(), 3);
}

/// Every reader of the journal sees a call while it waits.
#[tokio::test(start_paused = true)]
async fn a_call_in_flight_is_seen_from_its_arrival() {
    let emulator = TestEmulator::new(&scenario("{ delay: 5s }"));
    let mut call = Box::pin(emulator.call(TestCall::latest("IMAGE_SCAN")));
    assert!((&mut call).now_or_never().is_none(), "it waits");

    let seen = requests(&emulator, "action=GetLastOnceTaskInfo").await;
    assert_eq!((&seen[0]["in_flight"], &seen[0]["sequence"]), (&json!(true), &json!(1)));
    assert_eq!((&seen[0]["status"], &seen[0]["task_time"]), (&Value::Null, &json!("2026-01-02T03:04:05Z")));
    assert!(seen[0]["time"].is_string(), "its arrival");
    assert_eq!(emulator.control("GET", "requests/count", "").await.json()["count"], 1);
    assert_eq!(requests(&emulator, "status=none").await, [] as [Value; 0], "no connection was broken");
    assert_eq!(emulator.control("GET", "await?count=1&timeout=1s", "").await.status, 200);
    let order = r#"{"expect":[{"action":"GetLastOnceTaskInfo","count":1}],"order":["GetLastOnceTaskInfo","GenerateOnceTask"]}"#;
    assert_eq!(emulator.call(generate("IMAGE_SCAN")).await.status, 200);
    assert_eq!(emulator.control("POST", "verify", order).await.json()["passed"], true);

    assert_eq!(call.await.status, 200);
    let seen = requests(&emulator, "action=GetLastOnceTaskInfo").await;
    assert_eq!((&seen[0]["in_flight"], &seen[0]["status"]), (&Value::Null, &json!(200)));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_cut_off_is_seen_too() {
    let emulator = TestEmulator::new(&scenario("{ delay: 5s }"));
    let mut call = Box::pin(emulator.call(TestCall::latest("IMAGE_SCAN")));
    assert!((&mut call).now_or_never().is_none());
    drop(call);
    let seen = requests(&emulator, "").await;
    assert_eq!((&seen[0]["in_flight"], &seen[0]["broke"]), (&Value::Null, &json!("abandoned")));
    assert_eq!(emulator.task_count(), 0, "the operation was not performed");
}

/// A call keeps the reading of its account's clock from its arrival; a call that overtook it is not undone.
#[tokio::test(start_paused = true)]
async fn a_call_keeps_its_time_and_never_goes_back_behind_another() {
    let emulator = TestEmulator::new(
        "faults: [{ match: { action: GenerateOnceTask }, trigger: { times: 1 }, effect: { delay: 5s } }]\n",
    );
    let mut late = Box::pin(emulator.call(generate("IMAGE_SCAN")));
    assert!((&mut late).now_or_never().is_none());
    emulator.advance(jiff::SignedDuration::from_secs(60));
    assert_eq!(late.await.status, 200);
    let tasks = emulator.control("GET", "tasks", "").await.json();
    assert_eq!(tasks["tasks"][0]["started"], "2026-01-02T03:05:05Z", "the clock command was seen first");
    assert_eq!(requests(&emulator, "").await[0]["task_time"], "2026-01-02T03:04:05Z");
}

/// Runs `replace` while a call that creates a task waits, and returns its reply.
async fn outlived(emulator: &TestEmulator, replace: impl AsyncFnOnce(&TestEmulator)) -> TestResponse {
    let mut call = Box::pin(emulator.call(generate("IMAGE_SCAN")));
    assert!((&mut call).now_or_never().is_none(), "it waits");
    replace(emulator).await;
    let answer = call.await;
    assert_eq!(answer.status, 200, "it is answered from its own session: {}", answer.body);
    answer
}

const DELAYED: &str = "faults: [{ id: rule, match: { action: GenerateOnceTask }, trigger: { times: 1 }, effect: { delay: 5s } }]\n";

async fn assert_untouched(emulator: &TestEmulator) {
    assert_eq!(emulator.task_count(), 0, "no task");
    assert_eq!(requests(emulator, "").await, [] as [Value; 0], "no journal entry");
    assert_eq!(emulator.journal_usage().1, 0, "no byte of it");
    if let Some(rule) = emulator.control("GET", "faults", "").await.json()["faults"].get(0) {
        assert_eq!((&rule["matched"], &rule["hits"]), (&json!(0), &json!(0)), "no counter");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_outlives_a_reset_touches_nothing() {
    let emulator = TestEmulator::new(DELAYED);
    outlived(&emulator, async |emulator| assert_eq!(emulator.control("POST", "reset", "").await.status, 200))
        .await;
    assert_untouched(&emulator).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_outlives_a_reset_of_its_account_touches_nothing() {
    let emulator = TestEmulator::new(DELAYED);
    outlived(&emulator, async |emulator| {
        assert_eq!(emulator.control("POST", "reset?account=test", "").await.status, 200);
    })
    .await;
    assert_untouched(&emulator).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_outlives_its_scenario_touches_nothing() {
    let emulator = TestEmulator::new(DELAYED);
    outlived(&emulator, async |emulator| {
        assert_eq!(emulator.control("PUT", "scenario", r#"{"name":"default"}"#).await.status, 200);
    })
    .await;
    assert_untouched(&emulator).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_outlives_a_restore_touches_nothing() {
    let emulator = TestEmulator::new(DELAYED);
    let snapshot = emulator.snapshot().await;
    outlived(&emulator, async |emulator| {
        assert_eq!(emulator.control("PUT", "state", &snapshot).await.status, 200);
    })
    .await;
    assert_untouched(&emulator).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_outlives_its_account_touches_nothing() {
    let emulator = TestEmulator::new(DELAYED);
    outlived(&emulator, async |emulator| {
        assert_eq!(emulator.control("DELETE", "accounts/test", "").await.status, 200);
    })
    .await;
    assert_untouched(&emulator).await;
    assert_eq!(emulator.account_count(), 0, "the account was not made again");
}
