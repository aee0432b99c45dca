//! The journal: its records of calls, redaction, and queries.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::harness::events::Listener;
use crate::harness::{Setup, TestCall, TestEmulator};

/// The newest call, without what the machine decides.
async fn newest(emulator: &TestEmulator) -> Value {
    let mut call = emulator.control("GET", "requests?limit=1", "").await.json()["requests"][0].take();
    for machine in ["time", "elapsed_ms"] {
        assert!(!call[machine].take().is_null(), "{machine}");
    }
    call
}

async fn sequences(emulator: &TestEmulator, query: &str) -> Vec<u64> {
    let answer = emulator.control("GET", &format!("requests?{query}"), "").await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let answer = answer.json();
    let count = emulator.control("GET", &format!("requests/count?{query}"), "").await;
    if !query.contains("limit") {
        assert_eq!(count.json(), json!({ "count": answer["total"] }), "{query}");
    }
    answer["requests"].as_array().unwrap().iter().map(|call| call["sequence"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_call_as_the_journal_shows_it() {
    let emulator = TestEmulator::new("default");
    let agent = "AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.3 TeaDSL/2";
    let answer = emulator.call(TestCall::latest("IMAGE_SCAN").header("user-agent", agent)).await;
    let call = newest(&emulator).await;
    assert_eq!(call["request_id"], answer.json()["RequestId"]);
    insta::assert_json_snapshot!(call, @r#"
    {
      "sequence": 1,
      "request_id": "EA5F17B1-17A7-53E4-84CE-9CC52DE88E34",
      "time": null,
      "task_time": "2026-01-02T03:04:05Z",
      "account": "test",
      "scheme": "v3",
      "method": "POST",
      "action": "GetLastOnceTaskInfo",
      "params": {
        "TaskType": "IMAGE_SCAN",
        "TaskName": "IMAGE_SCAN"
      },
      "faults": [],
      "status": 200,
      "broke": null,
      "done": true,
      "code": null,
      "message": null,
      "fidelity": "modelled",
      "task": {
        "id": 359096278860074,
        "status": "INIT",
        "progress": 0
      },
      "elapsed_ms": null,
      "client": {
        "name": "Python",
        "version": "0.4.3",
        "runtime": "3.11.7",
        "generation": "tea"
      },
      "agent": "AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.3 TeaDSL/2"
    }
    "#);
}

#[tokio::test]
async fn a_refusal_as_the_journal_shows_it() {
    let emulator = TestEmulator::new("faults: [{ id: deny, match: {}, effect: { error: NoPermission } }]\n");
    emulator.call(TestCall::latest("IMAGE_SCAN").v1().with(|call| call.method = "GET")).await;
    insta::assert_json_snapshot!(newest(&emulator).await, @r#"
    {
      "sequence": 1,
      "request_id": "EA5F17B1-17A7-53E4-84CE-9CC52DE88E34",
      "time": null,
      "task_time": "2026-01-02T03:04:05Z",
      "account": "test",
      "scheme": "v1",
      "method": "GET",
      "action": "GetLastOnceTaskInfo",
      "params": {
        "TaskType": "IMAGE_SCAN",
        "TaskName": "IMAGE_SCAN"
      },
      "faults": [
        "deny"
      ],
      "status": 403,
      "broke": null,
      "done": false,
      "code": "NoPermission",
      "message": "caller has no permission",
      "fidelity": "scripted",
      "task": null,
      "elapsed_ms": null,
      "client": null,
      "agent": null
    }
    "#);
}

#[tokio::test]
async fn what_could_not_be_read_is_kept_too() {
    let emulator = TestEmulator::new("default");
    let request = Request::get("/?A=%zz").header("user-agent", "curl/8.5.0").body(Bytes::new()).unwrap();
    emulator.send(request).await;
    let call = newest(&emulator).await;
    assert_eq!((&call["code"], &call["action"]), (&json!("RequestParameterMalformed"), &Value::Null));
    assert_eq!(call["client"], json!({"name": "curl", "version": "8.5.0"}));
}

#[tokio::test]
async fn both_schemes_look_alike() {
    let emulator = TestEmulator::new("instant");
    let mut shown = Vec::new();
    for call in [TestCall::latest("IMAGE_SCAN"), TestCall::latest("IMAGE_SCAN").v1()] {
        emulator.call(call).await;
        let mut call = newest(&emulator).await;
        for own in ["sequence", "request_id", "scheme"] {
            assert!(!call[own].take().is_null());
        }
        shown.push(call);
    }
    assert_eq!(shown[0], shown[1]);
}

#[tokio::test]
async fn newest_first_and_narrowed_by_any_condition() {
    let emulator =
        TestEmulator::new("faults: [{ id: deny, match: { account: b }, effect: { error: NoPermission } }]\n");
    emulator.call(TestCall::latest("IMAGE_SCAN")).await;
    emulator.call(TestCall::latest("VUL_CHECK_TASK")).await;
    emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = "b".into())).await;
    emulator.call(TestCall::new("ListUnfinishedOnceTask")).await;
    for (query, wanted) in [
        ("", &[4, 3, 2, 1][..]),
        ("limit=2", &[4, 3]),
        ("action=GetLastOnceTaskInfo", &[3, 2, 1]),
        ("action=*Unfinished*", &[4]),
        ("status=200", &[2, 1]),
        ("status=4xx", &[4, 3]),
        ("status=403&account=b", &[3]),
        ("code=NoPermission", &[3]),
        ("fault=deny", &[3]),
        ("account=test", &[4, 2, 1]),
        ("params.TaskType=IMAGE_*", &[3, 1]),
        ("since=2", &[4, 3]),
        ("since=2000-01-01T00:00:00Z", &[4, 3, 2, 1]),
        ("since=9000-01-01T00:00:00Z", &[]),
        ("status=none", &[]),
    ] {
        assert_eq!(sequences(&emulator, query).await, wanted, "{query}");
    }
}

#[tokio::test]
async fn conditions_that_make_no_sense_are_refused_with_what_would() {
    let emulator = TestEmulator::new("default");
    for (path, said) in [
        ("requests?acton=x", "action"),
        ("requests?status=9xx", "4xx"),
        ("requests?since=yesterday", "number of a call"),
        ("requests?limit=all", "whole number"),
        ("requests?action=a&action=b", "twice"),
        ("requests?action=GetLastOnceTaskInf", "GetLastOnceTaskInfo"),
        ("requests/count?limit=1", "limit"),
        ("await?timeout=10", "length of time"),
        ("await?timeout=1h", "at most"),
        ("await?timeout=-1s", "at most"),
        ("await?count=x", "whole number"),
        ("events?since=x", "since"),
    ] {
        let answer = emulator.control("GET", path, "").await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.body.contains(said), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn one_call_by_its_request_id() {
    let emulator = TestEmulator::new("default");
    let id = emulator.poll("IMAGE_SCAN").await["RequestId"].as_str().unwrap().to_owned();
    for id in [id.clone(), id.to_lowercase()] {
        let call = emulator.control("GET", &format!("requests/{id}"), "").await.json();
        assert_eq!(call["sequence"], 1);
    }
    for id in ["17", "FFFFFFFF-FFFF-5FFF-BFFF-FFFFFFFFFFFF", "%ff"] {
        assert!(matches!(emulator.control("GET", &format!("requests/{id}"), "").await.status, 400 | 404));
    }
}

#[tokio::test]
async fn calls_can_be_forgotten_of_one_account_or_of_all() {
    let emulator = TestEmulator::new("default");
    for (method, path, left, said) in [
        ("DELETE", "requests?account=a", &[2][..], json!({"forgotten": 1})),
        ("DELETE", "requests", &[], json!({"forgotten": 2})),
        ("POST", "reset?account=a", &[6], json!({"reset": "account", "account": "a"})),
        ("POST", "reset", &[], json!({"reset": "all"})),
    ] {
        if left.len() == 1 || path == "requests" {
            emulator.control("DELETE", "requests", "").await;
        }
        for key in ["a", "b"] {
            emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = key.into())).await;
        }
        assert_eq!(emulator.control(method, path, "").await.json(), said);
        assert_eq!(sequences(&emulator, "").await, left, "{method} {path}: numbers continue");
    }
    assert_eq!(emulator.control("DELETE", "requests?acount=a", "").await.status, 400);
}

/// The journal shows no secret, in whatever form it was sent and whatever is queried.
#[tokio::test]
async fn secrets_never_appear() {
    let emulator = TestEmulator::new("default");
    let secret = "s3cr3t+/=&x";
    let token = |call: &mut TestCall| call.token = Some(secret.to_owned());
    let wrong = |call: &mut TestCall| call.secret = secret.to_owned();
    for call in [TestCall::latest("IMAGE_SCAN"), TestCall::latest("IMAGE_SCAN").v1()] {
        for call in [
            call.clone().with(token),
            call.clone().with(token).with(wrong),
            call.clone().param("AccessKeySecret", secret).param("StsToken", secret).param("password", secret),
            call.clone().form("SecurityToken", secret).form("BearerToken", secret),
            call.clone().param("SignatureType", "BEARERTOKEN").param("BearerToken", secret),
            call.with(|call| call.dropped = vec!["Signature"]).param("Signature", secret),
            TestCall::latest("IMAGE_SCAN")
                .header("x-acs-bearer-token", secret)
                .header("authorization", secret),
        ] {
            emulator.call(call).await;
        }
    }
    let calls = emulator.control("GET", "requests", "").await.body;
    assert!(calls.contains("SignatureDoesNotMatch") && calls.contains(r#""StsToken":"***""#), "{calls}");
    let signatures = signatures_sent(&emulator).await;
    let listener = Listener::to(&emulator, "events?since=0").await;
    let mut texts = vec![calls.clone(), listener.until("id: 14").await];
    for (method, path, body) in [
        ("GET", "requests/count", ""),
        ("GET", "await?count=14&timeout=1ms", ""),
        ("GET", "await?count=15&timeout=1ms", ""),
        (
            "POST",
            "verify",
            r#"{"expect":[{"action":"GenerateOnceTask"},{"count":0}],"order":["CancelOnceTask"]}"#,
        ),
        ("GET", "info", ""),
    ] {
        texts.push(emulator.control(method, path, body).await.body);
    }
    for call in serde_json::from_str::<Value>(&calls).unwrap()["requests"].as_array().unwrap() {
        let path = format!("requests/{}", call["request_id"].as_str().unwrap());
        texts.push(emulator.control("GET", &path, "").await.body);
    }
    texts.push(emulator.journal_as_debug());
    for text in texts {
        assert!(!text.contains("s3cr3t"), "{text}");
        for signature in &signatures {
            assert!(!text.contains(signature), "{text}");
        }
    }
}

/// Signatures of one more call by each scheme, which is therefore in the journal as well.
async fn signatures_sent(emulator: &TestEmulator) -> Vec<String> {
    let (v1, v3) = (TestCall::latest("IMAGE_SCAN").v1().request(), TestCall::latest("IMAGE_SCAN").request());
    let v1_signature = v1.uri().query().unwrap().split("Signature=").nth(1).unwrap();
    // The longest part that is written alike whether or not it is percent-encoded.
    let v1_signature = v1_signature.split('&').next().unwrap().split('%').max_by_key(|part| part.len());
    let v3_signature = v3.headers()["authorization"].to_str().unwrap().split("Signature=").nth(1).unwrap();
    let found = vec![v1_signature.unwrap().to_owned(), v3_signature.to_owned()];
    for request in [v1, v3] {
        assert_eq!(emulator.send(request).await.status, 200);
    }
    found
}

#[tokio::test]
async fn it_is_bounded_by_entries_and_by_bytes() {
    let emulator = Setup::new("instant").journal_entries(3).start();
    for _ in 0..5 {
        emulator.poll("IMAGE_SCAN").await;
    }
    assert_eq!(sequences(&emulator, "").await, [5, 4, 3]);

    let emulator = Setup::new("instant").journal_bytes(64 << 10).start();
    let long = "中".repeat(20_000);
    for _ in 0..30 {
        let mut call = TestCall::latest("IMAGE_SCAN").form("Long", &long);
        for index in 0..40 {
            call = call.form(&format!("P{index}"), &long[..3_000]);
        }
        emulator.call(call).await;
    }
    let (let_go, bytes) = emulator.journal_usage();
    assert!(let_go > 20 && bytes <= 64 << 10, "{let_go} {bytes}");
    let call = newest(&emulator).await;
    assert_eq!(call["sequence"], 30);
    assert!(call["params"]["Long"].as_str().unwrap().ends_with("中…(+58977 bytes)"), "{call}");
    assert!(call["params_left_out"].as_u64().unwrap() > 20, "{call}");
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let emulator = Setup::new("instant").journal_entries(0).start();
    emulator.poll("IMAGE_SCAN").await;
    for (method, path, body) in [
        ("GET", "requests", ""),
        ("DELETE", "requests", ""),
        ("GET", "requests/count", ""),
        ("GET", "requests/17", ""),
        ("GET", "await", ""),
        ("POST", "verify", r#"{"order":["CancelOnceTask"]}"#),
    ] {
        let answer = emulator.control(method, path, body).await;
        assert_eq!((answer.status, &answer.json()["error"]), (409, &json!("no_journal")), "{path}");
    }
    assert_eq!(emulator.control("POST", "reset", "").await.status, 200);
}

#[tokio::test]
async fn the_layer_is_around_it() {
    let emulator = Setup::new("default").control_token("s3").start();
    for (method, path) in [
        ("GET", "requests"),
        ("DELETE", "requests"),
        ("GET", "requests/count"),
        ("GET", "requests/17"),
        ("POST", "verify"),
        ("GET", "await"),
        ("GET", "events"),
    ] {
        assert_eq!(emulator.control(method, path, "").await.status, 401, "{path}");
        let page = Request::builder().method(method).uri(format!("/_emulator/{path}"));
        let page = page.header("host", "evil.example").header("authorization", "Bearer s3");
        assert_eq!(emulator.send(page.body(Bytes::new()).unwrap()).await.status, 403, "{path}");
    }
}
