//! An emulator with one fault, and the call that it is tried with.

use super::{TestCall, TestEmulator, TestResponse};

pub(crate) const TYPE: &str = "ASSETS_COLLECTION";

/// An emulator with one fault.
pub(crate) fn with(fault: &str) -> TestEmulator {
    TestEmulator::new(&format!("start_on_first_poll: ['*']\nfaults:\n  - {fault}\n"))
}

pub(crate) async fn poll(emulator: &TestEmulator) -> TestResponse {
    emulator.call(TestCall::latest(TYPE)).await
}
