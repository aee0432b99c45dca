//! Any request is decoded or refused: within the limit of parameters, in a bounded message, and the same if encoded again.
#![no_main]

use bytes::Bytes;
use http::Request;
use libfuzzer_sys::fuzz_target;
use sas_emulator::internals::protocol::{decode, percent};
use sas_emulator_fuzz::{seeds, wire};

const LIMIT: usize = 20;

const WORDS: &[&str] = &[
    "Action=",
    "&",
    "=",
    "%2B",
    "%E4%B8%AD",
    "content-type: application/x-www-form-urlencoded",
    "authorization: ACS3-HMAC-SHA256 Credential=",
    "x-acs-action: ",
];

fuzz_target!(
    init: seeds::write_if_asked(|| seeds::recorded(&[]), WORDS),
    |data: &[u8]| {
        let Some(request) = wire::request(data) else { return };
        match decode(&request, LIMIT) {
            Ok(decoded) => {
                let call = decoded.call(&request);
                assert!(call.query.len() <= LIMIT && call.params.len() <= LIMIT);
                let spelled: Vec<_> = call
                    .params
                    .iter()
                    .map(|(name, value)| format!("{}={}", percent::encode(name), percent::encode(value)))
                    .collect();
                let again = Request::post(format!("/?{}", spelled.join("&"))).body(Bytes::new());
                // A target longer than HTTP's limit is none.
                if let Ok(again) = again {
                    let decoded = decode(&again, LIMIT).unwrap_or_else(|error| panic!("refused: {error}"));
                    assert_eq!(decoded.call(&again).params, call.params);
                }
            }
            Err(error) => assert!((400..500).contains(&error.status) && error.message.len() < 200, "{error}"),
        }
    }
);
