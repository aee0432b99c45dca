//! Signatures of V1: a changed request is never accepted, unless what was signed says the same; one that we sign always is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sas_emulator_fuzz::{oracle, seeds, wire};

const WORDS: &[&str] = &[
    "&",
    "=",
    "%3D",
    "%26",
    "%2B",
    "+",
    "%20",
    "Signature=",
    "SignatureMethod=HMAC-SHA256",
    "SignatureVersion=1.0",
    "SignatureNonce=",
    "Timestamp=",
];

fuzz_target!(init: seeds::write_if_asked(|| seeds::recorded(&["v1"]), WORDS), |data: &[u8]| {
    let Some(request) = wire::request(data) else { return };
    oracle::only_recorded_requests_verify(&request, "v1");
    oracle::what_is_signed_verifies(&request, oracle::Kind::V1);
});
