//! What the tests share: an emulator whose clocks stand still, clients that sign, and clients on sockets.
//!
//! Only these files name the parts that the product is put together from; tests use the methods here.

mod call;
mod description;
mod emulator;
pub(crate) mod mistakes;
mod setup;
pub(crate) mod tasks;

pub(crate) mod alarms;
pub(crate) mod baselines;
pub(crate) mod embedded;
pub(crate) mod events;
pub(crate) mod faults;
pub(crate) mod findings;
pub(crate) mod generated;
pub(crate) mod interception;
pub(crate) mod recorded;
pub(crate) mod records;
pub(crate) mod samples;
pub(crate) mod sheets;
pub(crate) mod stage;
pub(crate) mod strict;
pub(crate) mod tls;
pub(crate) mod uploads;
pub(crate) mod wire;

pub(crate) use sas_emulator::internals::fault::Break;

use sas_emulator::internals::dice::{Positions, RequestIdStream};

pub(crate) use self::call::TestCall;
pub(crate) use self::emulator::{TestEmulator, TestResponse};
pub(crate) use self::setup::{Setup, keys};

/// The time at which both clocks of every test emulator stand.
pub(crate) const NOW: &str = "2026-01-02T03:04:05Z";

/// The ids of the calls of a session with that seed, in order.
pub(crate) fn request_ids(seed: u64) -> impl Iterator<Item = String> {
    let mut ids = RequestIdStream::resume_from(seed, "", Positions::default());
    std::iter::repeat_with(move || {
        let [request, _trace] = ids.draw();
        sas_emulator::internals::protocol::RequestId::new(request).to_string()
    })
}
