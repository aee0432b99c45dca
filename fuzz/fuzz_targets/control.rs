//! Calls of the control API, several in a row: always an answer that reads as its type, and the emulator stays usable.
#![no_main]

use http::Uri;
use libfuzzer_sys::fuzz_target;
use sas_emulator_fuzz::held::Held;
use sas_emulator_fuzz::{oracle, seeds, wire};

const WORDS: &[&str] = &[
    "\n====\n",
    "PUT /_emulator/",
    "POST /_emulator/",
    "DELETE /_emulator/",
    "GET /_emulator/",
    "clock",
    "tasks",
    "faults",
    "verify",
    "scenario",
    "state",
    "requests",
    "await?timeout=",
    "events",
    "reset",
    "\"action\":\"advance\"",
    "\"by\":",
    "\"to\":",
    "\"rate\":",
    "\"365d\"",
    "\"100000d\"",
    "\"expect\":[",
    "\"order\":[",
    "\"no_calls_after\":",
    "\"retry_after\":",
    "\"gap\":",
    "\"count\":",
    "\"at\":",
    "\"effect\":{",
    "\"delay\":",
    "\"connection\":\"hang\"",
    "\"connection\":\"close\"",
    "\"lie\":",
    "\"patch\":",
    "\"throttle\":",
    "host: localhost\n",
    "content-type: application/yaml\n",
    "?account=",
    "&since=",
    "&limit=",
    "9223372036854775807",
];

fuzz_target!(init: seeds::write_if_asked(seeds::control_calls, WORDS), |data: &[u8]| {
    let held = Held::unsigned();
    for mut request in wire::requests(data) {
        // Whatever the target is, all but calls of an operation go to the control API.
        let path = request.uri().path().to_owned();
        if path != "/" && !path.starts_with("/_emulator") {
            let Ok(uri) = format!("/_emulator{}", request.uri()).parse::<Uri>() else { return };
            *request.uri_mut() = uri;
        }
        let is_control = request.uri().path() != "/";
        match held.send(request) {
            Some(answer) if is_control => {
                oracle::no_bug(&answer);
                oracle::reads_as_its_type(&answer);
            }
            // Faults may answer or break calls as they like.
            Some(_) => (),
            None => assert!(!is_control, "no answer"),
        }
    }
    assert_eq!(held.control("GET", "health", "").status, 200);
    assert_eq!(held.control("GET", "state", "").status, 200);
    assert_eq!(held.control("DELETE", "faults", "").status, 200);
    held.look_at_everything();
});
