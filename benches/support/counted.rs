//! A service without a socket that has answered many calls, and signed requests for it: what a call costs is counted here.

use std::hint::black_box;
use std::sync::Arc;

use axum::body::Body;
use futures_util::FutureExt;
use http::Request;
use sas_emulator::internals::emulator::{Config, Emulator};
use sas_emulator::internals::peer::Peer;
use sas_emulator::internals::scenario::load;
use sas_emulator::internals::server::Front;

use super::signed::{Calls, Kind};

/// Calls before those that are counted: collections that grow have grown by then.
const WARM_UP: usize = 3_000;
/// Calls that are counted.
pub(crate) const CALLS: u64 = 2_000;

/// The kinds of calls that are counted, by the names of `benches/cost.txt`.
pub(crate) const KINDS: [(&str, Kind); 2] = [("v3_post", Kind::V3Post), ("v1_get", Kind::V1Get)];

/// The service, warmed up, and as many requests as are counted.
pub(crate) fn prepare(kind: Kind) -> (Front, Vec<Request<Body>>) {
    let emulator = Emulator::new(Config::new(load::find("instant").unwrap())).unwrap();
    let front = Front::new(Arc::new(emulator), None, None);
    let mut calls = Calls::new();
    for _ in 0..WARM_UP {
        answer(&front, calls.request(kind).map(Body::from));
    }
    (front, (0..CALLS).map(|_| calls.request(kind).map(Body::from)).collect())
}

pub(crate) fn answer(front: &Front, request: Request<Body>) {
    // The body is complete, so the call never waits.
    let answer = front.answer(request, &Peer::default()).now_or_never().unwrap().unwrap();
    assert_eq!(answer.status(), 200);
    black_box(answer);
}
