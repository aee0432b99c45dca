//! Expectations: each requirement, each selector and each misspelt name, in every interface.

use std::sync::Arc;
use std::time::Duration;

use sas_emulator::internals::expect::{Demand, Expectation, Selector, gap, judge};
use sas_emulator::internals::journal::{CallRecord, Capacity, Completion, Journal};
use sas_emulator::{Emulator, Milestone, SignedDuration, calls};
use serde_json::{Value, json};

use crate::harness::embedded::poll;
use crate::harness::records::{Made, finish};
use crate::harness::{TestCall, TestEmulator};

/// The answer to `POST verify` of one expectation.
async fn verify(emulator: &TestEmulator, expectation: Value) -> Value {
    let body = json!({ "expect": [expectation] }).to_string();
    let answer = emulator.control("POST", "verify", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn passes(emulator: &TestEmulator, expectation: Value) -> bool {
    verify(emulator, expectation).await["passed"].as_bool().unwrap()
}

fn panic_of(act: impl FnOnce()) -> String {
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(act)).unwrap_err();
    payload.downcast_ref::<String>().cloned().unwrap_or_default()
}

/// Names that no call can have, and the nearest ones; each with an expected count of 0, which would always be met.
const MISSPELT: &[(&str, &str, &str)] = &[
    (r#"{ "action": "GetLastOnceTaskInf" }"#, "unknown_action", "GetLastOnceTaskInfo?"),
    (
        r#"{ "action": "GetLastOnceTaskInfo", "params": { "TaskTyp": "X" } }"#,
        "unknown_parameter",
        "TaskType?",
    ),
    (r#"{ "action": "GetLastOnceTask*", "params": { "TaskTyp": "X" } }"#, "unknown_parameter", "TaskType?"),
    (r#"{ "params": { "TaskTyp": "X" } }"#, "unknown_parameter", "TaskType?"),
    (r#"{ "params": { "TaskType": "IMAGE_SCN" } }"#, "unknown_task_type", "IMAGE_SCAN?"),
    (r#"{ "code": "Throtling.User" }"#, "unknown_code", "Throttling.User?"),
    (r#"{ "code": "Teapt" }"#, "unknown_code", "Teapot?"),
    (r#"{ "code": "MissingTaskTyp" }"#, "unknown_code", "MissingTaskType?"),
    (r#"{ "fault": "hicup" }"#, "unknown_fault", "hiccup?"),
    (r#"{ "account": "nightli" }"#, "unknown_account", "nightly?"),
];

const NAMES: &str = "accounts: [{ access_key_id: nightly }, { access_key_id: test, access_key_secret: test }]\n\
                     faults: [{ id: hiccup, match: { account: nightly }, effect: { error: { code: Teapot, status: 418 } } }]";

#[tokio::test]
async fn a_misspelt_name_is_refused_by_verify_and_by_queries() {
    let emulator = TestEmulator::new(NAMES);
    for (selector, error, nearest) in MISSPELT {
        let mut expectation: Value = serde_json::from_str(selector).unwrap();
        let query = query(&expectation);
        expectation["count"] = json!(0);
        let body = |name: &str, of: Value| json!({ name: [of] }).to_string();
        let step = serde_json::from_str(selector).unwrap();
        for (method, path, body) in [
            ("POST", "verify".to_owned(), body("expect", expectation)),
            ("POST", "verify".to_owned(), body("order", step)),
            ("GET", format!("requests?{query}"), String::new()),
            ("GET", format!("requests/count?{query}"), String::new()),
            ("GET", format!("await?{query}&count=0"), String::new()),
        ] {
            let answer = emulator.control(method, &path, &body).await;
            let status = if *error == "unknown_account" { 404 } else { 400 };
            assert_eq!((answer.status, &answer.json()["error"]), (status, &json!(error)), "{path} {body}");
            assert!(answer.body.contains(nearest), "{path} {body}: {}", answer.body);
        }
    }
    let body = json!({ "expect": [{ "count": 0 }], "account": "nightli" }).to_string();
    assert!(emulator.control("POST", "verify", &body).await.body.contains("nightly?"));
    assert_eq!(emulator.control("GET", "verdict?account=nightli", "").await.status, 404);
}

/// `params.TaskTyp=X` and the like.
fn query(selector: &Value) -> String {
    let mut pairs = Vec::new();
    for (name, value) in selector.as_object().unwrap() {
        match value {
            Value::Object(params) => {
                pairs.extend(
                    params.iter().map(|(name, value)| format!("params.{name}={}", value.as_str().unwrap())),
                );
            }
            value => pairs.push(format!("{name}={}", value.as_str().unwrap())),
        }
    }
    pairs.join("&")
}

#[test]
fn a_misspelt_name_is_refused_by_scenarios() {
    for (selector, _, nearest) in MISSPELT {
        let mut expectation: Value = serde_json::from_str(selector).unwrap();
        expectation["calls"] = json!(0);
        let text = format!("version: 1\nname: x\n{NAMES}\nexpect: [{expectation}]");
        let said = sas_emulator::internals::scenario::load::parse("x.yaml", &text).unwrap_err().to_string();
        assert!(said.starts_with("x.yaml:5:10: ") && said.contains(nearest), "{selector}: {said}");
    }
}

#[tokio::test]
async fn a_misspelt_name_is_refused_when_a_scenario_is_loaded_at_run_time() {
    let emulator = TestEmulator::new("default");
    for (selector, _, nearest) in MISSPELT {
        let mut document = json!({
            "version": 1, "name": "x", "expect": [serde_json::from_str::<Value>(selector).unwrap()],
            "accounts": [{ "access_key_id": "nightly" }],
            "faults": [{ "id": "hiccup", "effect": { "error": { "code": "Teapot", "status": 418 } } }],
        });
        document["expect"][0]["calls"] = json!(0);
        let answer = emulator.control("PUT", "scenario", &document.to_string()).await;
        assert!(answer.status == 400 && answer.body.contains(nearest), "{selector}: {}", answer.body);
    }
}

/// Expectations of one document may name the faults of another one, and a mistake is reported in its document.
#[test]
fn expectations_are_checked_against_all_documents() {
    use sas_emulator::internals::scenario::load::{Text, together};
    let text = |source: &str, rest: &str| Text {
        source: source.to_owned(),
        text: format!("version: 1\nname: x\n{rest}"),
    };
    let faults = text("faults.yaml", "faults: [{ id: hiccup, effect: { error: ServerError } }]");
    let expect = |fault: &str| {
        text("expect.yaml", &format!("expect:\n  - {{ calls: 0 }}\n  - {{ fault: {fault}, calls: 0 }}"))
    };
    for texts in [[faults.clone(), expect("hiccup")], [expect("hiccup"), faults.clone()]] {
        assert_eq!(together(&texts).unwrap().expect.len(), 2);
    }
    for texts in [[faults.clone(), expect("hicup")], [expect("hicup"), faults]] {
        let said = together(&texts).unwrap_err().to_string();
        assert_eq!(said, r#"expect.yaml:5:5: no fault is called "hicup"; did you mean hiccup?"#);
    }
}

#[test]
fn a_misspelt_name_is_refused_in_rust_at_the_line_that_has_it() {
    let emulator = Emulator::builder().scenario_text(format!("version: 1\nname: x\n{NAMES}")).start();
    let task = || calls("GetLastOnceTaskInfo");
    insta::assert_snapshot!(panic_of(|| drop(calls("GetLastOnceTskInfo"))), @r#"no operation is called "GetLastOnceTskInfo"; did you mean GetLastOnceTaskInfo?"#);
    insta::assert_snapshot!(panic_of(|| drop(task().with("TaskTyp", "X").times(0))), @r#"GetLastOnceTaskInfo has no parameter "TaskTyp"; did you mean TaskType?"#);
    insta::assert_snapshot!(panic_of(|| drop(calls("Get*").with("TaskTyp", "X").times(0))), @r#"Get* has no parameter "TaskTyp"; did you mean TaskType?"#);
    insta::assert_snapshot!(panic_of(|| drop(task().with("TaskType", "IMAGE_SCN").times(0))), @r#"no TaskType is called "IMAGE_SCN"; did you mean IMAGE_SCAN?"#);
    insta::assert_snapshot!(panic_of(|| emulator.verify(task().code("Throtling").times(0))), @r#"no error code is called "Throtling"; did you mean Throttling?"#);
    insta::assert_snapshot!(panic_of(|| emulator.verify(task().fault("hicup").times(0))), @r#"no fault is called "hicup"; did you mean hiccup?"#);
    insta::assert_snapshot!(panic_of(|| emulator.for_account("nightli").verify(task().times(0))), @"no AccessKeyId nightli exists; did you mean nightly?");
    insta::assert_snapshot!(panic_of(|| emulator.wait_for_blocking(task().fault("hicup"), "1m")), @r#"no fault is called "hicup"; did you mean hiccup?"#);
    insta::assert_snapshot!(panic_of(|| drop(task().gap("1"))), @r#""1" is no gap between calls; expected one such as ">=1s", "<=30s" or "1s..30s""#);
    emulator.verify(task().code("Throtl*").fault("hic*").with("TaskType", "IMAG*").times(0));
    emulator.verify(task().code("Teapot").fault("hiccup").times(0));
    for code in ["MissingTaskType", "InvalidPageSize", "MissingContentSha256", "InvalidAccessKeyId.NotFound"]
    {
        emulator.verify(task().code(code).times(0));
    }
    emulator.verify(task().with("TaskType", "NEXT_YEARS_SCAN").times(0));
}

#[tokio::test]
async fn a_name_that_a_call_has_is_known() {
    let emulator = TestEmulator::new("accounts: [{ access_key_id: test, access_key_secret: test }]\n");
    let rule = r#"{ "id": "gone", "effect": { "error": { "code": "Teapot", "status": 418 } } }"#;
    assert_eq!(emulator.control("POST", "faults", rule).await.status, 200);
    assert_eq!(emulator.call(TestCall::latest("IMAGE_SCAN")).await.status, 418);
    assert_eq!(emulator.control("DELETE", "faults/gone", "").await.status, 200);
    assert!(passes(&emulator, json!({ "fault": "gone", "code": "Teapot", "count": 1 })).await);
    // A refused call with an unknown key is a call of that key.
    emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = "stranger".into())).await;
    assert!(passes(&emulator, json!({ "account": "stranger", "count": 1 })).await);
}

#[tokio::test]
async fn an_unknown_key_lists_those_there_are_and_the_nearest() {
    let emulator = TestEmulator::new("default");
    let all = "action, params, status, code, account, fault, fidelity, since, calls, count, gap, no_calls_after, retry_after, never, exit, order";
    let answer = emulator.control("POST", "verify", r#"{ "expect": [{ "cuont": 1 }] }"#).await;
    assert!(answer.body.contains(&format!("did you mean count? Known are {all}")), "{}", answer.body);
    let text = "version: 1\nname: x\nexpect: [{ cals: 1 }]";
    let said = sas_emulator::internals::scenario::load::parse("x", text).unwrap_err().to_string();
    assert!(said.ends_with(&format!("did you mean calls? Known are {all}")), "{said}");
    let steps =
        "did you mean action? Known are action, params, status, code, account, fault, fidelity, since";
    for (method, path, body) in
        [("POST", "verify", r#"{ "order": [{ "acton": "x" }] }"#), ("GET", "requests?acton=x", "")]
    {
        let answer = emulator.control(method, path, body).await;
        assert!(answer.status == 400 && answer.body.contains(steps), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn only_run_judges_how_a_command_ends() {
    let emulator = TestEmulator::new("expect: [{ exit: failure }, { calls: 0 }]\n");
    let answer = emulator.control("POST", "verify", r#"{ "expect": [{ "exit": "failure" }] }"#).await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("bad_verification")));
    assert!(answer.body.contains("exit is for a scenario of sas-emulator run"), "{}", answer.body);
    let verdict = emulator.control("GET", "verdict", "").await.json();
    assert_eq!(
        (verdict["passed"].as_bool(), verdict["expect"].as_array().map(Vec::len)),
        (Some(true), Some(1))
    );
}

#[tokio::test]
async fn every_demand_can_be_verified_and_counts_have_two_spellings() {
    let emulator = TestEmulator::new(
        "lifecycles: { '*': { advance: instant } }\nstart_on_first_poll: ['*']\n\
         accounts: [{ access_key_id: test, access_key_secret: test, deny: [CancelOnceTask] }]\n\
         faults: [{ id: slow, match: { action: DescribeCloudCenterInstances }, effect: { throttle: { per_second: 0.001, burst: 1 } } }]",
    );
    for _ in 0..2 {
        emulator.poll("IMAGE_SCAN").await;
        emulator.call(TestCall::new("CancelOnceTask").param("TaskId", "1")).await;
        emulator.call(TestCall::new("DescribeCloudCenterInstances")).await;
    }
    for (demand, passed) in [
        (json!({ "count": 6 }), true),
        (json!({ "calls": 6 }), true),
        (json!({ "calls": 5 }), false),
        (json!({ "gap": "<=1h" }), true),
        (json!({ "gap": ">=1h" }), false),
        (json!({ "no_calls_after": "terminal" }), false),
        (json!({ "action": "CancelOnceTask", "no_calls_after": "terminal" }), true),
        (json!({ "no_calls_after": "denied" }), false),
        (json!({ "action": "GetLastOnceTaskInfo", "no_calls_after": "denied" }), true),
        (json!({ "retry_after": "honoured" }), true),
        (json!({ "never": ["busy_polling", "clock_skew"] }), true),
        (json!({ "never": ["polling_after_end"] }), false),
        (json!({ "action": "CancelOnceTask", "never": ["polling_after_end"] }), true),
        (json!({ "never": ["retrying_refusals"] }), false),
        (json!("well_behaved"), false),
        (json!({ "calls": 6, "gap": ">=1h" }), false),
        (json!({ "order": ["GetLastOnceTaskInfo", "CancelOnceTask"] }), true),
        (
            json!({ "order": ["DescribeCloudCenterInstances", { "action": "CancelOnceTask", "since": 4 }] }),
            true,
        ),
        (json!({ "status": "4xx", "code": "NoPermission", "account": "test", "calls": 2 }), true),
        (json!({ "fault": "slow", "calls": 1 }), true),
    ] {
        let verdict = verify(&emulator, demand.clone()).await;
        assert_eq!(verdict["passed"], passed, "{demand}: {verdict}");
        // A scenario says the same.
        let mut document = json!({ "version": 1, "name": "x", "expect": [demand] });
        document["faults"] = json!([{ "id": "slow", "effect": { "delay": "1ms" } }]);
        sas_emulator::internals::scenario::load::parse("x", &document.to_string()).unwrap();
    }
    emulator.call(TestCall::new("DescribeCloudCenterInstances")).await;
    let verdict = verify(&emulator, json!({ "retry_after": "honoured" })).await;
    let outcome = &verdict["expect"][0];
    assert_eq!((&outcome["passed"], &outcome["seen"]), (&json!(false), &json!(7)));
    let message = outcome["message"].as_str().unwrap();
    assert!(message.starts_with("wanted no call of any operation before its wait was over"), "{message}");
    let shown: Vec<_> =
        outcome["nearest"].as_array().unwrap().iter().map(|near| &near["call"]["sequence"]).collect();
    assert_eq!(shown, [6, 7]);
}

/// Another task is one that any of the parameters chooses which choose a task.
#[tokio::test]
async fn a_poll_of_another_task_is_no_poll_after_the_end() {
    let emulator = TestEmulator::new("lifecycles: { '*': { advance: instant } }\nstart_on_first_poll: ['*']");
    let nothing_after = || passes(&emulator, json!({ "no_calls_after": "terminal" }));
    emulator.poll("IMAGE_SCAN").await;
    for source in ["console", "schedule"] {
        emulator.call(TestCall::latest("IMAGE_SCAN").param("Source", source)).await;
        assert!(nothing_after().await, "{source}");
    }
    emulator.call(TestCall::latest("IMAGE_SCAN").param("Source", "console")).await;
    assert!(!nothing_after().await);
}

#[test]
fn the_same_demands_in_rust() {
    let emulator = Emulator::builder()
        .unsigned()
        .scenario_text(
            "version: 1\nname: x\nlifecycles: { '*': { advance: instant } }\nstart_on_first_poll: ['*']",
        )
        .start();
    let polls = || calls("GetLastOnceTaskInfo");
    emulator.verify(polls().times(0).gap(">=1s").none_after(Milestone::Denied).retry_after_honoured());
    for _ in 0..2 {
        assert_eq!(poll(&emulator, "test"), "SUCCESS 100");
    }
    emulator.verify(polls().times(2).gap("<=1h").none_after(Milestone::Denied).retry_after_honoured());
    let message = panic_of(|| emulator.verify(polls().none_after(Milestone::Terminal)));
    assert!(
        message.starts_with(
            "wanted no call of GetLastOnceTaskInfo once the task was shown at its end; call #2 came although call #1 had"
        ),
        "{message}"
    );
    assert!(panic_of(|| emulator.verify(polls().gap(">=1h"))).contains("call #2 came"));
}

/// Why an expectation of all calls is not met.
fn failure(journal: &Journal, demand: Demand) -> Option<String> {
    let expectation = Expectation::Calls(Selector::default(), demand);
    let verdict = judge(&[expectation], &journal.after(0, 9));
    verdict.outcomes[0].failure.as_ref().map(|failure| failure.message.clone())
}

/// A call that arrived after so many milliseconds.
fn at(journal: &Journal, arrived: i64) -> Arc<CallRecord> {
    Made { arrived, ..Made::default() }.arrive(journal)
}

#[test]
fn gaps_are_from_arrival_to_arrival_whatever_is_in_flight() {
    let journal = Journal::new(Capacity::default());
    for arrived in [0, 400, 500] {
        at(&journal, arrived);
    }
    let judged = |text: &str| failure(&journal, Demand::Gap(gap(text).unwrap()));
    assert_eq!(judged(">=100ms"), None);
    assert_eq!(judged("100ms..400ms"), None);
    assert_eq!(judged(">=101ms").as_deref(), Some("call #3 came 100ms after call #2"));
    assert_eq!(judged("<=399ms").as_deref(), Some("call #2 came 400ms after call #1"));
}

#[test]
fn a_client_is_held_only_to_what_it_could_know() {
    let journal = Journal::new(Capacity::default());
    let terminal = || failure(&journal, Demand::NoCallsAfter(Milestone::Terminal));
    // One call that shows a new task takes long; meanwhile another shows the end of the old one.
    let (new, old) = (at(&journal, 0), at(&journal, 1));
    finish(&journal, &old, 10, 200, Some((1, "SUCCESS")));
    // It was under way when the end was shown.
    let beside = at(&journal, 5);
    finish(&journal, &beside, 20, 200, Some((1, "SUCCESS")));
    assert_eq!(terminal(), None);
    finish(&journal, &new, 100, 200, Some((2, "START")));
    let poll = at(&journal, 101);
    finish(&journal, &poll, 102, 200, Some((2, "SUCCESS")));
    assert_eq!(terminal(), None, "there was a new task to look at");
    let late = at(&journal, 103);
    assert_eq!(terminal(), None, "it may show a new task yet");
    finish(&journal, &late, 104, 200, Some((2, "SUCCESS")));
    assert_eq!(terminal().as_deref(), Some("call #5 came although call #4 had shown the end"));
}

#[test]
fn a_repeated_call_counts_when_it_arrives() {
    let journal = Journal::new(Capacity::default());
    let denied = || failure(&journal, Demand::NoCallsAfter(Milestone::Denied));
    let first = at(&journal, 0);
    finish(&journal, &first, 10, 403, None);
    at(&journal, 5);
    assert_eq!(denied(), None, "it was under way");
    at(&journal, 11);
    assert_eq!(denied().as_deref(), Some("call #3 came although call #1 had been denied"));
}

#[test]
fn a_wait_holds_for_calls_that_arrive_after_it_was_demanded() {
    let journal = Journal::new(Capacity::default());
    let too_early = || failure(&journal, Demand::RetryAfter);
    let first = at(&journal, 0);
    let (retry_after, finished) = (Some(Duration::from_millis(100)), SignedDuration::from_millis(10));
    journal.finish(&first, &Completion { status: Some(400), retry_after, finished, ..Completion::default() });
    at(&journal, 5);
    at(&journal, 110);
    assert_eq!(too_early(), None);
    at(&journal, 50);
    assert_eq!(too_early().as_deref(), Some("call #4 came 60ms too early after call #1"));
}
