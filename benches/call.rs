//! The cost of one call without a socket: the whole call through the router; the call without the HTTP service; and the
//! computation of a task's state. `cargo bench --bench call`
//!
//! No log is written here, since no subscriber is installed.

#![expect(clippy::unwrap_used, reason = "a measurement that fails says so")]

#[path = "support/signed.rs"]
mod signed;

use axum::body::Body;
use bytes::Bytes;
use divan::{Bencher, black_box};
use futures_util::FutureExt;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use sas_emulator::internals::domain::Value;
use sas_emulator::internals::domain::plan::{Curve, Ending, Pace, Plan};
use sas_emulator::internals::domain::state::ScanResult;
use sas_emulator::internals::emulator::{Config, Emulator};
use sas_emulator::internals::journal::{Arrival, Capacity, Completion, Journal};
use sas_emulator::internals::peer::Peer;
use sas_emulator::internals::protocol::{self, Envelope, RequestId};
use sas_emulator::internals::scenario::load;
use sas_emulator::internals::server::Front;

use self::signed::{Calls, Kind};

fn main() {
    divan::main();
}

fn emulator() -> Emulator {
    Emulator::new(Config::new(load::find("instant").unwrap())).unwrap()
}

/// Signs a new request for every iteration, outside the measured time.
fn inputs(kind: Kind) -> impl FnMut() -> Request<Bytes> {
    let mut calls = Calls::new();
    move || calls.request(kind)
}

/// Everything but the socket and HTTP's syntax.
#[divan::bench(args = [Kind::V3Post, Kind::V1Get], sample_count = 400, sample_size = 20)]
fn front(bencher: Bencher<'_, '_>, kind: Kind) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _context = runtime.enter();
    let front = Front::new(std::sync::Arc::new(emulator()), None, None);
    let (mut next, peer) = (inputs(kind), Peer::default());
    bencher.with_inputs(|| next().map(Body::from)).bench_local_values(|request| {
        // The body is complete, so the call never waits.
        let answer = front.answer(request, &peer).now_or_never().unwrap().unwrap();
        assert_eq!(answer.status(), 200);
        answer
    });
}

/// Decode, authenticate, record, perform, encode: what the service does, without HTTP around it.
#[divan::bench(args = [Kind::V3Post, Kind::V1Get], sample_count = 400, sample_size = 20)]
fn core(bencher: Bencher<'_, '_>, kind: Kind) {
    let emulator = emulator();
    bencher.with_inputs(inputs(kind)).bench_local_values(|request| {
        let decoded = protocol::decode(&request, 2_000).unwrap();
        let call = decoded.call(&request);
        let arrived = emulator.arrive(&call);
        let (result, fidelity) = arrived.perform(&call);
        let envelope = Envelope {
            request_id: arrived.ids.request,
            trace_id: arrived.ids.trace,
            action: call.action,
            product: "Sas",
            host: "127.0.0.1:7270",
            format: arrived.format,
            fidelity,
            is_over_tls: false,
            links: protocol::LinkKey::default(),
        };
        let answer = protocol::encode(&envelope, &result);
        assert_eq!(answer.status(), 200);
        answer
    });
}

/// The cost of recording a call when the journal is full, so that each call evicts another one.
#[divan::bench(sample_count = 400, sample_size = 20)]
fn record(bencher: Bencher<'_, '_>) {
    let journal = Journal::new(Capacity { entries: 1_000, ..Capacity::default() });
    let request = Calls::new().request(Kind::V1Get);
    let decoded = protocol::decode(&request, 2_000).unwrap();
    let (call, result) = (decoded.call(&request), Ok(Value::reply([])));
    bencher.bench_local(|| {
        let arrival = Arrival {
            request: &request,
            call: Some(&call),
            escaped: None,
            account: call.claims.access_key_id,
            faults: &[],
            request_id: RequestId::new([7; 16]),
            time: Timestamp::UNIX_EPOCH,
            task_time: Timestamp::UNIX_EPOCH,
            arrived: SignedDuration::ZERO,
        };
        let record = journal.arrive(0, &arrival).unwrap();
        let finished = SignedDuration::from_micros(20);
        let status = Some(200);
        journal.finish(
            &record,
            &Completion { status, done: true, result: Some(&result), finished, ..Completion::default() },
        );
    });
}

/// The state of a task in the middle of its run.
#[divan::bench(args = ["time", "polls", "steps"])]
fn state_at(bencher: Bencher<'_, '_>, plan: &str) {
    let seconds = SignedDuration::from_secs;
    let time = Pace::Time { queued: seconds(2), running: seconds(8) };
    let (pace, curve) = match plan {
        "polls" => (Pace::Polls { init: 1, start: 9 }, Curve::Linear),
        "steps" => (time, Curve::Steps([0, 30, 70, 99].into())),
        _ => (time, Curve::Linear),
    };
    let plan = Plan::Course { pace, targets: 44, curve, ending: Ending::Success(ScanResult::Success) };
    let born = Timestamp::UNIX_EPOCH;
    let now = born + SignedDuration::from_millis(7_777);
    bencher.bench_local(|| black_box(&plan).state_at(black_box(born), black_box(now), black_box(5)));
}
