//! A scenario's expectations of its client, checked against the calls.

use regex_lite::Regex;
use serde_json::json;

use crate::harness::{TestCall, TestEmulator};

/// An emulator with this expectation, and a rule that throttles all but the first call of an operation.
fn world(expect: &str) -> TestEmulator {
    TestEmulator::new(&format!(
        "expect:\n{expect}\nlifecycles: {{ '*': {{ queued: 1s, running: 1s }} }}\nstart_on_first_poll: ['*']\n\
         accounts: [{{ access_key_id: test, access_key_secret: test, deny: [yundun-aegis:CancelOnceTask] }},\n  \
           {{ access_key_id: other, access_key_secret: test }}]\n\
         faults: [{{ id: slow, match: {{ action: DescribeCloudCenterInstances }}, effect: {{ throttle: {{ per_second: 0.001, burst: 1 }} }} }}]"
    ))
}

/// The readable report, without real times.
fn read(emulator: &TestEmulator) -> String {
    let text = emulator.verdict().text();
    let length =
        |text: &str, what: &str, by: &str| Regex::new(what).unwrap().replace_all(text, by).into_owned();
    let text = length(&text, r"\+\d+\.\d{3}s", "+TIME");
    let text = length(&text, r"after [\d.]+s", "after TIME");
    length(&text, r"came (\d+\S+ ?)+", "came TIME ")
}

#[tokio::test]
async fn numbers_and_order() {
    let emulator = world(
        "- { action: GetLastOnceTaskInfo, params: { TaskType: IMAGE_SCAN }, calls: '>=3' }\n\
         - { action: GetLastOnceTaskInfo, calls: 3 }\n\
         - { calls: '<3' }\n\
         - { order: [GetLastOnceTaskInfo, { action: GetLastOnceTaskInfo, params: { TaskType: VUL_* } }] }\n\
         - { order: [{ action: GetLastOnceTaskInfo, params: { TaskType: VUL_* } }, CancelOnceTask] }\n\
         - { order: [{ action: GetLastOnceTaskInfo, params: { TaskType: VUL_* } }, { action: GetLastOnceTaskInfo, params: { TaskType: IMAGE_SCAN } }] }",
    );
    for task_type in ["IMAGE_SCAN", "IMAGE_SCAN", "VUL_CHECK_TASK"] {
        emulator.poll(task_type).await;
    }
    insta::assert_snapshot!(read(&emulator), @"
    FAIL  at least 3 calls of GetLastOnceTaskInfo with TaskType=IMAGE_SCAN
          saw 2 among 3 calls; the nearest others
            +TIME  #3 GetLastOnceTaskInfo TaskType=VUL_CHECK_TASK TaskName=VUL_CHECK_TASK => 200 INIT 0 %
    ok    exactly 3 calls of GetLastOnceTaskInfo
    FAIL  at most 2 calls of any operation
          saw 3 among 3 calls
            +TIME  #1 GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN => 200 INIT 0 %
            +TIME  #2 GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN => 200 INIT 0 %
            +TIME  #3 GetLastOnceTaskInfo TaskType=VUL_CHECK_TASK TaskName=VUL_CHECK_TASK => 200 INIT 0 %
    ok    GetLastOnceTaskInfo, then GetLastOnceTaskInfo with TaskType=VUL_*
    FAIL  GetLastOnceTaskInfo with TaskType=VUL_*, then CancelOnceTask
          step 2, CancelOnceTask, did not come at all, among 3 calls
            +TIME  #3 GetLastOnceTaskInfo TaskType=VUL_CHECK_TASK TaskName=VUL_CHECK_TASK => 200 INIT 0 %
    FAIL  GetLastOnceTaskInfo with TaskType=VUL_*, then GetLastOnceTaskInfo with TaskType=IMAGE_SCAN
          step 2, GetLastOnceTaskInfo with TaskType=IMAGE_SCAN, did not come after step 1, GetLastOnceTaskInfo with TaskType=VUL_*, which is call 3; the last such call is call 2
            +TIME  #2 GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN => 200 INIT 0 %
            +TIME  #3 GetLastOnceTaskInfo TaskType=VUL_CHECK_TASK TaskName=VUL_CHECK_TASK => 200 INIT 0 %
    4 of 6 expectations were not met (3 calls)
    ");
}

#[tokio::test]
async fn gaps_are_between_calls_of_one_account() {
    let emulator = world("- { action: GetLastOnceTaskInfo, gap: '<=1h' }\n- { gap: '>=1h' }");
    for account in ["test", "other", "test", "test"] {
        emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = account.into())).await;
    }
    insta::assert_snapshot!(read(&emulator), @"
    ok    GetLastOnceTaskInfo at most 1h after the one before it
    FAIL  any operation at least 1h after the one before it
          call #3 came TIME after call #1; 2 such calls
            +TIME  #1 GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN => 200 INIT 0 %
            +TIME  #3 GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN => 200 INIT 0 %
            +TIME  #4 GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN => 200 INIT 0 %
    1 of 2 expectations were not met (4 calls)
    ");
}

#[tokio::test]
async fn a_look_after_the_end_is_one_too_many_unless_there_is_a_new_task() {
    let emulator = world("- { no_calls_after: terminal }");
    let end = jiff::SignedDuration::from_secs(10);
    emulator.poll("IMAGE_SCAN").await;
    emulator.advance(end);
    emulator.poll("IMAGE_SCAN").await;
    // Each type, account and operation is checked separately.
    emulator.poll("VUL_CHECK_TASK").await;
    emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = "other".into())).await;
    emulator.call(TestCall::new("DescribeCloudCenterInstances")).await;
    // A new task may be polled again.
    let start = TestCall::new("GenerateOnceTask").param("Param", "{}").param("TaskType", "IMAGE_SCAN");
    assert_eq!(emulator.call(start.param("TaskName", "IMAGE_SCAN")).await.status, 200);
    emulator.poll("IMAGE_SCAN").await;
    emulator.advance(end);
    emulator.poll("IMAGE_SCAN").await;
    assert!(emulator.verdict().has_passed(), "{}", read(&emulator));
    emulator.poll("IMAGE_SCAN").await;
    insta::assert_snapshot!(read(&emulator), @"
    FAIL  no call of any operation once the task was shown at its end
          call #9 came although call #8 had shown the end
            +TIME  #8 GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN => 200 SUCCESS 100 %
            +TIME  #9 GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN => 200 SUCCESS 100 %
    1 of 1 expectations were not met (9 calls)
    ");
}

#[tokio::test]
async fn what_was_denied_is_not_asked_again() {
    let emulator = world("- { no_calls_after: denied }");
    let cancel = |id: &str| TestCall::new("CancelOnceTask").param("TaskId", id);
    assert_eq!(emulator.call(cancel("1")).await.status, 403);
    // A call of another operation is not a retry.
    assert_eq!(emulator.call(cancel("2")).await.status, 403);
    assert!(emulator.verdict().has_passed());
    emulator.call(cancel("1")).await;
    insta::assert_snapshot!(read(&emulator), @"
    FAIL  no call of any operation again once it was denied
          call #3 came although call #1 had been denied
            +TIME  #1 CancelOnceTask TaskId=1 => 403 NoPermission
            +TIME  #3 CancelOnceTask TaskId=1 => 403 NoPermission
    1 of 1 expectations were not met (3 calls)
    ");
}

#[tokio::test]
async fn a_client_waits_for_retry_after() {
    let emulator = world("- { retry_after: honoured }");
    for status in [200, 400] {
        assert_eq!(emulator.call(TestCall::new("DescribeCloudCenterInstances")).await.status, status);
    }
    // The delay applies to the same operation only.
    emulator.poll("IMAGE_SCAN").await;
    assert!(emulator.verdict().has_passed());
    emulator.call(TestCall::new("DescribeCloudCenterInstances")).await;
    insta::assert_snapshot!(read(&emulator), @"
    FAIL  no call of any operation before its wait was over (x-acs-retry-after)
          call #4 came TIME too early after call #2
            +TIME  #2 DescribeCloudCenterInstances => 400 Throttling.User, retry after TIME fault=slow fidelity=scripted
            +TIME  #4 DescribeCloudCenterInstances => 400 Throttling.User, retry after TIME fault=slow fidelity=scripted
    1 of 1 expectations were not met (4 calls)
    ");
}

#[tokio::test]
async fn the_verdict_for_programs_and_for_build_servers() {
    let emulator =
        world("- { action: GetLastOnceTaskInfo, calls: 1 }\n- { action: CancelOnceTask, calls: 1 }");
    emulator.poll("IMAGE_SCAN").await;
    let verdict = emulator.control("GET", "verdict", "").await.json();
    assert_eq!(
        (&verdict["passed"], &verdict["judged"], &verdict["missed"]),
        (&json!(false), &json!(1), &json!(0))
    );
    assert_eq!(
        verdict["expect"][0],
        json!({"wanted": "exactly 1 call of GetLastOnceTaskInfo", "passed": true})
    );
    assert_eq!(verdict["expect"][1]["message"], "saw 0 among 1 call; the nearest others");
    assert_eq!(verdict["expect"][1]["calls"][0]["action"], "GetLastOnceTaskInfo");
    assert_eq!(emulator.control("GET", "verdict?account=other", "").await.json()["judged"], 0);

    let run = sas_emulator::internals::expect::Run {
        scenario: "a & b",
        ended: Some("sh ended with exit code 7"),
        seconds: 1.5,
    };
    let junit = String::from_utf8(emulator.verdict().junit(&run).unwrap()).unwrap();
    insta::assert_snapshot!(Regex::new(r"TaskName=.*").unwrap().replace(&junit, "…"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuite name="a &amp; b" tests="3" failures="2" errors="0" skipped="0" time="1.500">
      <testcase classname="a &amp; b" name="the command ends well" time="1.500">
        <failure message="sh ended with exit code 7"></failure>
      </testcase>
      <testcase classname="a &amp; b" name="exactly 1 call of GetLastOnceTaskInfo" time="0"/>
      <testcase classname="a &amp; b" name="exactly 1 call of CancelOnceTask" time="0">
        <failure message="saw 0 among 1 call; the nearest others">      saw 0 among 1 call; the nearest others
            +0.000s  #1 GetLastOnceTaskInfo TaskType=IMAGE_SCAN …
    </failure>
      </testcase>
    </testsuite>
    "#);
}
