//! Faults, as a client sees them.

use std::sync::Arc;

use jiff::SignedDuration;
use sas_emulator::internals::scenario::schema;
use serde_json::{Value, json};

use crate::harness::faults::{TYPE, poll, with};
use crate::harness::tasks::{cancel, generate, roots};
use crate::harness::{Break, Setup, TestCall, TestEmulator};

/// Which of so many polls fail, counted from 1.
async fn failing(emulator: &TestEmulator, polls: usize) -> Vec<usize> {
    let mut failing = Vec::new();
    for nth in 1..=polls {
        if poll(emulator).await.status != 200 {
            failing.push(nth);
        }
    }
    failing
}

#[tokio::test]
async fn calls_are_counted_by_account() {
    let emulator = with(
        "{ match: { action: GetLastOnceTaskInfo }, trigger: { calls: '2..3' }, effect: { error: ServerError } }",
    );
    let other = || TestCall::latest(TYPE).with(|call| call.key = "other".into());
    assert_eq!(emulator.call(other()).await.status, 200);
    assert_eq!(failing(&emulator, 5).await, [2, 3]);
    assert_eq!(emulator.call(other()).await.status, 500);
    let reports = emulator.control("GET", "faults", "").await.json();
    insta::assert_snapshot!(reports, @r#"{"faults":[{"id":"fault-1","rule":{"match":{"action":"GetLastOnceTaskInfo"},"trigger":{"calls":"2..3"},"effect":{"error":"ServerError"}},"hits":3,"matched":7,"remaining":1,"exhausted":false,"expired":false}]}"#);
    let reports = emulator.control("GET", "faults?account=other", "").await.json();
    assert_eq!((&reports["faults"][0]["hits"], &reports["faults"][0]["remaining"]), (&json!(1), &json!(1)));
    emulator.control("POST", "reset?account=test", "").await;
    assert_eq!(failing(&emulator, 5).await, [2, 3]);
    emulator.control("POST", "reset", "").await;
    assert_eq!(emulator.call(other()).await.status, 200);
}

/// A rule for the first three of a thousand parallel calls fires for exactly three.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counts_are_exact_under_64_callers() {
    let emulator = Arc::new(with("{ trigger: { times: 3 }, effect: { error: ServerError } }"));
    let callers: Vec<_> = (0..64)
        .map(|caller: usize| {
            let emulator = Arc::clone(&emulator);
            tokio::spawn(async move {
                failing(&emulator, 1000 / 64 + usize::from(caller < 1000 % 64)).await.len()
            })
        })
        .collect();
    let mut failed = 0;
    for caller in callers {
        failed += caller.await.unwrap();
    }
    assert_eq!(failed, 3);
    let report = emulator.control("GET", "faults", "").await.json()["faults"][0].clone();
    assert_eq!(
        report,
        json!({"id": "fault-1", "rule": {"trigger": {"times": 3}, "effect": {"error": "ServerError"}}, "hits": 3, "matched": 1000, "remaining": 0, "exhausted": true, "expired": false})
    );
}

#[tokio::test]
async fn a_window_on_the_task_clock() {
    let emulator = with("{ trigger: { window: { from: 10s, to: 20s } }, effect: { error: ServerError } }");
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(poll(&emulator).await.status);
        emulator.advance(SignedDuration::from_secs(6));
    }
    assert_eq!(seen, [200, 200, 500, 500, 200]);
}

#[tokio::test]
async fn errors_in_words_of_ones_own() {
    let emulator = with(
        "{ effect: { error: { status: 418, code: Teapot, message: 'no <coffee>', recommend: 'https://example.test' }, headers: { set: { x-test: 7 } } } }",
    );
    let answer = poll(&emulator).await;
    assert_eq!((answer.status, answer.header("x-test")), (418, "7"));
    insta::assert_snapshot!(answer.body.replace(answer.json()["RequestId"].as_str().unwrap(), "-"), @r#"{"RequestId":"-","Message":"no <coffee>","Recommend":"https://example.test","HostId":"127.0.0.1:7270","Code":"Teapot"}"#);
    let xml = emulator.call(TestCall::latest(TYPE).v1().with(|call| call.format = Some("XML".into()))).await;
    assert!(
        xml.is_xml()
            && xml
                .body
                .contains("<Message>no &lt;coffee&gt;</Message><Recommend><![CDATA[https://example.test]]>")
    );
    // What is left out is that of the table.
    let known = with("{ effect: { error: { code: ServiceUnavailable, message: later } } }");
    assert_eq!(
        (poll(&known).await.verdict(), poll(&known).await.message()),
        ((503, "ServiceUnavailable".into()), "later".into())
    );
}

#[tokio::test]
async fn a_lie_replaces_the_reply_of_a_performed_call() {
    let emulator = with("{ match: { action: GenerateOnceTask }, effect: { lie: ServerError } }");
    assert_eq!(emulator.call(generate(TYPE)).await.verdict(), (500, "ServerError".into()));
    assert_eq!(emulator.list(roots(TYPE)).await.len(), 1);
    // A refusal by the service itself is not a lie.
    let refused = TestCall::new("GenerateOnceTask");
    assert_eq!(emulator.call(refused).await.code(), "MissingTaskType");
}

#[tokio::test]
async fn a_bucket_and_both_families_of_headers() {
    let emulator = with("{ effect: { throttle: { per_second: 0.001, burst: 2 } } }");
    assert_eq!(failing(&emulator, 4).await, [3, 4]);
    let answer = poll(&emulator).await;
    assert_eq!(answer.verdict(), (400, "Throttling.User".into()));
    let wait: u64 = answer.header("x-acs-retry-after").parse().unwrap();
    assert!((990_000..=1_000_000).contains(&wait), "{wait}");
    assert_eq!(answer.header("x-ratelimit-user"), format!("Limit:1,Remain:0,TimeLeft:{wait},Reset:{wait}"));
    let report = emulator.control("GET", "faults", "").await.json()["faults"][0].clone();
    assert_eq!((&report["matched"], &report["hits"]), (&json!(5), &json!(3)));
}

#[tokio::test]
async fn answers_are_patched_and_damaged() {
    let emulator = with(
        "{ effect: { patch: { TaskInfo: { Progress: many, Result: null }, Extra: [1] }, headers: { remove: [x-acs-request-id] } } }",
    );
    let answer = poll(&emulator).await;
    let info: Value = answer.json();
    assert_eq!(
        (&info["TaskInfo"], &info["Extra"]),
        (&json!({"Status": "INIT", "Progress": "many"}), &json!([1]))
    );
    assert_eq!((answer.header("x-acs-request-id"), answer.status), ("", 200));

    let body = async |damage: &str| {
        let answer = poll(&with(&format!("{{ effect: {{ body: {damage} }} }}"))).await;
        (answer.status, answer.header("content-type").to_owned(), answer.body)
    };
    assert_eq!(body("empty").await, (200, "application/json;charset=utf-8".into(), String::new()));
    assert_eq!(
        body("{ replace: { status: 503, text: '<html>busy</html>' } }").await,
        (503, "text/html".into(), "<html>busy</html>".into())
    );
    let (status, _, corrupt) = body("corrupt").await;
    assert_eq!(status, 200);
    assert!(serde_json::from_str::<Value>(&corrupt).is_err());
}

#[tokio::test]
async fn a_connection_breaks_before_or_after_the_call_is_performed() {
    for (when, tasks) in [("before", 0), ("after", 1)] {
        let emulator = with(&format!(
            "{{ match: {{ action: GenerateOnceTask }}, effect: {{ connection: {{ kind: reset, when: {when} }} }} }}"
        ));
        assert_eq!(emulator.try_send(generate(TYPE).request()).await.unwrap_err(), Break::Reset);
        assert_eq!(emulator.list(roots(TYPE)).await.len(), tasks);
    }
    let short = with("{ effect: { connection: hang } }");
    assert_eq!(short.try_send(cancel("x").request()).await.unwrap_err(), Break::Hang);
}

#[tokio::test]
async fn every_rule_acts_and_the_first_refusal_wins() {
    let emulator = TestEmulator::new(
        "faults:\n  - { effect: { headers: { set: { a: 1 } } } }\n  - { effect: { error: ServerError } }\n  - { id: last, effect: { error: NoPermission, headers: { set: { b: 2 } } } }\n",
    );
    let answer = poll(&emulator).await;
    assert_eq!((answer.status, answer.header("a"), answer.header("b")), (500, "1", "2"));
}

#[tokio::test]
async fn rules_are_armed_and_disarmed() {
    let emulator = TestEmulator::new("default");
    let control = async |method, path, body: &str| {
        let answer = emulator.control(method, path, body).await;
        format!("{} {}", answer.status, answer.body.trim())
    };
    let mut shown = vec![control("GET", "faults", "").await];
    let rule =
        r#"{"match":{"action":"GetLastOnceTaskInfo","account":"test"},"effect":{"error":"ServerError"}}"#;
    shown.push(control("POST", "faults", rule).await);
    shown.push(control("POST", "faults", &format!("[{rule},{rule}]")).await);
    assert_eq!(poll(&emulator).await.status, 500);
    shown.push(control("POST", "faults", r#"{"id":"fault-2","effect":{"delay":"1ms"}}"#).await);
    shown.push(control("DELETE", "faults/fault-1", "").await);
    shown.push(control("DELETE", "faults/fault-1", "").await);
    shown.push(control("PUT", "faults", r#"[{"id":"only","effect":{"error":"NoPermission"}}]"#).await);
    assert_eq!(poll(&emulator).await.status, 403);
    shown.push(control("DELETE", "faults", "").await);
    assert_eq!(poll(&emulator).await.status, 200);
    insta::assert_snapshot!(shown.join("\n"), @r#"
    200 {"faults":[]}
    200 {"armed":["fault-1"]}
    200 {"armed":["fault-2","fault-3"]}
    409 {"error":"not_armed","message":"a fault is called \"fault-2\" already","hint":"GET /_emulator/faults lists those that are armed"}
    200 {"disarmed":"fault-1"}
    404 {"error":"unknown_fault","message":"no fault is called \"fault-1\"","hint":"armed are fault-2, fault-3"}
    200 {"faults":[{"id":"only","rule":{"effect":{"error":"NoPermission"}},"hits":0,"matched":0,"remaining":null,"exhausted":false,"expired":false}]}
    200 {"faults":[]}
    "#);
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_says_why() {
    let emulator = TestEmulator::new("default");
    let rules = [
        "",
        "7",
        r#"{"effect":{}}"#,
        r#"{"match":{"action":"GetLastOnceTask"},"effect":{"error":"ServerError"}}"#,
        r#"{"match":{"action":"GetLastOnceTaskInfo","params":{"TaskTipe":"x"}},"effect":{"error":"ServerError"}}"#,
        r#"{"match":{"params":{"TaskTyp":"x"}},"effect":{"error":"ServerError"}}"#,
        r#"{"match":{"params":{"TaskType":"IMAGE_SCN"}},"effect":{"error":"ServerError"}}"#,
        r#"{"effect":{"error":"ServerEror"}}"#,
        r#"{"effect":{"errror":"ServerError"}}"#,
        r#"{"efect":{"error":"ServerError"}}"#,
        r#"{"trigger":{"calls":"5..3"},"effect":{"error":"ServerError"}}"#,
        r#"{"effect":{"connection":"rest"}}"#,
        r#"{"effect":{"body":{"trunkate":5}}}"#,
        r#"{"effect":{"throttle":{"per_second":0}}}"#,
        r#"{"effect":{"headers":{"set":{"content-length":5}}}}"#,
        r#"{"match":{"task":{"progress":">100"}},"effect":{"error":"ServerError"}}"#,
        r#"{"match":{"task":{"status":"RUNNING"}},"effect":{"error":"ServerError"}}"#,
    ];
    let mut shown = Vec::new();
    for rule in rules {
        let answer = emulator.control("POST", "faults", rule).await;
        let message = answer.json()["message"].as_str().unwrap_or_default().to_owned();
        shown.push(format!("{} {message}", answer.status));
    }
    // All effects, as the schema lists them: a new one needs no change here.
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let effects = schema["$defs"]["Effects"]["properties"].as_object().unwrap();
    let effects = effects.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    insta::assert_snapshot!(shown.join("\n").replace(&effects, "EFFECTS"), @r#"
    400 body:1:1: the file is empty, or ends too early
    400 body:1:1: expected a fault, or a list of them, not 7
    400 body:1:11: an effect is at least one of EFFECTS
    400 body:1:10: no operation is called "GetLastOnceTask"; did you mean GetLastOnceTaskInfo?
    400 body:1:10: GetLastOnceTaskInfo has no parameter "TaskTipe"; did you mean TaskType?
    400 body:1:10: no parameter is called "TaskTyp"; did you mean TaskType?
    400 body:1:10: no TaskType is called "IMAGE_SCN"; did you mean IMAGE_SCAN?
    400 body:1:20: no error code is called "ServerEror"; did you mean ServerError? (one of your own: { status: 400, code: ServerEror, message: … })
    400 body:1:12: there is no key "errror" here; did you mean error? Known are EFFECTS
    400 body:1:2: there is no key "efect" here; did you mean effect? Known are id, match, trigger, effect
    400 body:1:21: expected numbers of calls, counted from 1, such as 3, "3..5" (both included) or [1, 4]
    400 body:1:12: "rest" is not known here; did you mean reset? Known are close, reset, hang
    400 body:1:20: "trunkate" is not known here; did you mean truncate? Known are corrupt, empty, truncate, drip, replace
    400 body:1:37: expected calls per second from 0.001 to 1000000, not 0
    400 body:1:22: content-length frames the reply; body and connection damage that
    400 body:1:30: ">100" is not a comparison that a percentage can meet; expected one such as ">=50", "<100" or 69
    400 body:1:28: "RUNNING" is not known here; known are INIT, START, SUCCESS, FAIL, TIMEOUT
    "#);
    assert_eq!(emulator.control("GET", "faults", "").await.json()["faults"], json!([]));
}

#[tokio::test]
async fn what_is_for_one_account_goes_with_it() {
    let emulator =
        TestEmulator::new("faults: [{ id: first, match: { account: a }, effect: { error: ServerError } }]\n");
    let armed = || async {
        let faults = emulator.control("GET", "faults", "").await.json()["faults"].clone();
        faults
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| fault["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let rules = r#"[{"id":"of-a","match":{"account":"a"},"effect":{"error":"ServerError"}},
        {"id":"of-b","match":{"account":"b"},"effect":{"error":"ServerError"}},{"id":"of-all","effect":{"delay":"1ms"}}]"#;
    assert_eq!(emulator.control("POST", "faults", rules).await.status, 200);
    emulator.control("POST", "reset?account=a", "").await;
    assert_eq!(armed().await, ["first", "of-b", "of-all"], "the scenario's own stays");
    emulator.control("DELETE", "faults?account=b", "").await;
    assert_eq!(armed().await, ["first", "of-all"]);
    assert_eq!(
        emulator.control("POST", "faults?account=a", rules).await.status,
        400,
        "a query is not passed over"
    );

    emulator.poll("IMAGE_SCAN").await;
    let forget = |id: &'static str| emulator.control("DELETE", id, "");
    assert_eq!(forget("accounts/test").await.json(), json!({"forgotten": "test", "was_there": true}));
    assert_eq!(forget("accounts/test").await.json()["was_there"], false);
    assert_eq!(emulator.account_count(), 1, "a alone is left");
    assert_eq!(emulator.control("GET", "requests/count", "").await.json(), json!({"count": 0}));
    assert_eq!(forget("accounts/no%20id").await.status, 400);
}

#[tokio::test]
async fn rules_after_a_refusal_do_not_fire() {
    let emulator = TestEmulator::new(
        "faults: [{ id: first, trigger: { calls: 1 }, effect: { error: ServerError } }, { id: then, trigger: { times: 1 }, effect: { lie: NoPermission } }]\n\
         start_on_first_poll: ['*']\n",
    );
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(emulator.call(TestCall::latest("IMAGE_SCAN")).await.status);
    }
    assert_eq!(seen, [500, 403, 200]);
    let calls = emulator.control("GET", "requests", "").await.json()["requests"].clone();
    let done: Vec<_> = calls.as_array().unwrap().iter().map(|call| call["done"].clone()).collect();
    assert_eq!(done, [json!(true), json!(true), json!(false)], "newest first: what was lied about was done");
}

/// A client may claim any number of names, of any length: only those of accounts are kept.
#[tokio::test]
async fn calls_are_counted_under_the_account_that_they_were_accepted_as() {
    let scenario = "faults: [{ id: f, effect: { delay: 0s } }, { id: own, match: { account: anonymous }, effect: { delay: 0s } }]\n";
    let emulator = Setup::new(scenario).unsigned().start();
    for number in 0..3 {
        let junk = TestCall::new("GetAuthSummary").with(|call| call.key = format!("no id {number}"));
        assert_eq!(emulator.call(junk).await.status, 200);
    }
    let counted = async |emulator: &TestEmulator, rule: &str| {
        let state: Value = serde_json::from_str(&emulator.snapshot().await).unwrap();
        let accounts = state["faults"][rule]["accounts"].as_object().unwrap();
        accounts
            .iter()
            .map(|(name, tally)| format!("{name}:{}", tally["matched"]))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(counted(&emulator, "f").await, "anonymous:3");
    assert_eq!(counted(&emulator, "own").await, "anonymous:3");

    let strict = Setup::new(scenario).start();
    for key in ["x".repeat(129), "no id".to_owned(), "stranger".to_owned()] {
        let wrong =
            TestCall::new("GetAuthSummary").with(|call| (call.key, call.secret) = (key, "wrong".into()));
        assert_eq!(strict.call(wrong).await.status / 100, 4);
    }
    assert_eq!(counted(&strict, "f").await, ":2 stranger:1");
}

#[tokio::test]
async fn counts_of_a_snapshot_may_be_of_any_size() {
    let emulator = with("{ id: f, effect: { delay: 0s } }");
    for key in ["a", "b"] {
        emulator.call(TestCall::latest(TYPE).with(|call| call.key = key.into())).await;
    }
    let taken = emulator.snapshot().await.replace(r#""matched":1"#, r#""matched":18446744073709551615"#);
    assert_eq!(emulator.control("PUT", "state", &taken).await.status, 200);
    let faults = emulator.control("GET", "faults", "").await.json();
    assert_eq!(faults["faults"][0]["matched"], json!(u64::MAX));
}
