//! Any text is a scenario that can be shown, or is refused with a place that exists and a bounded message.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sas_emulator::internals::scenario::{LoadError, load};
use sas_emulator_fuzz::held::{Held, LONGEST_ERROR};
use sas_emulator_fuzz::seeds;

/// The words of the language.
const WORDS: &[&str] = &[
    "version: 1\n",
    "name: ",
    "seed: ",
    "clock: ",
    "start: ",
    "rate: ",
    "paused: ",
    "gateway_clock: ",
    "accounts: ",
    "access_key_id: ",
    "access_key_secret: ",
    "security_token: ",
    "expires: ",
    "policy: ",
    "deny: ",
    "lifecycles: ",
    "targets: ",
    "\"*\": ",
    "assets: ",
    "tasks: ",
    "faults: ",
    "match: ",
    "effect: ",
    "error: ",
    "throttle: ",
    "delay: ",
    "connection: ",
    "hang",
    "reset",
    "patch: ",
    "headers: ",
    "body: ",
    "truncate: ",
    "drip: ",
    "tls: ",
    "times: ",
    "probability: ",
    "expect: ",
    "count: ",
    "order: ",
    "gap: ",
    "assumptions: ",
    "4294967295",
    "18446744073709551615",
    "-1",
    "1e400",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "? ",
    "|\n",
    ">-\n",
    "---\n",
    "%YAML 1.2\n",
];

fuzz_target!(init: seeds::write_if_asked(seeds::scenarios, WORDS), |data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match load::parse("fuzz.yaml", text) {
        Ok(scenario) => match Held::showing(scenario) {
            Ok(held) => held.look_at_everything(),
            Err(message) => assert!(!message.is_empty() && message.len() <= LONGEST_ERROR, "{message}"),
        },
        Err(error) => {
            if let LoadError::Wrong { line, column, message, .. } = &error {
                assert!(!message.is_empty());
                // In YAML a carriage return ends a line, too. An error at the end of the text may be on the line after
                // the last one.
                let lines = text.replace("\r\n", "\n").split(['\r', '\n']).count() as u64 + 1;
                assert!((1..=lines).contains(line), "line {line} of {lines}: {error}");
                let most = text.chars().count() as u64 + 2;
                assert!((1..=most).contains(column), "column {column}: {error}");
            }
            let report = error.report();
            assert!(report.len() <= LONGEST_ERROR, "{} bytes: {report}", report.len());
        }
    }
});
