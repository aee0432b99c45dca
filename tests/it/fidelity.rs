//! How far each response can be trusted, as the header, the journal and the selectors say it.

use serde_json::json;

use crate::harness::{TestCall, TestEmulator};

const TYPE: &str = "IMAGE_SCAN";

/// The fidelity in the header of a poll, and in its record.
async fn seen(scenario: &str) -> (String, serde_json::Value) {
    let emulator = TestEmulator::new(scenario);
    let answer = emulator.call(TestCall::latest(TYPE)).await;
    let call = emulator.control("GET", "requests?limit=1", "").await.json()["requests"][0].take();
    (answer.header("x-emulator-fidelity").to_owned(), call["fidelity"].clone())
}

fn fault(effect: &str) -> String {
    format!("start_on_first_poll: ['*']\nfaults: [{{ effect: {effect} }}]")
}

#[tokio::test]
async fn what_follows_from_the_model_alone_is_modelled_refusals_too() {
    assert_eq!(seen("default").await, ("modelled".to_owned(), json!("modelled")));
    let emulator = TestEmulator::new("default");
    for refused in [
        TestCall::new("Nonsense"),
        TestCall::latest(TYPE).with(|call| call.secret = "wrong".into()),
        TestCall::new("GetLastOnceTaskInfo"),
    ] {
        let answer = emulator.call(refused).await;
        assert_ne!(answer.status, 200);
        assert_eq!(answer.header("x-emulator-fidelity"), "modelled", "{}", answer.body);
    }
    assert_eq!(seen(&fault("{ delay: 1ms }")).await.0, "modelled", "it only comes later");
}

#[tokio::test]
async fn what_a_fault_has_made_or_changed_is_scripted() {
    for effect in [
        "{ error: ServerError }",
        "{ lie: ServerError }",
        "{ patch: { TaskInfo: { Progress: 7 } } }",
        "{ headers: { set: { x-test: 1 } } }",
        "{ body: corrupt }",
    ] {
        assert_eq!(seen(&fault(effect)).await, ("scripted".to_owned(), json!("scripted")), "{effect}");
    }
    let emulator = TestEmulator::new(&fault("{ throttle: { per_second: 0.001, burst: 1 } }"));
    for expected in ["modelled", "scripted"] {
        let answer = emulator.call(TestCall::latest(TYPE)).await;
        assert_eq!(answer.header("x-emulator-fidelity"), expected);
    }
    // A reply of another server altogether has no header of ours.
    assert_eq!(seen(&fault("{ body: { replace: { text: x } } }")).await, (String::new(), json!("scripted")));
    let emulator = TestEmulator::new(&fault("{ lie: ServerError }"));
    let answer = emulator.call(TestCall::new("GetLastOnceTaskInfo")).await;
    assert_eq!(answer.header("x-emulator-fidelity"), "modelled", "it failed without the lie");
}

#[tokio::test]
async fn without_a_response_there_is_none() {
    let emulator = TestEmulator::new(&fault("{ connection: close }"));
    emulator.try_send(TestCall::latest(TYPE).request()).await.unwrap_err();
    let call = emulator.control("GET", "requests?limit=1", "").await.json()["requests"][0].take();
    assert_eq!(call["fidelity"], json!(null));
}

#[tokio::test]
async fn it_selects_calls() {
    let emulator = TestEmulator::new(
        "start_on_first_poll: ['*']\nfaults: [{ trigger: { calls: 2 }, effect: { error: ServerError } }]\n\
         expect:\n- { fidelity: scripted, calls: 1 }\n- { fidelity: modelled, calls: 3 }",
    );
    for _ in 0..3 {
        emulator.call(TestCall::latest(TYPE)).await;
    }
    for (fidelity, count) in [("modelled", 2), ("scripted", 1), ("shape", 0)] {
        let answer = emulator.control("GET", &format!("requests/count?fidelity={fidelity}"), "").await;
        assert_eq!(answer.json(), json!({ "count": count }), "{fidelity}");
    }
    let wrong = emulator.control("GET", "requests?fidelity=shaped", "").await;
    assert_eq!((wrong.status, wrong.json()["error"].as_str()), (400, Some("bad_query")));
    let text = emulator.verdict().text();
    for line in [
        "ok    exactly 1 call of any operation with fidelity=scripted",
        "FAIL  exactly 3 calls of any operation with fidelity=modelled",
        "=> 500 ServerError fault=fault-1 fidelity=scripted",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}
