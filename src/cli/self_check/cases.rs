//! What `self-check` arms: every effect, and every way to say which calls it is for.

use crate::fault::Effect;
use crate::fault::case::{Case, Observed, POLL, SUMMARY};

const POLL_OF_B: &str = "/?Action=GetLastOnceTaskInfo&Version=2018-12-03&Format=JSON&AccessKeyId=b&TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN";
const PROBES: &str =
    "/?Action=DescribeOnceTask&Version=2018-12-03&Format=JSON&AccessKeyId=a&TaskType=IDC_PROBE_SCAN";

/// All cases: effects state their own.
pub(super) fn all() -> impl Iterator<Item = &'static Case> {
    Effect::CASES.iter().copied().flatten().chain(CASES)
}

macro_rules! cases {
    ($($name:literal $when:literal $calls:expr => $fires:expr;)*) => {
        const CASES: &[Case] = &[$(
            Case::new($name, r#"{"error":"ServerError"}"#, Observed::is_server_error)
                .when(concat!($when, ","))
                .calling(&$calls, &$fires)
        ),*];
    };
}

cases! {
    "match: action" r#""match":{"action":"GetLastOnceTaskInfo"}"#
        [SUMMARY, POLL] => [false, true];
    "match: account" r#""match":{"account":"b"}"#
        [POLL, POLL_OF_B] => [false, true];
    "match: params" r#""match":{"params":{"TaskType":"IMAGE_*"}}"#
        [PROBES, POLL] => [false, true];
    "match: scheme" r#""match":{"scheme":"v1"}"# [POLL] => [true];
    "match: task" r#""match":{"task":{"status":"START","progress":">=50"}}"#
        [POLL, "advance 3s", POLL, "advance 4s", POLL] => [false, false, true];
    "trigger: calls" r#""trigger":{"calls":"2..3"}"#
        [POLL, POLL, POLL, POLL] => [false, true, true, false];
    "trigger: every" r#""trigger":{"every":2}"#
        [POLL, POLL, POLL, POLL] => [false, true, false, true];
    "trigger: times" r#""trigger":{"times":2}"#
        [POLL, POLL, POLL] => [true, true, false];
    "trigger: probability" r#""id":"p","trigger":{"probability":0.5}"#
        [POLL, POLL, POLL, POLL, POLL, POLL] => [true, false, false, true, false, true];
    "trigger: window" r#""trigger":{"window":{"from":"10s","to":"20s"}}"#
        [POLL, "advance 10s", POLL, "advance 10s", POLL] => [false, true, false];
    "trigger: ttl" r#""trigger":{"ttl":"1h"}"# [POLL] => [true];
}
