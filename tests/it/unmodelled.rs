//! Operations that are not modelled, where they are refused: by default, as retired, and in conditions.

use sas_emulator::internals::domain::unmodelled::Unmodelled;

use crate::harness::{Setup, TestCall, TestEmulator};

#[tokio::test]
async fn they_are_refused_unless_scenario_account_or_flag_say_otherwise() {
    let call =
        || TestCall::new("DescribeImageVulList").with(|call| call.params.push(("Type".into(), "cve".into())));
    let refusal = TestEmulator::new("default").call(call()).await;
    assert_eq!(refusal.verdict(), (404, "OperationNotModelled".into()));
    for way in ["--unmodelled shape", "unmodelled: shape", "answers:", "docs/fidelity.md"] {
        assert!(refusal.message().contains(way), "{}", refusal.message());
    }
    let emulator = TestEmulator::new(
        "accounts: [{ access_key_id: test, unmodelled: shape }, { access_key_id: other },\n  \
         { access_key_id: third, unmodelled: refuse }]",
    );
    let of = |key: &'static str| emulator.call(call().with(|call| call.key = key.into()));
    assert_eq!(
        (of("test").await.status, of("other").await.status, of("third").await.status),
        (200, 404, 404)
    );
    assert_eq!(Setup::new("default").unmodelled(Unmodelled::Shape).start().call(call()).await.status, 200);
}

#[tokio::test]
async fn a_condition_on_an_operation_that_is_not_modelled_is_checked_too() {
    let arm = async |params: &str| {
        let rule = format!(
            r#"{{"match":{{"action":"DescribeImageVulList","params":{{{params}}}}},"effect":{{"error":"ServerError"}}}}"#
        );
        let answer = TestEmulator::new("default").control("POST", "faults", &rule).await;
        (answer.status, answer.json()["message"].as_str().unwrap_or_default().to_owned())
    };
    assert!(arm(r#""Necessity":"asap""#).await.0 < 300);
    let (status, message) = arm(r#""Necesity":"asap""#).await;
    assert_eq!(status, 400, "{message}");
    assert!(
        message.contains(r#"DescribeImageVulList has no parameter "Necesity"; did you mean Necessity?"#),
        "{message}"
    );
}

#[tokio::test]
async fn retired_operations_are_refused_with_their_successor() {
    let answer = TestEmulator::new("default").call(TestCall::new("DescribeAlarmEventList")).await;
    assert_eq!(answer.verdict(), (404, "InvalidAction.NotFound".into()));
    assert!(answer.message().ends_with("DescribeAlarmEventList is retired: earlier SDKs have it, the API does not any more; use DescribeSuspEvents."), "{}", answer.message());
}
