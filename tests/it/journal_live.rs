//! Waits for calls and event streams: woken by new records, ended by the shutdown.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use axum::body::Body;
use http::Request;
use jiff::SignedDuration;
use serde_json::json;

use crate::harness::events::Listener;
use crate::harness::records::{Made, finish};
use crate::harness::{Setup, TestCall, TestEmulator};

/// Names of the events, in order.
fn kinds(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("event: ")).collect()
}

/// Counts how often a task is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// No time passes for the runtime between the looks here, so no timer can be what wakes it.
#[tokio::test]
async fn a_wait_is_woken_by_the_call_that_it_waits_for() {
    let emulator = TestEmulator::new("instant");
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut waiting =
        pin!(emulator.control("GET", "await?action=GetLastOnceTaskInfo&count=2&timeout=600s", ""));
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    for (index, call) in
        ["GetLastOnceTaskInfo", "ListUnfinishedOnceTask", "GetLastOnceTaskInfo"].iter().enumerate()
    {
        let before = woken.0.load(Ordering::Relaxed);
        // Polled by hand as well: nothing is handed back to the runtime.
        let mut calling =
            pin!(emulator.call(TestCall { action: (*call).to_owned(), ..TestCall::latest("IMAGE_SCAN") }));
        assert!(calling.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
        assert_eq!(woken.0.load(Ordering::Relaxed), before + 1, "each call wakes it once");
        match (waiting.as_mut().poll(&mut context), index) {
            (Poll::Pending, 0 | 1) => (),
            (Poll::Ready(answer), 2) => {
                assert_eq!(answer.json(), json!({"reached": true, "wanted": 2, "seen": 2}));
            }
            (other, _) => panic!("{index}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_wait_for_what_has_come_answers_at_once() {
    let emulator = TestEmulator::new("instant");
    emulator.poll("IMAGE_SCAN").await;
    let mut waiting = pin!(emulator.control("GET", "await?params.TaskType=IMAGE_SCAN&timeout=600s", ""));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    // With this parameter, only new calls count.
    let mut waiting = pin!(emulator.control("GET", "await?since=1&timeout=600s", ""));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
}

#[tokio::test]
async fn a_wait_in_vain_says_what_was_seen() {
    let emulator = TestEmulator::new("instant");
    emulator.poll("IMAGE_SCAN").await;
    let answer = emulator.control("GET", "await?action=Get*&count=3&timeout=1ms", "").await;
    assert_eq!(answer.status, 408);
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "error": "timeout",
      "message": "saw 1 of 3 calls within 1ms",
      "hint": "GET /_emulator/requests lists what came instead",
      "reached": false,
      "wanted": 3,
      "seen": 1
    }
    "#);
}

#[tokio::test]
async fn what_was_forgotten_does_not_count() {
    let emulator = TestEmulator::new("instant");
    emulator.poll("IMAGE_SCAN").await;
    let mut context = Context::from_waker(Waker::noop());
    let mut waiting = pin!(emulator.control("GET", "await?count=2&timeout=600s", ""));
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    emulator.control("DELETE", "requests", "").await;
    emulator.poll("IMAGE_SCAN").await;
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    emulator.poll("IMAGE_SCAN").await;
    assert!(waiting.as_mut().poll(&mut context).is_ready());
}

#[tokio::test]
async fn a_stop_ends_waits_and_listeners() {
    let emulator = TestEmulator::new("instant");
    let listener = Listener::to(&emulator, "events").await;
    let mut context = Context::from_waker(Waker::noop());
    let mut waiting = pin!(emulator.control("GET", "await?timeout=600s", ""));
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    emulator.shut_down();
    let Poll::Ready(answer) = waiting.as_mut().poll(&mut context) else { panic!("it waits on") };
    assert_eq!((answer.status, &answer.json()["error"]), (503, &json!("stopping")));
    assert_eq!(listener.rest().await, ": listening\n\n");
    assert_eq!(Listener::to(&emulator, "events").await.rest().await, ": listening\n\n");
}

#[tokio::test]
async fn calls_and_faults_are_sent_as_events() {
    let emulator =
        TestEmulator::new("faults: [{ id: deny, match: { account: b }, effect: { error: NoPermission } }]\n");
    emulator.poll("IMAGE_SCAN").await;
    let mut listener = Listener::to(&emulator, "events").await;
    let mut only_b = Listener::to(&emulator, "events?account=b").await;
    emulator.poll("IMAGE_SCAN").await;
    emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = "b".into())).await;
    let received = listener.read_to("id: 3").await;
    assert_eq!(kinds(&received), ["call", "fault", "call"], "{received}");
    assert_eq!(kinds(&only_b.read_to("id: 3").await), ["fault", "call"]);
    let fault = received.lines().find_map(|line| line.strip_prefix(r#"data: {"fault":"#)).unwrap();
    assert!(fault.starts_with(r#""deny","sequence":3,"request_id":""#), "{fault}");
}

#[tokio::test]
async fn transitions_are_sent_to_listeners_of_their_account() {
    let emulator = TestEmulator::new("default");
    for key in ["a", "b"] {
        emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = key.into())).await;
    }
    let mut listener = Listener::to(&emulator, "events?account=a").await;
    emulator.advance(SignedDuration::from_hours(1));
    let received = listener.read_to(r#"data: {"at":"2026-01-02T03:04:15Z""#).await;
    assert_eq!(kinds(&received), ["transition", "transition"], "{received}");
    assert!(
        received.contains(r#""from":"INIT","to":"START""#) && !received.contains(r#""account":"b""#),
        "{received}"
    );
    // A reset turns the clock back, and the listener receives the events after it.
    emulator.control("POST", "reset", "").await;
    emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = "a".into())).await;
    listener.read_to("id: 3").await;
    emulator.advance(SignedDuration::from_secs(3));
    // The reset itself is sent too, as a command.
    let received = listener.read_to("event: transition").await;
    assert!(kinds(&received).iter().all(|kind| *kind != "call"), "{received}");
}

#[tokio::test]
async fn a_disconnected_listener_continues_where_it_was() {
    let emulator = TestEmulator::new("instant");
    for _ in 0..3 {
        emulator.poll("IMAGE_SCAN").await;
    }
    let resumed = Request::get("/_emulator/events").header("last-event-id", "1").body(Body::empty()).unwrap();
    let received = Listener::with(&emulator, resumed).await.until("id: 3").await;
    assert_eq!(kinds(&received), ["call", "call"]);
    let restarted =
        Request::get("/_emulator/events").header("last-event-id", "99").body(Body::empty()).unwrap();
    let mut listener = Listener::with(&emulator, restarted).await;
    emulator.poll("IMAGE_SCAN").await;
    assert_eq!(kinds(&listener.read_to("id: 4").await), ["call"]);
}

#[tokio::test]
async fn a_slow_listener_receives_the_number_of_missed_calls() {
    let emulator = Setup::new("instant").journal_entries(3).start();
    let mut listener = Listener::to(&emulator, "events").await;
    // It does not read while these come.
    for _ in 0..10 {
        emulator.poll("IMAGE_SCAN").await;
    }
    let received = listener.read_to("id: 10").await;
    assert_eq!(kinds(&received), ["missed", "call", "call", "call"], "{received}");
    assert!(received.contains(r#"data: {"calls":7}"#), "{received}");
}

#[tokio::test]
async fn a_call_in_flight_is_seen_from_its_arrival_and_its_outcome_when_it_is_known() {
    let emulator = TestEmulator::new("instant");
    let journal = emulator.journal();
    let count = |query: &'static str| {
        let answer = emulator.control("GET", query, "");
        async { answer.await.json()["count"].as_u64().unwrap() }
    };
    let mut context = Context::from_waker(Waker::noop());
    let mut arrival = pin!(emulator.control("GET", "await?action=GetLastOnceTaskInfo&timeout=600s", ""));
    let mut outcome = pin!(emulator.control("GET", "await?status=2xx&timeout=600s", ""));
    assert!(
        arrival.as_mut().poll(&mut context).is_pending() && outcome.as_mut().poll(&mut context).is_pending()
    );
    let call = Made { arrived: 100, ..Made::default() }.arrive(journal);
    assert!(
        arrival.as_mut().poll(&mut context).is_ready() && outcome.as_mut().poll(&mut context).is_pending()
    );

    let shown = emulator.control("GET", "requests", "").await.json()["requests"][0].take();
    let outcome_of = |shown: &serde_json::Value| {
        ["in_flight", "status", "code", "message", "elapsed_ms", "task"].map(|name| shown[name].clone())
    };
    assert_eq!(json!(outcome_of(&shown)), json!([true, null, null, null, null, null]));
    assert_eq!((&shown["sequence"], &shown["faults"]), (&json!(1), &json!(["slow"])));
    for (query, seen) in
        [("", 1), ("action=Get*", 1), ("status=none", 0), ("status=2xx", 0), ("code=*", 0), ("fault=slow", 0)]
    {
        let path = format!("requests/count?{query}");
        assert_eq!(emulator.control("GET", &path, "").await.json(), json!({ "count": seen }), "{query}");
    }
    let body = r#"{ "expect": [{ "count": 1 }], "order": ["GetLastOnceTaskInfo"] }"#;
    assert_eq!(emulator.control("POST", "verify", body).await.json()["passed"], true);

    finish(journal, &call, 350, 200, Some((7, "SUCCESS")));
    assert!(outcome.as_mut().poll(&mut context).is_ready());
    let shown = emulator.control("GET", "requests", "").await.json()["requests"][0].take();
    let task = json!({ "id": 7, "status": "SUCCESS", "progress": null });
    assert_eq!(json!(outcome_of(&shown)), json!([null, 200, null, null, 250.0, task]));
    assert_eq!(count("requests/count?fault=slow").await, 1);

    // The client gave up.
    let call = Made::default().arrive(journal);
    journal
        .finish(&call, &sas_emulator::internals::journal::Completion::abandoned(false, SignedDuration::ZERO));
    let shown = emulator.control("GET", "requests?status=none", "").await.json()["requests"][0].take();
    assert_eq!((&shown["broke"], &shown["in_flight"]), (&json!("abandoned"), &json!(null)));
}

#[tokio::test]
async fn calls_that_overlap_are_sent_as_they_finish_and_none_is_missed() {
    let emulator = TestEmulator::new("instant");
    let journal = emulator.journal();
    let mut listener = Listener::to(&emulator, "events").await;
    let [first, second] = [(); 2].map(|()| Made::default().arrive(journal));
    finish(journal, &second, 0, 200, None);
    let received = listener.read_to("id: 1").await;
    assert!(received.contains(r#"data: {"sequence":2,"#), "{received}");
    finish(journal, &first, 0, 200, None);
    let received = listener.read_to("id: 2").await;
    assert!(received.contains(r#"data: {"sequence":1,"#), "{received}");
    let received = Listener::to(&emulator, "events?since=1").await.until("id: 2").await;
    assert_eq!(kinds(&received), ["fault", "call"], "{received}");
    assert!(received.contains(r#"data: {"sequence":1,"#), "{received}");
}
