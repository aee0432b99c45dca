//! What `self-check` breaks, and how a client can tell. One line of data a fault.

use std::time::Duration;

use super::wire::{End, Seen};

/// One fault.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// The rule, as the control API takes it.
    pub(super) fault: &'static str,
    /// What is called while it is armed, over TLS if it begins with `tls `; `advance 10s` turns the task clock instead.
    pub(super) calls: &'static [&'static str],
    /// Which of the calls it strikes.
    pub(super) struck: &'static [bool],
    /// Whether a client can tell that a call was struck.
    pub(super) shows: fn(&Seen) -> bool,
}

const POLL: &str = "/?Action=GetLastOnceTaskInfo&Version=2018-12-03&Format=JSON&AccessKeyId=a&TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN";
const POLL_OF_B: &str = "/?Action=GetLastOnceTaskInfo&Version=2018-12-03&Format=JSON&AccessKeyId=b&TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN";
const POLL_IN_XML: &str = "/?Action=GetLastOnceTaskInfo&Version=2018-12-03&Format=XML&AccessKeyId=a&TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN";
const SUMMARY: &str = "/?Action=GetAuthSummary&Version=2018-12-03&Format=JSON&AccessKeyId=a";
const SUMMARY_OVER_TLS: &str = "tls /?Action=GetAuthSummary&Version=2018-12-03&Format=JSON&AccessKeyId=a";
const START: &str = "/?Action=StartIdcProbeScan&Version=2018-12-03&Format=JSON&AccessKeyId=a";
const STARTED: &str =
    "/?Action=DescribeOnceTask&Version=2018-12-03&Format=JSON&AccessKeyId=a&TaskType=IDC_PROBE_SCAN";

fn is_server_error(seen: &Seen) -> bool {
    seen.status == Some(500) && seen.code().as_deref() == Some("ServerError")
}

fn is_delayed(seen: &Seen) -> bool {
    seen.status == Some(200) && seen.took >= Duration::from_millis(60)
}

fn ends(seen: &Seen, end: End) -> bool {
    seen.status.is_none() && seen.end == end
}

fn number_of_tasks(seen: &Seen) -> Option<u64> {
    seen.json()?["PageInfo"]["TotalCount"].as_u64()
}

macro_rules! cases {
    ($($name:literal $fault:literal $calls:expr => $struck:expr, $shows:expr;)*) => {
        pub(super) const CASES: &[Case] =
            &[$(Case { name: $name, fault: $fault, calls: &$calls, struck: &$struck, shows: $shows }),*];
    };
}

cases! {
    "error" r#"{"effect":{"error":"ServerError"}}"# [POLL] => [true], is_server_error;
    "error in XML" r#"{"effect":{"error":"ServerError"}}"# [POLL_IN_XML] => [true],
        |seen| seen.status == Some(500) && seen.body().contains("<Code>ServerError</Code>");
    "error of one's own" r#"{"effect":{"error":{"status":418,"code":"Teapot","message":"short and stout"}}}"#
        [POLL] => [true], |seen| seen.status == Some(418) && seen.code().as_deref() == Some("Teapot");
    "throttle" r#"{"effect":{"throttle":{"per_second":0.01,"burst":1}}}"# [POLL, POLL] => [false, true],
        |seen| seen.code().as_deref() == Some("Throttling.User") && seen.header("x-acs-retry-after").is_some();
    "delay" r#"{"effect":{"delay":"60ms"}}"# [POLL] => [true], is_delayed;
    "delay from a range" r#"{"effect":{"delay":{"range":["60ms","90ms"]}}}"# [POLL] => [true], is_delayed;
    "delay by percentiles" r#"{"effect":{"delay":{"p50":"60ms","p99":"60ms"}}}"# [POLL] => [true], is_delayed;
    "lie" r#"{"match":{"action":"StartIdcProbeScan"},"effect":{"lie":"ServerError"}}"# [START, STARTED] => [true, true],
        |seen| is_server_error(seen) || number_of_tasks(seen) == Some(1);
    "connection: close" r#"{"effect":{"connection":"close"}}"# [POLL] => [true], |seen| ends(seen, End::Closed);
    "connection: reset" r#"{"effect":{"connection":"reset"}}"# [POLL] => [true], |seen| ends(seen, End::Reset);
    "connection: reset, after" r#"{"effect":{"connection":{"kind":"reset","when":"after"}}}"# [POLL] => [true],
        |seen| ends(seen, End::Reset);
    "connection: hang" r#"{"effect":{"connection":"hang"}}"# [POLL] => [true], |seen| ends(seen, End::Silence);
    "body: truncate" r#"{"effect":{"body":{"truncate":20}}}"# [POLL] => [true],
        |seen| seen.bytes.len() == 20 && seen.end == End::Closed;
    "body: drip" r#"{"effect":{"body":{"drip":{"bytes_per_second":2000}}}}"# [POLL] => [true],
        |seen| seen.pieces > 2 && seen.end == End::Whole && seen.json().is_some();
    "body: corrupt" r#"{"effect":{"body":"corrupt"}}"# [POLL] => [true],
        |seen| seen.status == Some(200) && seen.end == End::Whole && seen.json().is_none();
    "body: empty" r#"{"effect":{"body":"empty"}}"# [POLL] => [true],
        |seen| seen.status == Some(200) && seen.bytes.is_empty();
    "body: replace" r#"{"effect":{"body":{"replace":{"status":503,"text":"<html>busy</html>"}}}}"# [POLL] => [true],
        |seen| seen.status == Some(503) && seen.header("content-type") == Some("text/html");
    "patch" r#"{"effect":{"patch":{"TaskInfo":{"Progress":"many"}}}}"# [POLL] => [true],
        |seen| seen.json().is_some_and(|body| body["TaskInfo"]["Progress"] == "many");
    "headers: set" r#"{"effect":{"headers":{"set":{"x-test":"1"}}}}"# [POLL] => [true],
        |seen| seen.header("x-test") == Some("1");
    "headers: remove" r#"{"effect":{"headers":{"remove":["x-acs-request-id"]}}}"# [POLL] => [true],
        |seen| seen.header("x-acs-request-id").is_none();
    "tls: expired" r#"{"effect":{"tls":"expired"}}"# [SUMMARY_OVER_TLS] => [true], |seen| ends(seen, End::Expired);
    "tls: wrong_name" r#"{"effect":{"tls":"wrong_name"}}"# [SUMMARY_OVER_TLS] => [true], |seen| ends(seen, End::WrongName);
    "tls: untrusted" r#"{"effect":{"tls":"untrusted"}}"# [SUMMARY, SUMMARY_OVER_TLS] => [false, true],
        |seen| ends(seen, End::Untrusted);
    "connection: reset, over TLS" r#"{"effect":{"connection":"reset"}}"# [SUMMARY_OVER_TLS] => [true],
        |seen| ends(seen, End::Reset);
    "match: action" r#"{"match":{"action":"GetLastOnceTaskInfo"},"effect":{"error":"ServerError"}}"#
        [SUMMARY, POLL] => [false, true], is_server_error;
    "match: account" r#"{"match":{"account":"b"},"effect":{"error":"ServerError"}}"#
        [POLL, POLL_OF_B] => [false, true], is_server_error;
    "match: params" r#"{"match":{"params":{"TaskType":"IMAGE_*"}},"effect":{"error":"ServerError"}}"#
        [STARTED, POLL] => [false, true], is_server_error;
    "match: scheme" r#"{"match":{"scheme":"v1"},"effect":{"error":"ServerError"}}"# [POLL] => [true], is_server_error;
    "match: task" r#"{"match":{"task":{"status":"START","progress":">=50"}},"effect":{"error":"ServerError"}}"#
        [POLL, "advance 3s", POLL, "advance 4s", POLL] => [false, false, true], is_server_error;
    "trigger: calls" r#"{"trigger":{"calls":"2..3"},"effect":{"error":"ServerError"}}"#
        [POLL, POLL, POLL, POLL] => [false, true, true, false], is_server_error;
    "trigger: every" r#"{"trigger":{"every":2},"effect":{"error":"ServerError"}}"#
        [POLL, POLL, POLL, POLL] => [false, true, false, true], is_server_error;
    "trigger: times" r#"{"trigger":{"times":2},"effect":{"error":"ServerError"}}"#
        [POLL, POLL, POLL] => [true, true, false], is_server_error;
    "trigger: probability" r#"{"id":"p","trigger":{"probability":0.5},"effect":{"error":"ServerError"}}"#
        [POLL, POLL, POLL, POLL, POLL, POLL] => [true, false, false, true, false, true], is_server_error;
    "trigger: window" r#"{"trigger":{"window":{"from":"10s","to":"20s"}},"effect":{"error":"ServerError"}}"#
        [POLL, "advance 10s", POLL, "advance 10s", POLL] => [false, true, false], is_server_error;
    "trigger: ttl" r#"{"trigger":{"ttl":"1h"},"effect":{"error":"ServerError"}}"# [POLL] => [true], is_server_error;
}
