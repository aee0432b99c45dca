//! Scripted answers, as a client sees them.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{Setup, TestCall, TestEmulator, TestResponse};

const TYPE: &str = "ASSETS_COLLECTION";

/// An emulator with these answers.
fn with(answers: &str) -> TestEmulator {
    TestEmulator::new(&format!("start_on_first_poll: ['*']\nanswers:\n{answers}"))
}

async fn poll(emulator: &TestEmulator) -> TestResponse {
    emulator.call(TestCall::latest(TYPE)).await
}

fn notices() -> TestCall {
    TestCall::new("DescribeNoticeConfig")
}

/// A call of an operation that is not modelled.
fn modules() -> TestCall {
    TestCall::new("GetModuleConfig")
}

/// What remains of a reply without its id.
fn members(answer: &TestResponse) -> Value {
    let mut body = answer.json();
    body.as_object_mut().unwrap().shift_remove("RequestId");
    body
}

#[tokio::test]
async fn a_partial_reply_is_laid_over_the_modelled_one() {
    let emulator = with(
        "  - match: { action: GetLastOnceTaskInfo, params: { TaskType: 'ASSETS_*' } }
    reply: { TaskInfo: { Progress: 69, Result: null }, TotalCount: 7 }\n",
    );
    let plain = TestEmulator::new("start_on_first_poll: ['*']\n");
    let (answer, modelled) = (poll(&emulator).await, poll(&plain).await);
    assert_eq!((answer.status, answer.header("x-emulator-fidelity")), (200, "scripted"));
    let mut expected = modelled.json();
    expected["TaskInfo"]["Progress"] = 69.into();
    expected["TaskInfo"].as_object_mut().unwrap().shift_remove("Result");
    expected["TotalCount"] = 7.into();
    assert_eq!(answer.json(), expected);
    // The operation was performed: the task goes on under the answer.
    let tasks = emulator.control("GET", "tasks", "").await.json();
    assert_eq!(tasks["tasks"].as_array().unwrap().len(), 1);
    // Another type is not its business.
    let other = emulator.call(TestCall::latest("IMAGE_SCAN")).await;
    assert_eq!(other.header("x-emulator-fidelity"), "modelled");
    // What the operation refuses stays refused.
    let refused = emulator.call(TestCall::new("GetLastOnceTaskInfo").param("TaskType", TYPE)).await;
    assert_eq!(refused.verdict(), (400, "MissingTaskName".to_owned()));
}

#[tokio::test]
async fn a_partial_reply_is_laid_over_the_shape_of_an_operation_that_is_not_modelled() {
    let emulator = with(
        "  - match: { action: DescribeImageVulList }
    reply: { TotalCount: 1, VulRecords: [{ Name: CVE-1, Necessity: asap }] }\n",
    );
    let call = TestCall::new("DescribeImageVulList").param("Type", "cve").param("PageSize", "5");
    let answer = emulator.call(call).await;
    assert_eq!((answer.status, answer.header("x-emulator-fidelity")), (200, "scripted"), "{}", answer.body);
    assert_eq!(
        members(&answer),
        json!({"CurrentPage": 1, "PageSize": 5, "TotalCount": 1, "VulRecords": [{"Name": "CVE-1", "Necessity": "asap"}]})
    );
    // The shape checks its parameters, as it does without an answer.
    let refused = emulator.call(TestCall::new("DescribeImageVulList")).await;
    assert_eq!(refused.verdict(), (400, "MissingType".to_owned()));
    // An operation without an answer is refused, as the scenario says.
    let other = emulator.call(TestCall::new("DescribeImageGroupedVulList")).await;
    assert_eq!(other.code(), "OperationNotModelled");
}

#[tokio::test]
async fn a_whole_reply_replaces_it_and_performs_nothing() {
    let emulator = with(
        "  - match: { action: [GetLastOnceTaskInfo, GenerateOnceTask] }
    whole: { TaskId: '{{request_id}}', Kept: { Any: [1.5, true, {}] } }
    unchecked: true\n",
    );
    let answer = poll(&emulator).await;
    let id = answer.header("x-acs-request-id");
    insta::assert_snapshot!(answer.body.replace(id, "ID"), @r#"{"RequestId":"ID","TaskId":"ID","Kept":{"Any":[1.5,true,{}]}}"#);
    let generate = emulator.call(TestCall::new("GenerateOnceTask")).await;
    assert_eq!(generate.status, 200, "its parameters are not checked");
    assert_eq!(emulator.task_count(), 0);
}

#[tokio::test]
async fn an_error_is_answered_in_json_and_xml() {
    let emulator = with(
        "  - { match: { action: DescribeNoticeConfig, account: ci }, error: { status: 418, code: Teapot, message: short } }
  - { match: { action: DescribeNoticeConfig }, error: ServerError }\n",
    );
    let teapot = emulator.call(notices().with(|call| call.key = "ci".into())).await;
    assert_eq!((teapot.verdict(), teapot.message()), ((418, "Teapot".to_owned()), "short".to_owned()));
    let error = emulator.call(notices().v1().with(|call| call.format = Some("XML".into()))).await;
    assert!(error.is_xml() && error.verdict() == (500, "ServerError".to_owned()), "{}", error.body);
    assert_eq!(error.header("x-emulator-fidelity"), "scripted");
    // Who may not call is told so first.
    let denied = TestEmulator::new(
        "accounts: [{ access_key_id: test, deny: ['yundun-sas:DescribeNoticeConfig'] }]\nanswers:\n  - { match: { action: DescribeNoticeConfig }, error: ServerError }\n",
    );
    assert_eq!(denied.call(notices()).await.code(), "NoPermission");
    assert_eq!(denied.control("GET", "answers", "").await.json()["answers"][0]["hits"], 0);
}

#[tokio::test]
async fn xml_names_list_items() {
    let emulator = with(
        "  - match: { action: DescribeNoticeConfig }
    whole: { NoticeConfigList: [{ Category: Vul, Route: 1 }], 'an odd & name': 1 }
    unchecked: true\n",
    );
    let answer = emulator.call(notices().v1().with(|call| call.format = Some("XML".into()))).await;
    let body = answer.body.replace(answer.header("x-acs-request-id"), "ID");
    insta::assert_snapshot!(body, @"<?xml version='1.0' encoding='UTF-8'?><DescribeNoticeConfigResponse><RequestId>ID</RequestId><NoticeConfigList><NoticeConfig><Category>Vul</Category><Route>1</Route></NoticeConfig></NoticeConfigList><an_odd___name>1</an_odd___name></DescribeNoticeConfigResponse>");
}

#[tokio::test]
async fn a_sequence_goes_on_for_each_account_and_ends_with_its_last() {
    let emulator = with(
        "  - id: steps
    match: { action: DescribeNoticeConfig }
    sequence: [{ error: ServerError }, { whole: { NoticeConfigList: [] } }, { error: NoPermission }]\n",
    );
    let mut seen = Vec::new();
    for key in ["test", "test", "ci", "test", "test", "ci"] {
        seen.push(emulator.call(notices().with(|call| call.key = key.into())).await.status);
    }
    assert_eq!(seen, [500, 200, 500, 403, 403, 200]);
    let report = emulator.control("GET", "answers", "").await.json();
    insta::assert_snapshot!(report, @r#"{"answers":[{"id":"steps","answer":{"match":{"action":"DescribeNoticeConfig"},"sequence":[{"error":"ServerError"},{"whole":{"NoticeConfigList":[]}},{"error":"NoPermission"}]},"hits":6,"position":3}]}"#);
    let of = |report: TestResponse| {
        (report.json()["answers"][0]["hits"].clone(), report.json()["answers"][0]["position"].clone())
    };
    assert_eq!(of(emulator.control("GET", "answers?account=ci", "").await), (json!(2), json!(3)));
    assert_eq!(of(emulator.control("GET", "answers?account=none", "").await), (json!(0), json!(1)));

    // A reset of one account takes its place back, and no other one's.
    emulator.control("POST", "reset?account=ci", "").await;
    assert_eq!(emulator.call(notices().with(|call| call.key = "ci".into())).await.status, 500);
    assert_eq!(emulator.call(notices()).await.status, 403);
    emulator.control("POST", "reset", "").await;
    assert_eq!(emulator.call(notices()).await.status, 500);
}

/// Of a thousand parallel calls of one account, each entry but the last is given to exactly one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sequence_is_exact_under_64_callers() {
    let entries: Vec<_> = (0..100).map(|place| format!("{{ whole: {{ BizType: '{place}' }} }}")).collect();
    let entries = entries.join(", ");
    let emulator = Arc::new(with(&format!(
        "  - {{ match: {{ action: DescribeNoticeConfig }}, unchecked: true, sequence: [{entries}] }}\n"
    )));
    let callers: Vec<_> = (0..64)
        .map(|caller: usize| {
            let emulator = Arc::clone(&emulator);
            tokio::spawn(async move {
                let mut seen = Vec::new();
                for _ in 0..1000 / 64 + usize::from(caller < 1000 % 64) {
                    let answer = emulator.call(notices()).await.json();
                    seen.push(answer["BizType"].as_str().unwrap().parse::<usize>().unwrap());
                }
                seen
            })
        })
        .collect();
    let mut times = [0; 100];
    for caller in callers {
        let seen = caller.await.unwrap();
        assert!(seen.is_sorted(), "no caller goes back");
        for place in seen {
            times[place] += 1;
        }
    }
    assert_eq!((&times[..99], times[99]), (&[1; 99][..], 901));
    assert_eq!(emulator.control("GET", "answers", "").await.json()["answers"][0]["hits"], 1000);
}

#[tokio::test]
async fn values_refer_to_the_call_and_to_the_clock() {
    let emulator = with(
        r#"  - match: { action: DescribeVulList }
    whole:
      TotalCount: "{{params.PageSize}}"
      NextToken: "{{ account }}/{{params.Type}}/{{params.Name}}/{{now - 1h}}"
      PageSize: "{{params.Name}}"
      VulRecords:
        - { Uuid: "{{request_id}}", FirstTs: "{{now}}", LastTs: "{{now + 5m}}", Name: "\\{{now}}" }
"#,
    );
    emulator.advance(SignedDuration::from_secs(60));
    let answer =
        emulator.call(TestCall::new("DescribeVulList").param("Type", "cve").param("PageSize", "20")).await;
    let body = answer.body.replace(answer.header("x-acs-request-id"), "ID");
    insta::assert_snapshot!(body, @r#"{"RequestId":"ID","TotalCount":20,"NextToken":"test/cve//2026-01-02T02:05:05Z","VulRecords":[{"Uuid":"ID","FirstTs":1767323105000,"LastTs":1767323405000,"Name":"{{now}}"}]}"#);
}

#[tokio::test]
async fn the_first_answer_that_matches_is_given() {
    let emulator = with(
        "  - { match: { action: GetModuleConfig, header: { X-Case: 'a*' } }, whole: {} }
  - { match: { action: GetModuleConfig, scheme: v1 }, error: NoPermission }
  - { match: { action: GetLastOnceTaskInfo, task: { status: START } }, error: ServerError }
lifecycles: { ASSETS_COLLECTION: { queued: 2s, running: 1m } }\n",
    );
    let status = async |call: TestCall| emulator.call(call).await.status;
    assert_eq!(status(modules().header("x-case", "abc")).await, 200);
    assert_eq!(status(modules().v1().header("x-case", "abc")).await, 200);
    assert_eq!(status(modules().v1()).await, 403);
    assert_eq!(emulator.call(modules().header("x-case", "b")).await.code(), "OperationNotModelled");
    assert_eq!(poll(&emulator).await.status, 200);
    emulator.advance(SignedDuration::from_secs(10));
    assert_eq!(poll(&emulator).await.status, 500);
}

#[tokio::test]
async fn a_fault_comes_before_an_answer_and_a_lie_after_it() {
    let emulator = TestEmulator::new(
        "answers:
  - { match: { action: DescribeNoticeConfig }, sequence: [{ whole: {} }, { error: NoPermission }] }
faults:
  - { trigger: { calls: 1 }, effect: { error: ServerError } }
  - { trigger: { calls: 2 }, effect: { lie: ServerError } }\n",
    );
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(emulator.call(notices()).await.status);
    }
    // The first call did not reach the answer; the second had its first entry and was told otherwise.
    assert_eq!(seen, [500, 500, 403]);
}

#[tokio::test]
async fn answers_come_and_go_while_it_runs() {
    let emulator = with("  - { id: first, match: { action: GetModuleConfig }, error: NoPermission }\n");
    let second = r#"[{"match":{"action":"DescribeVulList"},"error":"ServerError"},{"match":{"action":"DescribeGroupedVul"},"reply":{"TotalCount":3}}]"#;
    let added = emulator.control("POST", "answers", second).await;
    assert_eq!((added.status, added.json()), (200, json!({"added": ["answer-1", "answer-2"]})));
    let again = emulator
        .control("POST", "answers", r#"{"id":"first","match":{"action":"DescribeVulList"},"whole":{}}"#)
        .await;
    assert_eq!(again.json()["message"], "an answer is called \"first\" already");
    assert_eq!(again.status, 409);

    assert_eq!(emulator.control("DELETE", "answers/first", "").await.json(), json!({"removed": "first"}));
    assert_eq!(emulator.call(modules()).await.code(), "OperationNotModelled");
    let unknown = emulator.control("DELETE", "answers/first", "").await;
    insta::assert_snapshot!(unknown.body.trim(), @r#"{"error":"unknown_answer","message":"no answer is called \"first\"","hint":"there are answer-1, answer-2"}"#);
    let replaced = emulator
        .control("PUT", "answers", r#"{"id":"only","match":{"action":"GetModuleConfig"},"whole":{}}"#)
        .await;
    assert_eq!(replaced.json()["answers"].as_array().unwrap().len(), 1);
    assert_eq!(emulator.call(modules()).await.status, 200);
    // Those of one account alone.
    emulator
        .control("POST", "answers", r#"{"match":{"action":"DescribeVulList","account":"ci"},"whole":{}}"#)
        .await;
    assert_eq!(
        emulator.control("DELETE", "answers?account=ci", "").await.json()["answers"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(emulator.control("DELETE", "answers", "").await.json(), json!({"answers": []}));
    // A reset brings those of the scenario back.
    emulator.control("POST", "reset", "").await;
    assert_eq!(emulator.call(modules()).await.status, 403);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_its_place() {
    let emulator = with("  []\n");
    let said = async |body: &str| {
        let answer = emulator.control("PUT", "answers", body).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        answer.json()["message"].as_str().unwrap().to_owned()
    };
    let mut all = Vec::new();
    for body in [
        r#"{"match":{"action":"DescribeVulList"},"reply":{"VulRecords":[{"Name":"a","Nessecity":"asap"}]}}"#,
        r#"[{"match":{"action":"DescribeVulList"},"reply":{}},{"match":{"action":"DescribeVulList"},"reply":{"VulRecords":[{"Necessity":"asp"}]}}]"#,
        r#"{"match":{"action":"DescribeVulList","params":{"Typ":"cve"}},"reply":{}}"#,
        r#"{"match":{"action":"DescribeVulLst"},"reply":{}}"#,
        r#"{"match":{"action":"DescribeVulList"},"reply":{"TotalCount":"{{params.PagSize}}"}}"#,
        r#"{"match":{"action":"DescribeVulList"},"relpy":{}}"#,
    ] {
        all.push(said(body).await);
    }
    insta::assert_snapshot!(all.join("\n"), @r#"
    body:1:74: reply.VulRecords[0] of DescribeVulList: there is no member "Nessecity" here; did you mean Necessity? (unchecked: true takes it as it stands)
    body:1:126: reply.VulRecords[0].Necessity of DescribeVulList: "asp" is no documented value; did you mean asap? Documented are asap, later, nntf (unchecked: true takes it as it stands)
    body:1:10: DescribeVulList has no parameter "Typ"; did you mean Type?
    body:1:10: no operation is called "DescribeVulLst"; did you mean DescribeVulList?
    body:1:61: reply.TotalCount of DescribeVulList: DescribeVulList has no parameter "PagSize"; did you mean PageSize?
    body:1:39: there is no key "relpy" here; did you mean reply? Known are id, match, reply, whole, error, sequence, unchecked
    "#);
    // A test that insists gets it.
    let odd =
        r#"{"match":{"action":"DescribeVulList","params":{"Typ":"cve"}},"whole":{"Odd":1},"unchecked":true}"#;
    assert_eq!(emulator.control("PUT", "answers", odd).await.status, 200);
    let answer = emulator.call(TestCall::new("DescribeVulList").param("Typ", "cve")).await;
    assert_eq!(members(&answer), json!({"Odd": 1}));
}

#[tokio::test]
async fn a_snapshot_keeps_the_place_in_a_sequence() {
    let answers = "  - id: steps
    match: { action: DescribeNoticeConfig }
    sequence: [{ error: ServerError }, { whole: {} }]\n";
    let emulator = with(answers);
    assert_eq!(emulator.call(notices()).await.status, 500);
    let snapshot = emulator.snapshot().await;
    assert!(snapshot.contains(r#""answers":{"steps":{"accounts":{"test":1}}}"#), "{snapshot}");
    let other = with(answers);
    let restored = other.control("PUT", "state", &snapshot).await;
    assert_eq!(restored.status, 200, "{}", restored.body);
    assert_eq!(other.call(notices()).await.status, 200);
    // Where the answer is not known, a note says so; an older snapshot counts none.
    let without = with("  []\n");
    let note = without.control("PUT", "state", &snapshot).await;
    assert!(note.body.contains("it counts answers that are not here: steps"), "{}", note.body);
    let older = snapshot.replace(r#""version":3"#, r#""version":2"#);
    let older = older.replace(r#","answers":{"steps":{"accounts":{"test":1}}}"#, "");
    assert_eq!(other.control("PUT", "state", &older).await.status, 200);
    assert_eq!(other.call(notices()).await.status, 500);
}

#[tokio::test]
async fn a_later_scenario_replaces_answers_of_the_same_id() {
    let emulator = with("  - { id: a, match: { action: DescribeNoticeConfig }, error: ServerError }\n");
    assert_eq!(emulator.call(notices()).await.status, 500);
    let body = "{\"version\":1,\"name\":\"y\",\"answers\":[{\"id\":\"a\",\"match\":{\"action\":\"DescribeNoticeConfig\"},\"error\":\"NoPermission\"}]}";
    assert_eq!(emulator.control("PUT", "scenario", body).await.status, 200);
    assert_eq!(emulator.call(notices()).await.status, 403);
}

#[tokio::test]
async fn an_evicted_account_begins_anew() {
    let emulator = Setup::new(
        "answers:\n  - { match: { action: DescribeNoticeConfig }, sequence: [{ error: ServerError }, { whole: {} }] }\n",
    )
    .max_accounts(2)
    .start();
    let mut seen = Vec::new();
    for key in ["a", "a", "b", "c", "a"] {
        seen.push(emulator.call(notices().with(|call| call.key = key.into())).await.status);
    }
    assert_eq!(seen, [500, 200, 500, 500, 500]);
    assert_eq!(emulator.control("GET", "answers", "").await.json()["answers"][0]["hits"], 5);
}

#[tokio::test]
async fn a_long_parameter_fills_a_reply_as_often_as_there_is_room() {
    let names = vec!["'{{params.Name}}'"; 100].join(", ");
    let emulator = with(&format!(
        "  - {{ match: {{ action: DescribeVulList }}, whole: {{ VulRecords: [{names}] }}, unchecked: true }}\n"
    ));
    let answer = emulator.call(TestCall::new("DescribeVulList").param("Name", &"x".repeat(60_000))).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.len() < 1_100_000, "{} bytes", answer.body.len());
}

#[tokio::test]
async fn what_is_nested_too_deeply_is_refused_and_the_emulator_lives_on() {
    let emulator = with("  []\n");
    let deep = format!("{}1{}", r#"{"a":"#.repeat(60), "}".repeat(60));
    let body = format!(r#"{{"match":{{"action":"DescribeVulList"}},"unchecked":true,"reply":{deep}}}"#);
    let answer = emulator.control("PUT", "answers", &body).await;
    assert!(answer.status == 400 && answer.body.contains("nested too deeply"), "{}", answer.body);
    assert_eq!(emulator.control("GET", "health", "").await.status, 200);
}
