//! What scenarios and snapshots may not ask for, since it would cost memory or time.

use sas_emulator::internals::scenario::load;
use serde_json::{Value, json};

use crate::harness::tasks::{generate, generate_with};
use crate::harness::{TestCall, TestEmulator};

#[test]
fn lists_of_a_scenario_that_are_too_long_are_refused_at_their_place() {
    let list = |item: &str, count: usize| format!("[{}]", vec![item; count].join(","));
    let said = |keys: String| match load::parse("long.yaml", &format!("version: 1\nname: x\n{keys}\n")) {
        Ok(_) => "taken".to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(said(format!("assets: {}", list("{}", 10_000))), "taken");
    assert_eq!(said(format!("tasks: {}", list("{type: X}", 10_000))), "taken");
    assert_eq!(said(format!("lifecycles: {{ X: {{ progress: {} }} }}", list("0", 1000))), "taken");
    for (keys, most) in [
        (format!("assets: {}", list("{}", 10_001)), 10_000),
        (format!("tasks: {}", list("{type: X}", 10_001)), 10_000),
        (format!("lifecycles: {{ X: {{ progress: {} }} }}", list("0", 1001)), 1000),
    ] {
        let said = said(keys);
        assert!(said.starts_with("long.yaml:3:"), "{said}");
        assert!(said.ends_with(&format!("expected a list of at most {most}, not a longer one")), "{said}");
    }
}

#[tokio::test]
async fn numbers_and_lists_of_a_snapshot_are_bounded_as_in_a_scenario() {
    let emulator = TestEmulator::new("assumptions: { registration_delay: 20s }\n");
    emulator.call(generate_with("IMAGE_SCAN", r#"{"uuids":"a"}"#)).await;
    emulator.call(generate("VUL_CHECK_TASK")).await;
    let cycle = TestCall::new("CreateCycleTask")
        .param("TaskType", "IMAGE_SCAN")
        .param("TaskName", "IMAGE_SCAN")
        .param("Enable", "0")
        .param("FirstDateStr", "0")
        .param("IntervalPeriod", "1")
        .param("PeriodUnit", "hour")
        .param("TargetStartTime", "0")
        .param("TargetEndTime", "6");
    emulator.call(cycle).await;
    emulator.call(TestCall::new("ExportVul").param("Type", "cve").param("Lang", "en")).await;
    let taken = emulator.snapshot().await;
    let mut snapshot: Value = serde_json::from_str(&taken).unwrap();
    // As they were before they were tasks.
    snapshot["accounts"]["test"]["holds"]["exports"] = json!([{
        "id": "000000000000000000000000000000e1", "kind": "cve", "asked": "2026-01-02T03:04:05Z", "uuids": ["a"],
    }]);

    let holds = |path: &str| format!("/accounts/test/holds/{path}");
    let many = |path: &str, count: usize| {
        let first = snapshot.pointer(&format!("{path}/0")).unwrap();
        json!(vec![first; count])
    };
    let polls = |init: u64| json!({ "polls": { "init": init, "start": 1 } });
    let fixed = |total: u64| {
        json!({ "fixed": {
            "status": "START", "progress": 1, "finish_count": 0, "total_count": total, "result": "SUCCESS",
        } })
    };
    let course = |member: &str| holds(&format!("tasks/0/plan/course/{member}"));
    let number = "expected a whole number from 0 to 1000000, not 4294967295";
    for (path, value, said) in [
        (course("targets"), json!(u32::MAX), number),
        (course("pace"), polls(u32::MAX.into()), number),
        (course("pace"), json!({ "time": { "queued": "-PT2S", "running": "PT8S" } }), "of 0 or more"),
        (course("curve"), json!({ "steps": vec![0; 1001] }), "a list of at most 1000,"),
        (holds("tasks/0/plan"), fixed(u32::MAX.into()), number),
        (holds("lists/0"), many(&holds("lists/0"), 100_001), "a list of at most 100000,"),
        (holds("cycles"), many(&holds("cycles"), 1001), "a list of at most 1000,"),
        ("/servers/0".to_owned(), many("/servers/0", 10_001), "a list of at most 10000,"),
        (holds("exports/0/uuids"), json!(vec!["a"; 10_001]), "a list of at most 10000,"),
        ("/servers".to_owned(), many("/servers", 2), "more lists of servers than accounts"),
        (holds("exports"), many(&holds("exports"), 101), "a list of at most 100,"),
    ] {
        let mut edited = snapshot.clone();
        *edited.pointer_mut(&path).unwrap() = value;
        let answer = emulator.control("PUT", "state", &edited.to_string()).await;
        let body = answer.json();
        assert_eq!((answer.status, &body["error"]), (400, &json!("broken_snapshot")), "{path}: {body}");
        assert!(body["message"].as_str().unwrap().contains(said), "{path}: {body}");
        assert_eq!(emulator.snapshot().await, taken);
    }
    for (path, value) in [
        (course("targets"), json!(1_000_000)),
        (course("pace"), polls(1_000_000)),
        (course("curve"), json!({ "steps": vec![0; 1000] })),
        (holds("tasks/0/plan"), fixed(1_000_000)),
    ] {
        let mut edited = snapshot.clone();
        *edited.pointer_mut(&path).unwrap() = value;
        let answer = emulator.control("PUT", "state", &edited.to_string()).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
}
