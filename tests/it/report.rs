//! The report of a run: the timeline of its calls with the verdict, as a page, a picture and data.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::harness::{Setup, TestCall, TestEmulator, TestResponse};

const SCENARIO: &str = r#"
lifecycles: { "*": { queued: 5s, running: 60s } }
start_on_first_poll: [IMAGE_SCAN]
faults: [{ id: deny, match: { params: { TaskType: VUL_CHECK_TASK } }, effect: { error: NoPermission } }]
expect: [{ action: GetLastOnceTaskInfo, calls: 2 }]
"#;

/// Three calls of one account and one of another, a clock that is moved, and a fault that fires.
async fn run() -> TestEmulator {
    let emulator = Setup::new(SCENARIO).any_key().start();
    emulator.call(TestCall::latest("IMAGE_SCAN")).await;
    emulator.control("PUT", "clock", r#"{"action":"advance","by":"6h"}"#).await;
    emulator.call(TestCall::latest("IMAGE_SCAN")).await;
    emulator.call(TestCall::latest("VUL_CHECK_TASK")).await;
    emulator
}

async fn report(emulator: &TestEmulator, query: &str) -> TestResponse {
    let answer = emulator.control("GET", &format!("report{query}"), "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

/// Without what real time decides.
fn timeless(mut value: Value) -> Value {
    match &mut value {
        Value::Array(values) => values.iter_mut().for_each(|value| *value = timeless(value.take())),
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                *value = match name.as_str() {
                    "at_ms" | "end_ms" | "length_ms" | "began" | "summary" | "verdict" => Value::Null,
                    _ => timeless(value.take()),
                };
            }
        }
        _ => (),
    }
    value
}

#[tokio::test]
async fn what_happened_as_data() {
    let emulator = run().await;
    let answer = report(&emulator, "").await.json();
    assert_eq!(answer["verdict"]["passed"], json!(false));
    insta::assert_json_snapshot!(timeless(answer)["timeline"]);
}

#[tokio::test]
async fn a_task_lies_between_the_call_that_started_it_and_the_command_that_ended_it() {
    let emulator = run().await;
    let timeline = report(&emulator, "").await.json()["timeline"].take();
    let (lane, command) = (&timeline["lanes"][0], &timeline["commands"][0]);
    let stages = lane["tasks"][0]["stages"].as_array().unwrap();
    let stages: Vec<(&str, f64)> = stages
        .iter()
        .map(|stage| (stage["status"].as_str().unwrap(), stage["at_ms"].as_f64().unwrap()))
        .collect();
    let at = command["at_ms"].as_f64().unwrap();
    assert_eq!(
        stages,
        [("INIT", lane["calls"][0]["at_ms"].as_f64().unwrap()), ("START", at), ("SUCCESS", at)]
    );
}

#[tokio::test]
async fn a_picture_is_one_file_and_the_console_takes_it_without_its_style() {
    let emulator = run().await;
    let (alone, bare) =
        (report(&emulator, "?format=svg").await, report(&emulator, "?format=svg&style=none").await);
    assert_eq!(alone.header("content-type"), "image/svg+xml");
    assert!(alone.body.starts_with("<svg ") && alone.body.contains("<style>"), "{}", alone.body);
    assert!(!bare.body.contains("style"), "{}", bare.body);
    for said in ["clock advance 6h", "fault deny", "IMAGE_SCAN", "=> 403 NoPermission"] {
        assert!(bare.body.contains(said) || bare.body.contains(&said.replace('>', "&gt;")), "{said}");
    }
}

#[tokio::test]
async fn a_page_proves_each_finding_and_runs_nothing() {
    let emulator = run().await;
    let page = report(&emulator, "?format=html").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(page.body.starts_with("<!DOCTYPE html>") && !page.body.contains("<script"));
    assert!(page.body.contains("saw 3 among 3 calls"));
    for call in 1..=3 {
        for part in [r##"href="#tl-call-N""##, r##"href="#call-N""##, r#"id="tl-call-N""#, r#"id="call-N""#] {
            assert!(page.body.contains(&part.replace('N', &call.to_string())), "{part} {call}");
        }
    }
}

#[tokio::test]
async fn a_browser_gets_the_page_and_a_program_the_data() {
    let emulator = run().await;
    let ask = async |accept: &str| {
        let request = Request::get("/_emulator/report").header("host", "localhost").header("accept", accept);
        emulator.send(request.body(Bytes::new()).unwrap()).await.header("content-type").to_owned()
    };
    assert_eq!(ask("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8").await, "text/html; charset=utf-8");
    assert_eq!(ask("*/*").await, "application/json");
}

#[tokio::test]
async fn one_account_by_itself() {
    let emulator = run().await;
    emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = "other".to_owned())).await;
    let lanes = async |query: &str| {
        let lanes = report(&emulator, query).await.json()["timeline"]["lanes"].take();
        lanes
            .as_array()
            .unwrap()
            .iter()
            .map(|lane| lane["account"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(lanes("").await, ["test", "other"]);
    assert_eq!(lanes("?account=other").await, ["other"]);
}

#[tokio::test]
async fn what_is_no_report_is_refused() {
    let emulator = run().await;
    for (query, status) in
        [("?format=pdf", 400), ("?style=none", 400), ("?account=a%20b", 400), ("?x=1", 400)]
    {
        assert_eq!(emulator.control("GET", &format!("report{query}"), "").await.status, status, "{query}");
    }
    let off = Setup::new("default").journal_entries(0).start();
    assert_eq!(off.control("GET", "report", "").await.status, 409);
}
