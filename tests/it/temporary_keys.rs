//! Temporary keys of `AssumeRole`: they work, they expire by the gateway clock, and they see the data of their account.

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::harness::tasks::{generate, roots};
use crate::harness::{NOW, Setup, TestCall, TestEmulator, TestResponse};

const ROLE: &str = "acs:ram::1234567890123456:role/Reader";
const TYPE: &str = "VUL_CHECK_TASK";

fn assume(role: &str) -> TestCall {
    let call = TestCall::new("AssumeRole").with(|call| call.version = "2015-04-01".into());
    call.param("RoleArn", role).param("RoleSessionName", "ci")
}

fn identity() -> TestCall {
    TestCall::new("GetCallerIdentity").with(|call| call.version = "2015-04-01".into())
}

async fn credentials(emulator: &TestEmulator, call: TestCall) -> Value {
    let reply = emulator.call(call).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()["Credentials"].clone()
}

/// The call, signed with temporary keys.
fn signed(call: TestCall, keys: &Value) -> TestCall {
    let text = |name: &str| keys[name].as_str().unwrap().to_owned();
    call.with(|call| {
        call.key = text("AccessKeyId");
        call.secret = text("AccessKeySecret");
        call.token = Some(text("SecurityToken"));
    })
}

fn poll() -> TestCall {
    TestCall::latest(TYPE)
}

/// A gateway clock that stands so long after [`NOW`], and what a client whose date is right sends.
fn later(scenario: &str, seconds: i64) -> (TestEmulator, impl Fn(TestCall) -> TestCall) {
    let now: Timestamp = NOW.parse().unwrap();
    let then = now + SignedDuration::from_secs(seconds);
    let emulator = Setup::new(scenario).gateway_at(then).start();
    (emulator, move |call: TestCall| call.with(|call| call.date = then.to_string()))
}

async fn restored(from: &TestEmulator, to: &TestEmulator) -> TestResponse {
    let state = from.control("GET", "state", "").await.body;
    to.control("PUT", "state", &state).await
}

fn status(reply: &TestResponse) -> String {
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()["TaskInfo"]["Status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn they_work_until_the_gateway_clock_passes_their_end() {
    let emulator = TestEmulator::new("default");
    let keys = credentials(&emulator, assume(ROLE).param("DurationSeconds", "900")).await;
    assert_eq!(keys["Expiration"], "2026-01-02T03:19:05Z");
    for call in [poll(), poll().v1()] {
        assert_eq!(status(&emulator.call(signed(call, &keys)).await), "INIT");
    }
    // The last second before the end, and the end. A snapshot keeps the keys.
    let (before, at) = later("default", 899);
    assert_eq!(restored(&emulator, &before).await.status, 200);
    assert_eq!(before.call(at(signed(poll(), &keys))).await.status, 200);
    let (after, at) = later("default", 900);
    assert_eq!(restored(&emulator, &after).await.status, 200);
    for call in [poll(), poll().v1()] {
        let refused = after.call(at(signed(call, &keys))).await;
        assert_eq!(refused.verdict(), (403, "InvalidSecurityToken.Expired".to_owned()));
        assert_eq!(refused.json()["Message"], "Specified SecurityToken is expired.");
    }
    let new = credentials(&after, at(assume(ROLE))).await;
    assert_eq!(new["Expiration"], "2026-01-02T04:19:05Z", "an hour, if nothing else is asked for");
    assert_ne!(new["AccessKeyId"], keys["AccessKeyId"]);
    assert_eq!(status(&after.call(at(signed(poll(), &new))).await), "INIT", "it is the same task");
    // The refused calls are among those of the account.
    let calls = after.control("GET", "requests?account=1234567890123456&status=403", "").await.json();
    assert_eq!(calls["requests"].as_array().unwrap().len(), 2, "{calls}");
}

#[tokio::test]
async fn a_key_needs_its_secret_and_its_token() {
    let emulator = TestEmulator::new("default");
    let keys = credentials(&emulator, assume(ROLE).v1()).await;
    let verdict =
        async |change: fn(&mut TestCall)| emulator.call(signed(poll(), &keys).with(change)).await.verdict();
    assert_eq!(verdict(|call| call.secret = "test".into()).await, (400, "SignatureDoesNotMatch".into()));
    assert_eq!(verdict(|call| call.token = None).await, (400, "MissingSecurityToken".into()));
    let mismatch = "InvalidSecurityToken.MismatchWithAccessKey";
    assert_eq!(verdict(|call| call.token = Some("other".into())).await, (400, mismatch.into()));
    assert_eq!(verdict(|call| call.token = Some("a b".into())).await.1, "InvalidSecurityToken.Malformed");
}

#[tokio::test]
async fn they_are_gone_after_a_reset() {
    let emulator = TestEmulator::new("default");
    let keys = credentials(&emulator, assume(ROLE)).await;
    assert_eq!(emulator.call(signed(poll(), &keys)).await.status, 200);
    for reset in ["reset", "reset?account=test"] {
        let keys = credentials(&emulator, assume(ROLE)).await;
        assert_eq!(emulator.control("POST", reset, "").await.status, 200, "{reset}");
        let refused = emulator.call(signed(poll(), &keys)).await.verdict();
        assert_eq!(refused, (404, "InvalidAccessKeyId.NotFound".to_owned()), "{reset}");
    }
    assert_eq!(credentials(&emulator, assume(ROLE)).await, keys, "the same draws as at the start");
}

#[tokio::test]
async fn who_calls_with_them() {
    let emulator = TestEmulator::new("default");
    let assumed = emulator.call(assume(ROLE).param("SourceIdentity", "Alice")).await.json();
    assert_eq!(assumed["SourceIdentity"], "Alice");
    let mut caller = emulator.call(signed(identity(), &assumed["Credentials"])).await.json();
    assert!(caller["RequestId"].take().is_string());
    insta::assert_snapshot!(json!([assumed["AssumedRoleUser"], caller]), @r#"[{"AssumedRoleId":"216474898801740830:ci","Arn":"acs:ram::1234567890123456:role/Reader/ci"},{"RequestId":null,"IdentityType":"AssumedRoleUser","PrincipalId":"216474898801740830:ci","Arn":"acs:ram::1234567890123456:assumed-role/Reader/ci","RoleId":"216474898801740830","AccountId":"1234567890123456"}]"#);
    // A role assumes another one.
    let second = assume("acs:ram::1111222233334444:role/Second");
    let keys = credentials(&emulator, signed(second, &assumed["Credentials"])).await;
    let caller = emulator.call(signed(identity(), &keys)).await.json();
    assert_eq!(caller["Arn"], "acs:ram::1111222233334444:assumed-role/Second/ci");
    let text = assume(ROLE).v1().with(|call| call.format = Some("XML".to_owned()));
    let text = emulator.call(text).await.body;
    let begin = "<AssumedRoleUser><AssumedRoleId>";
    assert!(
        text.contains(begin) && text.contains("</AccessKeyId></Credentials></AssumeRoleResponse>"),
        "{text}"
    );
}

#[tokio::test]
async fn each_cloud_account_has_data_of_its_own() {
    let emulator = TestEmulator::new("default");
    let tasks = async |keys: &Value| {
        let reply = emulator.call(signed(roots(TYPE), keys)).await;
        reply.json()["PageInfo"]["TotalCount"].as_u64().unwrap()
    };
    let one = credentials(&emulator, assume(ROLE)).await;
    let other = credentials(&emulator, assume("acs:ram::6543210987654321:role/Reader")).await;
    let same = credentials(&emulator, assume("acs:ram::1234567890123456:role/Writer")).await;
    assert_eq!(emulator.call(signed(generate(TYPE), &one)).await.status, 200);
    assert_eq!([tasks(&one).await, tasks(&other).await, tasks(&same).await], [1, 0, 1]);
    // A role of the caller's own account sees what the caller sees.
    assert_eq!(emulator.call(generate(TYPE)).await.status, 200);
    let number = emulator.call(identity()).await.json()["AccountId"].as_str().unwrap().to_owned();
    let own = credentials(&emulator, assume(&format!("acs:ram::{number}:role/Reader"))).await;
    assert_eq!(tasks(&own).await, 1);
    let accounts = emulator.control("GET", "state", "").await.json()["accounts"].clone();
    let names: Vec<&String> = accounts.as_object().unwrap().keys().collect();
    assert_eq!(names, ["1234567890123456", "6543210987654321", "test"]);
}

#[tokio::test]
async fn a_role_of_a_listed_key_s_account_sees_its_data() {
    let emulator = TestEmulator::new("accounts: [{ access_key_id: hub }, { access_key_id: spoke }]\n");
    let as_key = |key: &str, call: TestCall| call.with(|call| call.key = key.to_owned());
    let number =
        emulator.call(as_key("spoke", identity())).await.json()["AccountId"].as_str().unwrap().to_owned();
    assert_eq!(emulator.call(as_key("spoke", generate(TYPE))).await.status, 200);
    let keys = credentials(&emulator, as_key("hub", assume(&format!("acs:ram::{number}:role/r")))).await;
    let seen = emulator.call(signed(roots(TYPE), &keys)).await.json();
    assert_eq!(seen["PageInfo"]["TotalCount"], 1);
}

#[tokio::test]
async fn they_may_see_the_data_of_the_key_that_assumed_the_role() {
    let emulator = TestEmulator::new("assumptions: { role_account: caller }\n");
    assert_eq!(emulator.call(generate(TYPE)).await.status, 200);
    let keys = credentials(&emulator, assume(ROLE)).await;
    let seen = emulator.call(signed(roots(TYPE), &keys)).await.json();
    assert_eq!(seen["PageInfo"]["TotalCount"], 1);
    let caller = emulator.call(signed(identity(), &keys)).await.json();
    assert_eq!(caller["AccountId"], "1234567890123456");
}

#[tokio::test]
async fn the_policy_of_the_key_that_assumed_the_role_holds_and_that_of_the_call() {
    let emulator = TestEmulator::new("accounts: [{ access_key_id: test, deny: ['yundun-sas:ExportVul'] }]\n");
    let policy =
        r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"yundun-*:Get*","Resource":"*"}]}"#;
    let wide = credentials(&emulator, assume(ROLE)).await;
    let narrow = credentials(&emulator, assume(ROLE).param("Policy", policy)).await;
    let export = || TestCall::new("ExportVul").param("Type", "cve");
    let refused = emulator.call(signed(export(), &wide)).await;
    assert_eq!(refused.code(), "NoPermission");
    let detail = &refused.json()["AccessDeniedDetail"];
    assert_eq!(detail["AuthPrincipalType"], "AssumedRoleUser");
    assert_eq!(detail["AuthPrincipalOwnerId"], "1234567890123456");
    assert_eq!(detail["AuthPrincipalDisplayName"], wide["AccessKeyId"]);
    assert_eq!(emulator.call(signed(roots(TYPE), &wide)).await.status, 200);
    assert_eq!(emulator.call(signed(roots(TYPE), &narrow)).await.code(), "NoPermission");
    assert_eq!(emulator.call(signed(poll(), &narrow)).await.status, 200);
}

#[tokio::test]
async fn parameters_are_checked() {
    let emulator = TestEmulator::new("default");
    let code = async |role: &str, more: &[(&str, &str)]| {
        let call = more.iter().fold(assume(role), |call, (name, value)| call.form(name, value));
        emulator.call(call).await.verdict()
    };
    for (role, more, expected) in [
        ("Reader", &[][..], "RoleArn"),
        ("acs:ram::x:role/Reader", &[], "RoleArn"),
        (ROLE, &[("RoleSessionName", "a")], "RoleSessionName"),
        (ROLE, &[("RoleSessionName", "a b")], "RoleSessionName"),
        (ROLE, &[("DurationSeconds", "899")], "DurationSeconds"),
        (ROLE, &[("DurationSeconds", "3601")], "DurationSeconds"),
        (ROLE, &[("ExternalId", "a b")], "ExternalId"),
        (ROLE, &[("Policy", "{}")], "PolicyGrammar"),
    ] {
        assert_eq!(code(role, more).await, (400, format!("InvalidParameter.{expected}")), "{more:?}");
    }
    assert_eq!(code("", &[]).await, (400, "MissingRoleArn".to_owned()));
    assert_eq!(code(ROLE, &[("DurationSeconds", "3600"), ("ExternalId", "abcd1234")]).await.0, 200);
    let emulator = TestEmulator::new("assumptions: { role_session: twelve_hours }\n");
    let keys = credentials(&emulator, assume(ROLE).param("DurationSeconds", "43200")).await;
    assert_eq!(keys["Expiration"], "2026-01-02T15:04:05Z");
}

#[tokio::test]
async fn no_secret_of_theirs_is_shown() {
    let emulator = TestEmulator::new("default");
    let keys = credentials(&emulator, assume(ROLE)).await;
    assert_eq!(emulator.call(signed(poll().v1(), &keys)).await.status, 200);
    let session = format!("{:?}", emulator.core);
    let mut shown = vec![session];
    for page in ["", "state", "scenario", "requests", "info", "tasks", "verify", "faults"] {
        shown.push(emulator.control("GET", page, "").await.body);
    }
    for text in &shown {
        for name in ["AccessKeySecret", "SecurityToken"] {
            assert!(!text.contains(keys[name].as_str().unwrap()), "{name} is shown in {text}");
        }
    }
    assert!(shown[2].contains(keys["AccessKeyId"].as_str().unwrap()), "{}", shown[2]);
}

#[tokio::test]
async fn the_same_seed_draws_the_same_keys() {
    let keys = async |seed| {
        let emulator = Setup::new("default").seed(seed).start();
        [credentials(&emulator, assume(ROLE)).await, credentials(&emulator, assume(ROLE)).await]
    };
    let [one, two] = keys(1).await;
    assert_ne!(one, two);
    assert_eq!(keys(1).await, [one.clone(), two]);
    assert_ne!(keys(2).await[0], one);
}

#[tokio::test]
async fn a_broken_snapshot_is_refused() {
    let emulator = TestEmulator::new("default");
    credentials(&emulator, assume(ROLE)).await;
    let state = emulator.control("GET", "state", "").await.body;
    let broken = state.replace("STS.Emulated", "STS.Other");
    let refused = emulator.control("PUT", "state", &broken).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(refused.body.contains("a temporary key has an id that none can have"), "{}", refused.body);
}

#[tokio::test]
async fn a_snapshot_of_the_version_without_them_is_read() {
    let emulator = TestEmulator::new("default");
    emulator.call(poll()).await;
    let state = emulator.control("GET", "state", "").await.body;
    assert!(!state.contains("temporary_keys"), "{state}");
    let earlier = state.replacen(r#""version":3"#, r#""version":2"#, 1);
    assert_eq!(emulator.control("PUT", "state", &earlier).await.status, 200);
    assert_eq!(emulator.control("GET", "state", "").await.body, state);
}

#[tokio::test]
async fn without_signatures_they_belong_to_the_same_account() {
    let emulator = Setup::new("default").unsigned().start();
    let keys = credentials(&emulator, assume(ROLE)).await;
    let unsigned = signed(poll(), &keys).with(|call| call.secret = "wrong".into());
    assert_eq!(emulator.call(unsigned).await.status, 200);
    let calls = emulator.control("GET", "requests?account=1234567890123456", "").await.json();
    assert_eq!(calls["requests"].as_array().unwrap().len(), 1, "{calls}");
}

/// A test may prepare such an account before its client calls.
#[tokio::test]
async fn an_account_of_a_role_is_known_to_the_control_api() {
    let emulator = TestEmulator::new("accounts: [{ access_key_id: test }]\n");
    let advance = r#"{"action":"advance","by":"1h"}"#;
    let moved = emulator.control("PUT", "clock?account=1234567890123456", advance).await;
    assert_eq!(moved.status, 200, "{}", moved.body);
    assert_eq!(emulator.control("PUT", "clock?account=unknown", advance).await.status, 404);
}

#[tokio::test]
async fn they_end_with_the_key_that_assumed_the_role() {
    let emulator = TestEmulator::new("default");
    let keys = credentials(&emulator, assume(ROLE)).await;
    for (scenario, expected) in [
        ("accounts: [{ access_key_id: other }]\n", (404, "InvalidAccessKeyId.NotFound")),
        ("accounts: [{ access_key_id: test, disabled: true }]\n", (400, "InvalidAccessKeyId.Inactive")),
        ("accounts: [{ access_key_id: test }]\n", (200, "")),
    ] {
        let other = TestEmulator::new(scenario);
        assert_eq!(restored(&emulator, &other).await.status, 200);
        let (status, code) = other.call(signed(poll(), &keys)).await.verdict();
        assert_eq!((status, code.as_str()), expected, "{scenario}");
    }
}

/// The reset has ended all keys of the account, and the call belongs to the time before it.
#[tokio::test(start_paused = true)]
async fn a_key_for_a_call_that_outlives_a_reset_of_its_account_does_not_work() {
    let delayed =
        "faults: [{ match: { action: AssumeRole }, trigger: { times: 1 }, effect: { delay: 5s } }]\n";
    let emulator = TestEmulator::new(delayed);
    let mut late = Box::pin(credentials(&emulator, assume(ROLE)));
    assert!((&mut late).now_or_never().is_none(), "it waits");
    assert_eq!(emulator.control("POST", "reset?account=test", "").await.status, 200);
    let keys = late.await;
    let reply = emulator.call(signed(identity(), &keys)).await;
    assert_eq!((reply.status, reply.json()["Code"].as_str()), (404, Some("InvalidAccessKeyId.NotFound")));
}
