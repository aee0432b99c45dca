//! Which calls a fault is for: by scheme, parameters, headers, and the state of the task.

use jiff::SignedDuration;
use serde_json::json;

use crate::harness::TestCall;
use crate::harness::faults::{TYPE, poll, with};
use crate::harness::tasks::leaves;

#[tokio::test]
async fn by_scheme_parameter_and_state_of_the_task() {
    let v1 = with("{ match: { scheme: v1 }, effect: { error: ServerError } }");
    assert_eq!((poll(&v1).await.status, v1.call(TestCall::latest(TYPE).v1()).await.status), (200, 500));

    let one =
        with("{ match: { params: { 'StatusList': 'ST*', PageSize: 5 } }, effect: { error: ServerError } }");
    let page = |size: &str, status: &str| {
        leaves("IMAGE_SCAN")
            .param("PageSize", size)
            .param("StatusList.1", "INIT")
            .param("StatusList.2", status)
    };
    for (call, status) in [(page("5", "START"), 500), (page("5", "FAIL"), 200), (page("6", "START"), 200)] {
        assert_eq!(one.call(call).await.status, status);
    }

    let late =
        with("{ match: { task: { status: START, progress: '>=50' } }, effect: { error: ServerError } }");
    let mut seen = Vec::new();
    for _ in 0..12 {
        seen.push(poll(&late).await.status);
        late.advance(SignedDuration::from_secs(1));
    }
    assert_eq!(seen, [200, 200, 200, 200, 200, 200, 500, 500, 500, 500, 200, 200]);
    // A call without a task does not match.
    assert_eq!(late.call(TestCall::new("GetAuthSummary")).await.status, 200);
}

/// One client among many is aimed at by a header that it sends.
#[tokio::test]
async fn a_header_selects_calls() {
    let emulator =
        with("{ match: { header: { X-Test-Case: 'login-*', x-run: '7' } }, effect: { error: ServerError } }");
    let sent = |headers: &[(&'static str, &str)]| {
        headers.iter().fold(TestCall::latest(TYPE), |call, (name, value)| call.header(name, value))
    };
    let mut seen = Vec::new();
    for headers in [
        &[][..],
        &[("x-test-case", "login-1")],
        &[("x-test-case", "login-1"), ("x-run", "7")],
        &[("x-test-case", "logout"), ("x-run", "7")],
        &[("x-test-case", "logout"), ("x-test-case", "login-2"), ("x-run", "7")],
    ] {
        seen.push(emulator.call(sent(headers)).await.status);
    }
    assert_eq!(seen, [200, 200, 500, 200, 500]);
    for secret in ["Authorization", "x-acs-security-token", "x-acs-bearer-token"] {
        let rule =
            json!({"match": {"header": {secret: "*"}}, "effect": {"error": "ServerError"}}).to_string();
        let answer = emulator.control("POST", "faults", &rule).await;
        assert!(answer.status == 400 && answer.body.contains("holds secrets"), "{}", answer.body);
    }
}
