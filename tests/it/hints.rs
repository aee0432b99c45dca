//! What may help a client, beside its reply: in the record of the call and in a header.

use serde_json::{Value, json};

use crate::harness::{TestCall, TestEmulator, TestResponse};

/// The hint of the last call in the journal; the header must say the same.
async fn hint(emulator: &TestEmulator, answer: &TestResponse) -> Option<String> {
    let listed = emulator.control("GET", "requests?limit=1", "").await.json();
    let kept = listed["requests"][0].get("hint").map(|hint| hint.as_str().unwrap().to_owned());
    let sent = answer.headers.get("x-emulator-hint").map(|hint| hint.to_str().unwrap().to_owned());
    assert_eq!(kept, sent);
    kept
}

async fn hint_of(emulator: &TestEmulator, call: TestCall) -> Option<String> {
    hint(emulator, &emulator.call(call).await).await
}

fn named(action: &str) -> TestCall {
    TestCall { action: action.to_owned(), ..TestCall::latest("IMAGE_SCAN") }
}

fn by(account: &str, task_type: &str) -> TestCall {
    TestCall::latest(task_type).with(|call| call.key = account.into())
}

#[tokio::test]
async fn what_the_service_refuses() {
    let emulator = TestEmulator::new("default");
    for (action, expected) in [
        ("GetAuthSumary", Some("did you mean GetAuthSummary?")),
        ("DescribeStratety", Some("DescribeStrategy")),
        ("AssumeRole", Some("AssumeRole is an operation of Sts, whose Version is 2015-04-01")),
        ("Nothing.Like.It", None),
        ("GetAuthSummary", None),
    ] {
        let hint = hint_of(&emulator, named(action)).await;
        match expected {
            Some(expected) => {
                assert!(hint.as_ref().is_some_and(|hint| hint.contains(expected)), "{action}: {hint:?}");
            }
            None => assert_eq!(hint, None, "{action}"),
        }
    }
    let wrong = TestCall::latest("IMAGE_SCAN").with(|call| call.secret = "wrong".into());
    let hint = hint_of(&emulator, wrong).await.unwrap();
    assert!(hint.contains("secret is wrong"), "{hint}");
}

/// Nothing was refused here, so nothing tells the client but the hint.
#[tokio::test]
async fn a_task_type_that_no_document_knows() {
    let emulator = TestEmulator::new("default");
    let unknown = "no document knows the TaskType IMAGESCAN; did you mean IMAGE_SCAN?";
    assert_eq!(hint_of(&emulator, TestCall::latest("IMAGESCAN")).await.as_deref(), Some(unknown));
    assert_eq!(hint_of(&emulator, TestCall::latest("IMAGE_SCAN")).await, None);
    assert_eq!(
        hint_of(&emulator, TestCall::latest("zzz\u{1b}\u{4e2d}\n")).await.as_deref(),
        Some(r"no document knows the TaskType zzz\u{1b}\u{4e2d}\n")
    );
    let long = hint_of(&emulator, TestCall::latest(&"x".repeat(3000))).await.unwrap();
    assert!(long.len() < 200, "{long}");
    // A scenario that names it means it.
    let emulator = TestEmulator::new("lifecycles: { NEXT_YEARS_SCAN: { queued: 1s } }\n");
    assert_eq!(hint_of(&emulator, TestCall::latest("NEXT_YEARS_SCAN")).await, None);
    // For an account of its own, or for that account alone.
    let emulator = TestEmulator::new(
        "accounts:\n- { access_key_id: own, access_key_secret: test, lifecycles: { NEXT_YEARS_SCAN: { queued: 1s } } }\n\
         - { access_key_id: other, access_key_secret: test }\n",
    );
    assert_eq!(hint_of(&emulator, by("own", "NEXT_YEARS_SCAN")).await, None);
    assert!(hint_of(&emulator, by("other", "NEXT_YEARS_SCAN")).await.is_some());
}

#[tokio::test]
async fn a_clock_that_stands_still_while_a_client_polls() {
    let emulator = TestEmulator::new("default");
    let mut hints = Vec::new();
    for _ in 0..4 {
        hints.push(hint_of(&emulator, TestCall::latest("IMAGE_SCAN")).await);
    }
    let said = "the task clock is paused: sas-emulator clock advance 1h moves it, clock resume lets it run";
    assert_eq!(hints, [None, Some(said.to_owned()), None, None], "once, when a client looks again");
    // Once for each account, and once more in the next session.
    hint_of(&emulator, by("other", "IMAGE_SCAN")).await;
    assert!(hint_of(&emulator, by("other", "IMAGE_SCAN")).await.is_some());
    emulator.control("POST", "reset", "").await;
    hint_of(&emulator, TestCall::latest("IMAGE_SCAN")).await;
    assert!(hint_of(&emulator, TestCall::latest("IMAGE_SCAN")).await.is_some());
}

#[tokio::test]
async fn no_hint_at_a_clock_whose_task_does_not_wait_for_it() {
    for scenario in ["instant", "stuck"] {
        let emulator = TestEmulator::new(scenario);
        emulator.advance(jiff::SignedDuration::from_hours(1));
        hint_of(&emulator, TestCall::latest("IMAGE_SCAN")).await;
        emulator.advance(jiff::SignedDuration::from_hours(1));
        for _ in 0..3 {
            assert_eq!(hint_of(&emulator, TestCall::latest("IMAGE_SCAN")).await, None, "{scenario}");
        }
    }
    let emulator = TestEmulator::new("default");
    for action in ["resume", "pause"] {
        emulator.control("PUT", "clock?account=own", &json!({"action": action}).to_string()).await;
        hint_of(&emulator, by("own", "IMAGE_SCAN")).await;
        let hint = hint_of(&emulator, by("own", "IMAGE_SCAN")).await;
        assert_eq!(hint.is_some(), action == "pause", "its own clock counts");
        assert!(hint.is_none_or(|hint| hint.contains("--account own")));
    }
}

/// Tasks that a client looks for in the wrong place. The reply is the same whatever there is elsewhere.
#[tokio::test]
async fn a_task_that_is_elsewhere() {
    let emulator = TestEmulator::new("empty");
    let missing = emulator.call(by("one", "IMAGE_SCAN")).await;
    assert_eq!(hint(&emulator, &missing).await, None);
    let start = |account: &str, source: &str, name: &str| {
        json!({"account": account, "type": "IMAGE_SCAN", "source": source, "name": name}).to_string()
    };
    emulator.control("POST", "tasks", &start("two", "console", "IMAGE_SCAN")).await;
    let elsewhere = emulator.call(by("one", "IMAGE_SCAN")).await;
    assert_eq!(
        hint(&emulator, &elsewhere).await.as_deref(),
        Some("there is a task of IMAGE_SCAN, but in the account of AccessKeyId two")
    );
    let body = |answer: &TestResponse| {
        let mut body: Value = answer.json();
        body["RequestId"].take();
        body
    };
    assert_eq!(body(&missing), body(&elsewhere));
    emulator.control("POST", "tasks", &start("one", "schedule", "Nightly")).await;
    let call = by("one", "IMAGE_SCAN").form("Source", "console");
    assert_eq!(
        hint_of(&emulator, call).await.as_deref(),
        Some("there is a task of IMAGE_SCAN, but with Source=schedule and TaskName=Nightly")
    );
    assert_eq!(hint_of(&emulator, by("one", "VUL_CHECK_TASK")).await, None);
}

#[tokio::test]
async fn a_fault_is_no_reason_for_a_hint() {
    let emulator = TestEmulator::new("faults: [{ id: deny, effect: { error: InvalidVersion } }]\n");
    assert_eq!(hint_of(&emulator, TestCall::latest("IMAGE_SCAN")).await, None);
}
