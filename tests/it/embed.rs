//! The emulator that a Rust test holds: started, called over its port, judged, dropped.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use sas_emulator::{Builder, Emulator, SignedDuration, calls};

use crate::harness::TestCall;
use crate::harness::embedded::poll;
use crate::harness::wire::{exchange_blocking, raw};

/// An emulator with a paused clock and without verification of signatures.
fn held() -> Builder {
    Emulator::builder().clock_at("2026-01-02T03:04:05Z").paused().unsigned()
}

/// The message of a panic.
fn panic_of(act: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(act)).unwrap_err();
    payload
        .downcast_ref::<String>()
        .cloned()
        .unwrap_or_else(|| payload.downcast_ref::<&str>().unwrap().to_string())
}

fn is_open(address: std::net::SocketAddr) -> bool {
    TcpStream::connect(address).is_ok()
}

#[test]
fn a_plain_test_moves_the_clock_and_blocks_as_it_likes() {
    let emulator = held().start();
    assert_eq!(poll(&emulator, "test"), "INIT 0");
    let happened: Vec<_> = emulator.advance("1h").into_iter().map(|step| (step.from, step.to)).collect();
    assert_eq!(happened, [(Some("INIT"), "START"), (Some("START"), "SUCCESS")]);
    assert_eq!(poll(&emulator, "test"), "SUCCESS 100");
    assert_eq!(emulator.endpoint(), format!("http://{}", emulator.authority()));
    assert_eq!(emulator.authority(), emulator.address().to_string());
}

/// On one thread, with the test's own time paused: neither affects the emulator.
#[tokio::test(start_paused = true)]
async fn a_test_in_a_runtime_may_block_too_and_hold_its_own_time() {
    let emulator = held().start();
    assert_eq!(poll(&emulator, "test"), "INIT 0");
    emulator.wait_for(calls("GetLastOnceTaskInfo").times(1), "10m").await;
    drop(emulator);
}

#[test]
fn a_test_makes_signed_calls_without_an_sdk() {
    let emulator = Emulator::builder()
        .account("ci", "s3cret")
        .temporary_account("sts", "x", "token-1")
        .fault("{ match: { action: CancelOnceTask }, effect: { connection: reset } }")
        .paused()
        .start();
    let scan = [("TaskType", "IMAGE_SCAN"), ("TaskName", "IMAGE_SCAN")];
    for id in ["ci", "sts"] {
        let reply = emulator.for_account(id).call("GetLastOnceTaskInfo", scan);
        assert_eq!((reply.status, reply.json["TaskInfo"]["Status"].as_str()), (200, Some("INIT")));
        emulator.for_account(id).verify(calls("GetLastOnceTaskInfo").times(1).well_behaved());
    }
    // Parameters that an SDK would encode; other products; calls that are refused.
    let odd =
        emulator.for_account("ci").call("DescribeCloudCenterInstances", [("Criteria", "[] +%\u{e9}&=")]);
    assert_eq!(odd.status, 400, "{}", odd.json);
    assert_ne!(odd.json["Code"], "SignatureDoesNotMatch");
    assert_eq!(emulator.for_account("ci").call("DescribeRegions", []).status, 200);
    assert_eq!(emulator.call("GetLastOnceTaskInfo", scan).json["Code"], "InvalidAccessKeyId.NotFound");
    let reset = || drop(emulator.for_account("ci").call("CancelOnceTask", [("TaskId", "1")]));
    assert!(panic_of(reset).starts_with("CancelOnceTask got no response: "));
}

#[tokio::test]
async fn signatures_are_verified_by_default() {
    let emulator =
        Emulator::builder().account("ci", "s3cret").temporary_account("sts", "x", "token-1").start();
    let ask = |key: &str, secret: &str, token: Option<&str>| {
        let ask = TestCall::latest("IMAGE_SCAN").with(|ask| {
            ask.date = format!("{:.0}", sas_emulator::internals::clock::machine_time());
            (ask.key, ask.secret) = (key.to_owned(), secret.to_owned());
            ask.token = token.map(str::to_owned);
            ask.headers = vec![("host", emulator.authority().to_owned())];
        });
        let request = raw(&ask, "content-length: 0\r\nconnection: close", "");
        exchange_blocking(emulator.address(), &request).unwrap().0
    };
    assert_eq!((ask("ci", "s3cret", None), ask("ci", "test", None)), (200, 400));
    assert_eq!((ask("sts", "x", Some("token-1")), ask("sts", "x", None)), (200, 400));
    assert_eq!(ask("test", "test", None), 404);
}

#[test]
fn dropping_it_closes_its_port_and_whatever_is_open() {
    let emulator = held().fault("{ effect: { connection: hang } }").start();
    let (address, handle) = (emulator.address(), emulator.handle());
    let mut idle = TcpStream::connect(address).unwrap();
    let hung = {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /?Action=GetLastOnceTaskInfo HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        stream
    };
    emulator.wait_for_blocking(calls("*").unanswered(), "10m");
    drop(emulator);
    assert!(!is_open(address));
    for mut stream in [&idle, &hung] {
        let mut rest = Vec::new();
        // The assertion is that it ends, with an end of stream or a reset, as the system chooses.
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.is_empty());
    }
    let _ = idle.write(b"x");
    // What is left of it can be asked, and does no harm.
    assert_eq!(handle.calls().len(), 1);
}

#[test]
fn it_can_be_dropped_anywhere() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (inside, outside) = (held().start(), runtime.block_on(async { held().start() }));
    let addresses = [inside.address(), outside.address()];
    runtime.block_on(async { drop(inside) });
    drop(outside);
    let moved = held().start();
    let address = moved.address();
    thread::spawn(move || drop(moved)).join().unwrap();
    assert!(addresses.into_iter().chain([address]).all(|address| !is_open(address)));
}

#[test]
fn a_test_that_panics_stops_it_and_keeps_its_message() {
    let mut address = None;
    let message = panic_of(|| {
        let emulator = held().start();
        emulator.expect(calls("CancelOnceTask"));
        address = Some(emulator.address());
        panic!("the test's own");
    });
    assert_eq!(message, "the test's own", "what was expected as well would abort");
    assert!(!is_open(address.unwrap()));
}

#[test]
fn two_at_once_share_nothing() {
    let (one, other) = (held().seed(1).start(), held().scenario("empty").start());
    assert_ne!(one.address(), other.address());
    assert_eq!((poll(&one, "test"), poll(&other, "test")), ("INIT 0".into(), "\"TASK_NOT_EXISTS\"".into()));
    one.advance("1h");
    assert_eq!((one.calls().len(), other.calls().len()), (1, 1));
    assert_eq!(other.clock().now.to_string(), "2026-01-02T03:04:05Z");
}

#[test]
fn what_was_called_is_shown_when_it_is_not_what_was_wanted() {
    let emulator = held().scenario("default").start();
    poll(&emulator, "test");
    emulator.arm("{ id: outage, effect: { error: ServiceUnavailable } }");
    poll(&emulator, "test");
    emulator.disarm("outage");
    emulator.advance("1h");
    poll(&emulator, "test");
    poll(&emulator, "other");

    let polls = || calls("GetLastOnceTaskInfo").with("TaskType", "IMAGE_*");
    emulator.verify(polls().times(4));
    emulator.verify(polls().status(503).code("Service*").fault("outage").times(..=1));
    emulator.verify_order([polls().class(5), polls().status(200)]);
    emulator.for_account("other").verify(calls("*").times(1..=1));

    insta::assert_snapshot!(panic_of(|| emulator.verify(polls().status(200).times(4))), @"
    wanted exactly 4 calls of GetLastOnceTaskInfo with TaskType=IMAGE_*, status=200; saw 3 among 4 calls
      call 2 comes near: status is 503, not 200

    There were 4 calls:
      #  task clock            account  call                                                         answer
      1  2026-01-02T03:04:05Z  test     GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN  200 INIT 0 %
      2  2026-01-02T03:04:05Z  test     GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN  503 ServiceUnavailable fault=outage fidelity=scripted
      3  2026-01-02T04:04:05Z  test     GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN  200 SUCCESS 100 %
      4  2026-01-02T04:04:05Z  other    GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN  200 INIT 0 %
    ");
    insta::assert_snapshot!(panic_of(|| emulator.for_account("other").verify(calls("CancelOnceTask"))), @"
    wanted at least 1 call of CancelOnceTask; saw 0 among 1 call
      call 4 comes near: action is GetLastOnceTaskInfo, not CancelOnceTask

    There was 1 call:
      #  task clock            account  call                                                         answer
      4  2026-01-02T04:04:05Z  other    GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN  200 INIT 0 %
    ");
    insta::assert_snapshot!(
        panic_of(|| emulator.verify_order([calls("GetLastOnceTaskInfo"), calls("CancelOnceTask")])), @"
    step 2, CancelOnceTask, did not come at all, among 4 calls
      call 4 comes near: action is GetLastOnceTaskInfo, not CancelOnceTask
      call 3 comes near: action is GetLastOnceTaskInfo, not CancelOnceTask
      call 2 comes near: action is GetLastOnceTaskInfo, not CancelOnceTask

    There were 4 calls:
      #  task clock            account  call                                                         answer
      1  2026-01-02T03:04:05Z  test     GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN  200 INIT 0 %
      2  2026-01-02T03:04:05Z  test     GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN  503 ServiceUnavailable fault=outage fidelity=scripted
      3  2026-01-02T04:04:05Z  test     GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN  200 SUCCESS 100 %
      4  2026-01-02T04:04:05Z  other    GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN  200 INIT 0 %
    ");
    emulator.forget_calls();
    insta::assert_snapshot!(panic_of(|| emulator.verify(polls())), @"
    wanted at least 1 call of GetLastOnceTaskInfo with TaskType=IMAGE_*; saw 0 among 0 calls

    There were no calls.
    ");
}

#[test]
fn what_is_expected_is_judged_at_the_end() {
    let emulator = held().start();
    emulator.expect(calls("GetLastOnceTaskInfo").times(1));
    emulator.for_account("other").expect(calls("*").times(0));
    poll(&emulator, "test");
    drop(emulator);

    let emulator = held().start();
    emulator.expect(calls("GetLastOnceTaskInfo").times(2));
    poll(&emulator, "test");
    let message = panic_of(|| drop(emulator));
    let (place, rest) = message.split_once(": ").unwrap();
    assert!(place.starts_with("expected at tests/it/embed.rs:"), "{place}");
    assert!(
        rest.starts_with("wanted exactly 2 calls of GetLastOnceTaskInfo; saw 1 among 1 call\n"),
        "{rest}"
    );

    let emulator = held().start();
    emulator.expect(calls("CancelOnceTask"));
    emulator.reset();
}

#[test]
fn one_account_in_hand_leaves_the_others_alone() {
    let emulator = held().start();
    let alice = emulator.for_account("alice");
    alice.arm("{ id: hers, effect: { error: ServerError } }");
    assert_eq!((poll(&emulator, "alice"), poll(&emulator, "bob")), ("ServerError".into(), "INIT 0".into()));
    alice.disarm("hers");
    poll(&emulator, "alice");
    alice.advance(SignedDuration::from_hours(1));
    assert_eq!((poll(&emulator, "alice"), poll(&emulator, "bob")), ("SUCCESS 100".into(), "INIT 0".into()));
    assert_eq!((alice.tasks().len(), emulator.tasks().len()), (1, 2));
    assert_eq!((alice.calls().len(), emulator.calls().len()), (3, 5));
    alice.reset();
    assert_eq!((alice.calls().len(), emulator.calls().len(), emulator.tasks().len()), (0, 2, 1));
}

#[test]
fn tasks_are_started_and_ended_by_hand() {
    let emulator = held().scenario("empty").start();
    let test = emulator.for_account("test");
    let scan = test.start_task("IMAGE_SCAN");
    let shown = |status: &str| assert_eq!(poll(&emulator, "test"), status);
    shown("INIT 0");
    test.stall(&scan.id, 40);
    emulator.set_clock("2027-01-01T00:00:00Z");
    shown("START 40");
    test.time_out(&scan.id, None);
    shown("TIMEOUT 40");
    test.fail(&test.start_task("IMAGE_SCAN").id, 7);
    emulator.advance("1s");
    test.finish(&test.start_task("IMAGE_SCAN").id);
    shown("SUCCESS 100");
}

#[test]
fn faults_break_connections_and_are_counted() {
    let emulator = held().fault("{ id: cut, trigger: { calls: 2 }, effect: { connection: reset } }").start();
    assert_eq!([(); 3].map(|()| poll(&emulator, "test")), ["INIT 0", "broken", "INIT 0"]);
    emulator.verify(calls("*").unanswered().fault("cut").times(1));
    let [report] = &emulator.faults()[..] else { panic!("there is one fault") };
    assert_eq!((report.hits, report.matched), (1, 3));
    emulator.disarm("cut");
    emulator.reset();
    assert_eq!(emulator.faults()[0].hits, 0, "what it began with is there again");
}

#[test]
fn answers_come_from_the_builder_and_from_the_handle() {
    const ONCE: &str =
        "{ id: once, match: { action: GetLastOnceTaskInfo }, reply: { TaskInfo: { Progress: 69 } } }";
    let emulator = held().answer(ONCE).start();
    assert_eq!(poll(&emulator, "test"), "INIT 69");
    let [report] = &emulator.answers()[..] else { panic!("there is one answer") };
    assert_eq!((report.id.as_str(), report.hits, report.position), ("once", 1, None));
    emulator.remove_answer("once");
    let other = emulator.for_account("other");
    let steps = "sequence: [{ error: ServerError }, { reply: { TaskInfo: { Progress: 7 } } }]";
    let names = other.answer(&format!("{{ match: {{ action: GetLastOnceTaskInfo }}, {steps} }}"));
    assert_eq!(names, ["answer-1"]);
    assert_eq!(poll(&emulator, "test"), "INIT 0");
    assert_eq!([(); 3].map(|()| poll(&emulator, "other")), ["ServerError", "INIT 7", "INIT 7"]);
    assert_eq!((other.answers()[0].hits, other.answers()[0].position), (3, Some(2)));
    let message =
        panic_of(|| drop(other.answer("{ match: { action: DescribeVulList }, reply: { TotalCuont: 1 } }")));
    assert!(message.contains("did you mean TotalCount") && message.ends_with('^'), "{message}");
    let message =
        panic_of(|| drop(other.answer("{ match: { action: DescribeVulList, account: x }, reply: {} }")));
    assert_eq!(message, "the answer is for the account \"x\", and this is \"other\"");
    emulator.reset();
    assert_eq!(emulator.answers()[0].id, "once", "what it began with is there again");
}

#[test]
fn waiting_ends_with_the_call_or_with_patience() {
    let emulator = held().start();
    thread::scope(|scope| {
        scope.spawn(|| poll(&emulator, "test"));
        emulator.for_account("test").wait_for_blocking(calls("GetLastOnceTaskInfo").times(1..), "10m");
    });
    let message = panic_of(|| emulator.wait_for_blocking(calls("CancelOnceTask"), "1ms"));
    let first = message.lines().next().unwrap();
    assert_eq!(first, "saw 0 within 1ms, and wanted at least 1 call of CancelOnceTask");
    assert!(message.contains("There was 1 call:"), "{message}");
    let handle = emulator.handle();
    drop(emulator);
    let message = panic_of(|| handle.wait_for_blocking(calls("*"), "10m"));
    assert_eq!(message, "the emulator has stopped");
}

#[test]
fn a_shared_listener_needs_an_address() {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let emulator = held().listener(listener).start();
    assert_eq!(emulator.authority(), format!("127.0.0.1:{port}"));
    assert_eq!(poll(&emulator, "test"), "INIT 0");
}

/// Each report has the mistake, its place, and a suggestion.
#[test]
fn mistakes_are_reported_where_they_are_made() {
    let start = |builder: Builder| panic_of(|| drop(builder.start()));
    let report = |text: &str| {
        let error = held().scenario_text(text).try_start().unwrap_err();
        assert_eq!(format!("{error:?}"), error.to_string(), "unwrap shows it as it is");
        error.to_string()
    };
    insta::assert_snapshot!(report("version: 1\nname: x\nlifecycles:\n  IMAGE_SCAN: { qeued: 2s }\n"), @r#"
    scenario_text:4:17: there is no key "qeued" here; did you mean queued? Known are queued, running, advance, polls, targets, progress, outcome
      |
    4 |   IMAGE_SCAN: { qeued: 2s }
      |                 ^
    "#);
    insta::assert_snapshot!(start(held().scenario("stuk")), @"the emulator cannot start: stuk: no built-in scenario and no file is called that; did you mean stuck?");
    insta::assert_snapshot!(start(held().fault("{ match: { action: GetLastOnceTskInfo }, effect: {} }")), @r#"
    the emulator cannot start: fault:1:10: no operation is called "GetLastOnceTskInfo"; did you mean GetLastOnceTaskInfo?
      |
    1 | { match: { action: GetLastOnceTskInfo }, effect: {} }
      |          ^
    "#);
    insta::assert_snapshot!(start(held().clock_at("noon")), @r#"the emulator cannot start: clock_at: "noon" is not a time; expected one such as 2026-11-24T02:14:00Z"#);
    insta::assert_snapshot!(start(held().account("a b", "x")), @"the emulator cannot start: an account is named by its AccessKeyId, 1 to 128 letters, digits and - _ .; that of account 1 is none");
    insta::assert_snapshot!(start(held().account("a", "x").account("a", "y")), @"the emulator cannot start: the account a is given twice");
    let twice = "{ id: a, effect: { error: ServerError } }";
    insta::assert_snapshot!(start(held().fault(twice).fault(twice)), @r#"the emulator cannot start: a fault is called "a" already"#);

    let emulator =
        Emulator::builder().clock_at("2026-01-02T03:04:05Z").paused().account("alice", "x").start();
    insta::assert_snapshot!(panic_of(|| drop(emulator.arm("match: { action: Foo }\neffect: { delay: 1 }"))), @r#"
    rule:1:8: no operation is called "Foo"
      |
    1 | match: { action: Foo }
      |        ^
    "#);
    insta::assert_snapshot!(panic_of(|| emulator.disarm("x")), @r#"no fault is called "x"; armed are []"#);
    insta::assert_snapshot!(panic_of(|| drop(emulator.advance("6 parsecs"))), @r#""6 parsecs" is not a length of time; expected a length of time such as 2s, 1m 30s, 6h or 3650d"#);
    insta::assert_snapshot!(panic_of(|| drop(emulator.advance("-1s"))), @"the task clock shows 2026-01-02T03:04:05Z and never goes back; POST /_emulator/reset starts over");
    insta::assert_snapshot!(panic_of(|| drop(emulator.set_clock("2020-01-01T00:00:00Z"))), @"the task clock shows 2026-01-02T03:04:05Z and never goes back; POST /_emulator/reset starts over");
    insta::assert_snapshot!(panic_of(|| emulator.for_account("alise").pause()), @"no AccessKeyId alise exists; did you mean alice?");
    insta::assert_snapshot!(panic_of(|| drop(emulator.start_task("IMAGE_SCAN"))), @r#"a task belongs to an account: for_account("test").start_task("IMAGE_SCAN")"#);
    insta::assert_snapshot!(panic_of(|| drop(emulator.for_account("alice").start_task("IMAGE_SCN"))), @r#"no TaskType is called "IMAGE_SCN"; did you mean IMAGE_SCAN?"#);
    insta::assert_snapshot!(panic_of(|| drop(emulator.finish("77"))), @r#"no task has the id "77""#);
    insta::assert_snapshot!(panic_of(|| drop(calls("GetLastOnceTskInfo"))), @r#"no operation is called "GetLastOnceTskInfo"; did you mean GetLastOnceTaskInfo?"#);
    let theirs = "{ match: { account: bob }, effect: { error: ServerError } }";
    insta::assert_snapshot!(panic_of(|| drop(emulator.for_account("alice").arm(theirs))), @r#"the rule is for the account "bob", and this is "alice""#);
}

#[test]
fn what_a_scenario_expects_is_verified_on_demand() {
    let emulator = Emulator::builder()
        .scenario_text("version: 1\nname: x\nexpect: [{ action: CancelOnceTask, calls: 1 }]")
        .start();
    let message = panic_of(|| emulator.verify_scenario());
    assert!(message.starts_with("FAIL  exactly 1 call of CancelOnceTask\n      saw 0"), "{message}");
}
