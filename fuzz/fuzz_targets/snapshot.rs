//! Any text is a snapshot that can be restored, shown and used, or is refused; what was restored is the snapshot.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sas_emulator_fuzz::held::Held;
use sas_emulator_fuzz::{oracle, seeds};
use serde_json::Value;

const WORDS: &[&str] = &[
    "\"format\":\"sas-emulator-state\"",
    "\"version\":1",
    "\"accounts\":{",
    "\"clock\":{",
    "\"now\":",
    "\"rate\":",
    "\"paused\":true",
    "\"holds\":{",
    "\"dice\":{",
    "\"tasks\":",
    "\"targets\":",
    "\"overrides\":",
    "\"faults\":{",
    "4294967295",
    "9007199254740991",
    "18446744073709551615",
    "-9999-01-01T00:00:00Z",
    "9999-12-30T22:00:00.999999999Z",
    "null",
    "1e308",
];

fuzz_target!(init: seeds::write_if_asked(seeds::snapshots, WORDS), |data: &[u8]| {
    let held = Held::unsigned();
    let restored = held.control("PUT", "state", data.to_vec());
    oracle::no_bug(&restored);
    if restored.status != 200 {
        return;
    }
    let first = taken(&held);
    let again = held.control("PUT", "state", serde_json::to_vec(&first).unwrap_or_default());
    assert_eq!(again.status, 200, "what was taken is refused: {}", String::from_utf8_lossy(&again.body));
    assert_eq!(without_running_clocks(first), without_running_clocks(taken(&held)), "restoring changed something");
    held.look_at_everything();
    taken(&held);
});

fn taken(held: &Held) -> Value {
    let answer = held.control("GET", "state", "");
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).expect("a snapshot is JSON")
}

/// Clocks that run show another time at each look.
fn without_running_clocks(mut snapshot: Value) -> Value {
    let stop = |clock: Option<&mut Value>| {
        if let Some(clock) = clock.filter(|clock| clock["paused"] == false) {
            clock["now"] = Value::Null;
        }
    };
    stop(snapshot.get_mut("clock"));
    for (_, account) in snapshot["accounts"].as_object_mut().into_iter().flatten() {
        stop(account.get_mut("clock"));
    }
    snapshot
}
