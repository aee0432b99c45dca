//! The seeds of each target, made from fixtures, examples and an emulator: none are kept in the repository.

use std::path::Path;

use bytes::Bytes;
use http::Request;

use crate::held::Held;
use crate::vectors::{VECTORS, files};
use crate::wire;

/// If `FUZZ_SEEDS` names a folder, writes the target's seeds and `dictionary` there, and ends the process.
pub fn write_if_asked(seeds: impl FnOnce() -> Vec<Vec<u8>>, words: &[&str]) {
    let Some(folder) = std::env::var_os("FUZZ_SEEDS") else { return };
    let folder = Path::new(&folder);
    for (number, seed) in seeds().into_iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number:04}")), seed).expect("a writable folder");
    }
    let quoted = words.iter().map(|word| {
        let bytes = word.bytes().map(|byte| match byte {
            b'"' | b'\\' => format!("\\{}", char::from(byte)),
            b' '..=b'~' => char::from(byte).to_string(),
            _ => format!("\\x{byte:02X}"),
        });
        format!("\"{}\"\n", bytes.collect::<String>())
    });
    std::fs::write(folder.with_extension("dictionary"), quoted.collect::<String>())
        .expect("a writable folder");
    std::process::exit(0);
}

/// Recorded requests of the given kinds of signature; of all kinds if none is given.
pub fn recorded(kinds: &[&str]) -> Vec<Vec<u8>> {
    let wanted = VECTORS.iter().filter(|vector| kinds.is_empty() || kinds.contains(&&*vector.signature_kind));
    wanted.map(|vector| wire::text(&vector.request())).collect()
}

/// Scenarios: built in, examples, and all known mistakes.
pub fn scenarios() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> =
        files("fixtures/scenarios").into_iter().map(|(_, text)| text.into_bytes()).collect();
    for (_, text) in files("fixtures/scenario-errors") {
        for mistake in text.split("=== ").skip(1) {
            let scenario = mistake.split_once('\n').map_or("", |(_, rest)| rest);
            seeds.push(scenario.split(">>>").next().unwrap_or_default().as_bytes().to_vec());
        }
    }
    seeds
}

/// Snapshots of emulators that were used: tasks of several types and ages, overrides, cycle tasks, clocks of their own.
pub fn snapshots() -> Vec<Vec<u8>> {
    let held = Held::unsigned();
    let mut seeds = vec![held.control("GET", "state", "").body];
    let steps: [&dyn Fn(); 7] = [
        &|| _ = held.call("test", "GenerateOnceTask", "TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN&Param={}"),
        &|| _ = held.control("PUT", "clock", r#"{"action":"advance","by":"30s"}"#),
        &|| {
            _ = held.control(
                "POST",
                "tasks",
                r#"{"account":"ci","type":"VIRUS_VUL_SCHEDULE_SCAN","targets":["a","b"]}"#,
            )
        },
        &|| {
            let params = "TaskType=VIRUS_VUL_SCHEDULE_SCAN&TaskName=VIRUS_VUL_SCHEDULE_SCAN&FirstDateStr=1795000000000\
                          &TargetStartTime=0&TargetEndTime=24&PeriodUnit=hour&IntervalPeriod=1&Enable=1";
            held.call("test", "CreateCycleTask", params);
        },
        &|| _ = held.control("PUT", "clock?account=ci", r#"{"action":"advance","by":"1h"}"#),
        &|| _ = held.call("ci", "ExportVul", "Type=cve"),
        &|| _ = held.control("PUT", "clock", r#"{"action":"advance","by":"365d"}"#),
    ];
    for step in steps {
        step();
        seeds.push(held.control("GET", "state", "").body);
    }
    seeds
}

/// Calls of the control API, alone and one after the other.
pub fn control_calls() -> Vec<Vec<u8>> {
    let scenario = r#"{"version":1,"name":"x","accounts":[{"access_key_id":"a","access_key_secret":"b"}]}"#;
    let calls = [
        ("PUT", "clock", r#"{"action":"advance","by":"90m"}"#),
        ("PUT", "clock", r#"{"action":"set","to":"2026-11-24T03:00:00Z"}"#),
        ("PUT", "clock?account=test", r#"{"action":"scale","rate":2.5}"#),
        ("PUT", "clock", r#"{"action":"pause"}"#),
        ("POST", "tasks", r#"{"account":"test","type":"IMAGE_SCAN","name":"IMAGE_SCAN","targets":["a"]}"#),
        ("GET", "tasks?account=test&type=IMAGE_SCAN&limit=5", ""),
        ("PATCH", "tasks/1", r#"{"action":"fail","at":50}"#),
        (
            "PUT",
            "faults",
            r#"[{"id":"f","match":{"action":"Get*"},"effect":{"error":{"code":"Throttling"}}}]"#,
        ),
        ("POST", "faults", r#"{"effect":{"delay":"1h"},"times":3}"#),
        ("POST", "faults", r#"{"match":{"account":"test"},"effect":{"body":{"truncate":5}}}"#),
        (
            "POST",
            "verify",
            r#"{"expect":[{"action":"GetLastOnceTaskInfo","count":{"at_least":0}}],"since":0}"#,
        ),
        ("GET", "requests?action=Get*&status=200&params.TaskType=x&limit=3", ""),
        ("GET", "await?count=1&timeout=1s&action=GetLastOnceTaskInfo", ""),
        ("GET", "events?account=test", ""),
        ("GET", "verdict", ""),
        ("POST", "reset", ""),
        ("PUT", "scenario", scenario),
        ("PUT", "scenario", r#"{"name":"flaky"}"#),
        ("DELETE", "accounts/test", ""),
        ("GET", "", ""),
    ];
    let text = |(method, path, body): (&str, &str, &str)| {
        let request =
            Request::builder().method(method).uri(format!("/_emulator/{path}")).header("host", "localhost");
        let request = request.header("content-type", "application/json");
        wire::text(&request.body(Bytes::copy_from_slice(body.as_bytes())).expect("a request"))
    };
    let mut seeds: Vec<_> = calls.iter().copied().map(text).collect();
    let call = b"GET /?Action=GetLastOnceTaskInfo&Version=2018-12-03&AccessKeyId=test&TaskType=IMAGE_SCAN\
                 &TaskName=IMAGE_SCAN\nhost: localhost\n\n"
        .to_vec();
    for pair in calls.windows(2) {
        seeds.push(wire::together(&[text(pair[0]), call.clone(), text(pair[1])]));
    }
    seeds
}
