//! Misbehaviour of clients, found in traces that are written by hand: each kind is named, and nothing else is.

use std::time::Duration;

use proptest::prelude::*;
use sas_emulator::SignedDuration;
use sas_emulator::internals::domain::{ApiError, Code, Value};
use sas_emulator::internals::expect::{Demand, Expectation, Misbehaviour, Selector, judge};
use sas_emulator::internals::journal::{Capacity, Completion, Journal};

use crate::harness::records::Made;

/// A call in a trace, with the times of its arrival and of its end in milliseconds.
#[derive(Debug, Clone)]
struct Play {
    at: i64,
    end: i64,
    task_time: i64,
    query: &'static str,
    account: &'static str,
    reply: Reply,
    is_faulty: bool,
}

#[derive(Debug, Clone, Copy)]
enum Reply {
    Task(i64, &'static str),
    Fine,
    Refused(u16, &'static str),
    /// Throttled, with the wait that is demanded in milliseconds.
    Wait(u64),
    Broken,
}

const POLL: &str = "Action=GetLastOnceTaskInfo&TaskType=IMAGE_SCAN&TaskName=x";
const OTHER_POLL: &str = "Action=GetLastOnceTaskInfo&TaskType=VUL_CHECK_TASK&TaskName=x";
const RUNNING: Reply = Reply::Task(1, "START");
const OVER: Reply = Reply::Task(1, "SUCCESS");
const UNAVAILABLE: Reply = Reply::Refused(503, "ServiceUnavailable");

/// A poll that takes two milliseconds.
fn poll(at: i64, reply: Reply) -> Play {
    Play { at, end: at + 2, task_time: at, query: POLL, account: "a", reply, is_faulty: false }
}

fn call(query: &'static str, at: i64, reply: Reply) -> Play {
    Play { query, ..poll(at, reply) }
}

/// Each kind of misbehaviour that is found, and how the first proof reads.
fn found(mut plays: Vec<Play>) -> Vec<(Misbehaviour, String)> {
    plays.sort_by_key(|play| play.at);
    let journal = Journal::new(Capacity::default());
    for play in &plays {
        let Play { at, end, task_time, query, account, reply, is_faulty } = *play;
        let made = Made { query, account, arrived: at, task_time, is_faulty };
        let record = made.arrive(&journal);
        let result = match reply {
            Reply::Task(id, status) => Ok(Value::Map(vec![
                ("TaskId".into(), Value::Int(id)),
                ("Status".into(), Value::text(status)),
            ])),
            Reply::Fine | Reply::Broken => Ok(Value::reply([])),
            Reply::Refused(status, code) => Err(ApiError::custom(status, code, "")),
            Reply::Wait(_) => Err(Code::THROTTLING_USER.into()),
        };
        let is_broken = matches!(reply, Reply::Broken);
        let status = result.as_ref().map_or_else(|error: &ApiError| error.status, |_| 200);
        let completion = Completion {
            status: (!is_broken).then_some(status),
            broke: is_broken.then_some("reset"),
            result: (!is_broken).then_some(&result),
            retry_after: if let Reply::Wait(wait) = reply { Some(Duration::from_millis(wait)) } else { None },
            finished: SignedDuration::from_millis(end),
            ..Completion::default()
        };
        journal.finish(&record, &completion);
    }
    let calls = journal.after(0, usize::MAX);
    let failure = |kind| {
        let expectation = Expectation::Calls(Selector::default(), Demand::Never(kind));
        let verdict = judge(&[expectation], &calls);
        verdict.outcomes[0].failure.as_ref().map(|failure| (kind, failure.message.clone()))
    };
    Misbehaviour::ALL.into_iter().filter_map(failure).collect()
}

/// Polls or retries of the same kind, at these times.
fn each(times: impl IntoIterator<Item = i64>, reply: Reply) -> Vec<Play> {
    times.into_iter().map(|at| poll(at, reply)).collect()
}

#[track_caller]
fn is_one(plays: Vec<Play>, kind: Misbehaviour, message: &str) {
    assert_eq!(found(plays), [(kind, message.to_owned())]);
}

#[track_caller]
fn is_none(plays: Vec<Play>) {
    assert_eq!(found(plays), []);
}

#[test]
fn polls_without_a_pause() {
    is_one(
        each([0, 5, 10, 15, 20], RUNNING),
        Misbehaviour::BusyPolling,
        "call #2 came 3ms after the response to call #1; 4 such calls",
    );
    // Two polls in quick succession are none, nor are polls of several tasks, polls of two accounts, polls between which a
    // test moves the clock, or different operations one after the other.
    is_none(each([0, 5, 10, 200, 205, 210], RUNNING));
    let kinds = ["Action=A", "Action=B", "Action=C", POLL, OTHER_POLL];
    is_none(kinds.into_iter().zip(0..).map(|(query, number)| call(query, 3 * number, RUNNING)).collect());
    is_none(
        (0..20)
            .map(|number| Play {
                account: if number % 2 == 0 { "a" } else { "b" },
                ..poll(30 * number, RUNNING)
            })
            .collect(),
    );
    is_none((0..20).map(|number| Play { task_time: 60_000 * number, ..poll(3 * number, RUNNING) }).collect());
}

#[test]
fn polls_after_the_end() {
    let end = vec![poll(0, RUNNING), poll(100, OVER), poll(200, OVER)];
    is_one(end, Misbehaviour::PollingAfterEnd, "call #3 came although call #2 had shown the end");
    // A new scan, and a scan of the same kind in another region.
    is_none(vec![
        poll(0, OVER),
        call("Action=GenerateOnceTask", 100, Reply::Task(2, "")),
        poll(200, Reply::Task(2, "START")),
    ]);
    is_none(vec![
        poll(0, OVER),
        call("Action=GetLastOnceTaskInfo&TaskType=IMAGE_SCAN&TaskName=x&RegionId=ap-southeast-1", 100, OVER),
    ]);
}

#[test]
fn retries_of_refusals() {
    for (status, code) in [(403, "NoPermission"), (404, "InvalidRegionId")] {
        let retried = each([0, 100, 200], Reply::Refused(status, code));
        let message = format!("call #2 came although call #1 had been refused with {code}; 2 such calls");
        is_one(retried, Misbehaviour::RetryingRefusals, &message);
    }
    // No retry of a refusal: a call with another id; a poll after something was created; a call after an expired token.
    let gone = Reply::Refused(404, "X");
    is_none(vec![call("Action=GetThing&Id=1", 0, gone), call("Action=GetThing&Id=2", 100, Reply::Fine)]);
    is_none(vec![poll(0, gone), call("Action=GenerateOnceTask", 100, Reply::Fine), poll(200, RUNNING)]);
    is_none(each([0, 100], Reply::Refused(403, "InvalidSecurityToken.Expired")));
    // A call that only reads changes nothing, so a poll after it is still a retry.
    let retried = vec![poll(0, gone), call("Action=DescribeThing", 100, Reply::Fine), poll(200, gone)];
    is_one(retried, Misbehaviour::RetryingRefusals, "call #3 came although call #1 had been refused with X");
}

#[test]
fn delays_that_are_ignored() {
    let early = vec![poll(0, Reply::Wait(500)), poll(100, RUNNING)];
    is_one(early, Misbehaviour::IgnoringDelays, "call #2 came 402ms too early after call #1");
    // In time, or a millisecond early by a coarse timer; by the task clock; another operation.
    is_none(vec![poll(0, Reply::Wait(500)), poll(502, Reply::Wait(500)), poll(1003, RUNNING)]);
    is_none(vec![poll(0, Reply::Wait(500)), Play { task_time: 600, ..poll(5, RUNNING) }]);
    is_none(vec![poll(0, Reply::Wait(500)), call(OTHER_POLL, 100, RUNNING)]);
}

#[test]
fn retries_without_a_pause() {
    is_one(
        each((0..8).map(|number| 5 * number), UNAVAILABLE),
        Misbehaviour::RetryStorms,
        "call #2 came 3ms after the response to call #1; 7 such calls",
    );
    is_one(
        each((0..8).map(|number| 5 * number), Reply::Broken),
        Misbehaviour::RetryStorms,
        "call #2 came 3ms after the response to call #1; 7 such calls",
    );
    // One retry at once, and then a pause; a reset that is retried once.
    is_none(vec![poll(0, UNAVAILABLE), poll(3, UNAVAILABLE), poll(200, RUNNING)]);
    is_none(vec![poll(0, Reply::Broken), poll(3, RUNNING), poll(200, Reply::Broken), poll(203, OVER)]);
    // The wait that is demanded is another matter.
    is_none(each((0..8).map(|number| 5 * number), Reply::Wait(1)));
}

#[test]
fn retries_after_equal_pauses() {
    let mut late = each((0..8).map(|number| 100 * number), UNAVAILABLE);
    late.push(poll(900, RUNNING));
    is_one(
        late,
        Misbehaviour::ConstantRetries,
        "call #3 came 98ms after the response to call #2, as soon as the retries before it; 6 such calls",
    );
    // Few of them; back-off up to a limit; waits that were demanded; polls at regular intervals.
    is_none(each((0..5).map(|number| 100 * number), UNAVAILABLE));
    is_none(each([0, 100, 300, 700, 1500, 2300, 3100, 3900], UNAVAILABLE));
    is_none(each((0..9).map(|number| 100 * number), Reply::Wait(90)));
    is_none(each((0..9).map(|number| 100 * number), RUNNING));
}

#[test]
fn nonces_and_time_stamps() {
    let again = vec![
        poll(0, Reply::Broken),
        poll(100, Reply::Refused(400, "SignatureNonceUsed")),
        poll(200, RUNNING),
    ];
    is_one(
        again,
        Misbehaviour::NonceReuse,
        "call #2 came with a nonce that had been used (SignatureNonceUsed)",
    );
    let skewed = vec![poll(0, Reply::Refused(400, "InvalidTimeStamp.Expired"))];
    is_one(
        skewed,
        Misbehaviour::ClockSkew,
        "call #1 came with a time stamp that was refused (InvalidTimeStamp.Expired)",
    );
    // A fault may say so.
    for code in ["SignatureNonceUsed", "InvalidTimeStamp.Expired"] {
        is_none(vec![Play { is_faulty: true, ..poll(0, Reply::Refused(400, code)) }]);
    }
}

#[test]
fn equal_calls_at_the_same_time() {
    let slow = |at| Play { end: at + 300, ..poll(at, RUNNING) };
    is_one(
        vec![slow(0), slow(1)],
        Misbehaviour::ParallelDuplicates,
        "call #2 came 1ms after call #1, which was under way",
    );
    // Different tasks, pages, accounts; a retry after a time-out of the client.
    is_none(vec![slow(0), Play { query: OTHER_POLL, ..slow(1) }]);
    is_none(vec![slow(0), Play { account: "b", ..slow(1) }]);
    is_none(
        (1..4)
            .map(|page| Play {
                query: ["", "Action=A&Page=1", "Action=A&Page=2", "Action=A&Page=3"][page],
                ..slow(0)
            })
            .collect(),
    );
    is_none(vec![slow(0), slow(100)]);
    // Values that the journal shortens or hides may differ.
    let hidden = "Action=AddThing&Secret=x";
    is_none(vec![Play { query: hidden, ..slow(0) }, Play { query: hidden, ..slow(1) }]);
}

proptest! {
    /// Clients that behave: each polls some tasks at intervals with jitter, retries what passes with a back-off of some kind,
    /// waits as long as it is told, and stops at the end.
    #[test]
    fn a_client_that_behaves_is_never_accused(
        clients in proptest::collection::vec(
            (0_i64..100, 60_i64..400, 0_usize..6, 150_i64..300, proptest::collection::vec((0_i64..40, 0_u8..4), 1..12)),
            1..4,
        ),
    ) {
        const QUERIES: [&str; 4] = [POLL, OTHER_POLL, "Action=DescribeOnceTask&TaskId=1", "Action=DescribeOnceTask&TaskId=2"];
        let mut plays = Vec::new();
        for (number, (start, interval, failures, factor, steps)) in clients.into_iter().enumerate() {
            let mut at = start;
            let task = i64::try_from(number).unwrap() + 1;
            let mut add = |at: i64, reply| plays.push(Play { query: QUERIES[number], ..poll(at, reply) });
            for (jitter, kind) in steps {
                let varied = |length: i64| length + length * jitter / 100;
                match kind {
                    // An outage, with exponential back-off.
                    0 => {
                        let mut pause = 55;
                        for _ in 0..failures {
                            add(at, if at % 2 == 0 { UNAVAILABLE } else { Reply::Broken });
                            at += 2 + varied(pause);
                            pause = pause * factor / 100;
                        }
                    }
                    // A wait that is demanded, again and again.
                    1 => for _ in 0..failures {
                        add(at, Reply::Wait(80));
                        at += 2 + varied(80);
                    },
                    _ => (),
                }
                add(at, Reply::Task(task, "START"));
                at += 2 + varied(interval);
            }
            add(at, Reply::Task(task, "TIMEOUT"));
        }
        prop_assert_eq!(found(plays), []);
    }
}
