//! Cycle tasks: what they start, and when.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::TestEmulator;
use crate::harness::tasks::{members, seconds};

/// 2026-01-02T00:00:00Z, three hours before the start time.
const TODAY: &str = "1767312000000";
const HOUR: i64 = 3600;

/// A cycle task that starts an image scan every two hours from 04:00 on, with changes.
fn cycle<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut params = vec![
        ("TaskType", "IMAGE_SCAN"),
        ("TaskName", "IMAGE_SCAN"),
        ("Enable", "1"),
        ("FirstDateStr", TODAY),
        ("IntervalPeriod", "2"),
        ("PeriodUnit", "hour"),
        ("TargetStartTime", "4"),
        ("TargetEndTime", "6"),
        ("Param", "{\"lang\":\"zh\"}"),
    ];
    for (name, value) in changes {
        params.retain(|(other, _)| other != name);
        params.push((name, value));
    }
    params
}

async fn listed(emulator: &TestEmulator, params: &[(&str, &str)]) -> Vec<Value> {
    let body = emulator.reply("DescribeCycleTaskList", params).await;
    body["CycleScheduleResponseList"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_cycle_task_starts_tasks_when_they_are_due() {
    let emulator = TestEmulator::new("default");
    let created = emulator.reply("CreateCycleTask", &cycle(&[])).await;
    let id = created["ConfigId"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 32);
    let mut shown = listed(&emulator, &[]).await[0].clone();
    shown["ConfigId"] = json!("[id]");
    insta::assert_json_snapshot!(shown, @r#"
    {
      "ConfigId": "[id]",
      "TaskType": "IMAGE_SCAN",
      "TaskName": "IMAGE_SCAN",
      "Enable": 1,
      "FirstDateStr": 1767312000000,
      "IntervalPeriod": 2,
      "PeriodUnit": "hour",
      "TargetStartTime": 4,
      "TargetEndTime": 6,
      "Param": "{\"lang\":\"zh\"}",
      "NextStartTimeStr": 1767326400000,
      "LastTaskId": ""
    }
    "#);
    assert!(emulator.roots("IMAGE_SCAN").await.is_empty());

    // 08:04: two hours and four hours after the first.
    emulator.advance(seconds(5 * HOUR));
    let tasks = emulator.roots("IMAGE_SCAN").await;
    let born: Vec<i64> = tasks.iter().map(|task| task["TaskStartTime"].as_i64().unwrap()).collect();
    assert_eq!(born, [1_767_340_800_000, 1_767_333_600_000, 1_767_326_400_000]);
    assert!(tasks.iter().all(|task| task["Source"] == "schedule" && task["Context"] == "{\"lang\":\"zh\"}"));
    let now = listed(&emulator, &[("ConfigId", &id)]).await[0].clone();
    assert_eq!(
        (&now["LastTaskId"], &now["NextStartTimeStr"]),
        (&tasks[0]["TaskId"], &json!(1_767_348_000_000_i64))
    );

    // Runs that were due while it was off do not start later.
    emulator.reply("ModifyCycleTask", &[("ConfigId", &id), ("Enable", "0")]).await;
    assert_eq!(listed(&emulator, &[]).await[0]["NextStartTimeStr"], 0);
    emulator.advance(seconds(10 * HOUR));
    emulator.reply("ModifyCycleTask", &[("ConfigId", &id), ("Enable", "1"), ("PeriodUnit", "day")]).await;
    assert_eq!(emulator.roots("IMAGE_SCAN").await.len(), 3);
    assert_eq!(listed(&emulator, &[]).await[0]["IntervalPeriod"], 2);

    assert_eq!(members(&emulator.reply("DeleteCycleTask", &[("ConfigId", &id)]).await), ["RequestId"]);
    emulator.advance(seconds(1000 * HOUR));
    assert_eq!((emulator.roots("IMAGE_SCAN").await.len(), listed(&emulator, &[]).await.len()), (3, 0));
}

#[tokio::test]
async fn cycle_tasks_of_other_types_start_the_matching_once_tasks() {
    let emulator = TestEmulator::new("default");
    for (cycle_type, once) in
        [("EMG_VUL_SCHEDULE_SCAN", "VUL_CHECK_TASK"), ("VIRUS_VUL_SCHEDULE_SCAN", "VIRUS_SCAN")]
    {
        let named = [("TaskType", cycle_type), ("TaskName", cycle_type), ("TargetStartTime", "0")];
        emulator.reply("CreateCycleTask", &cycle(&named)).await;
        emulator.advance(seconds(2 * HOUR));
        assert_eq!(emulator.roots(once).await[0]["Source"], "schedule", "{cycle_type}");
    }
    let scan = emulator.reply("GetVirusScanLatestTaskStatistic", &[]).await["Data"].clone();
    assert_eq!(scan["ScanMachine"], 5);
}

#[tokio::test]
async fn cycle_tasks_are_listed_by_page_and_name_and_limited() {
    let emulator = TestEmulator::new("limits: { cycle_tasks: 3 }\n");
    for name in ["a", "b", "c"] {
        emulator.reply("CreateCycleTask", &cycle(&[("TaskName", name)])).await;
    }
    let full = emulator.refusal("CreateCycleTask", &cycle(&[])).await;
    assert_eq!(full, (400, "IllegalParam".to_owned()));
    let page = emulator.reply("DescribeCycleTaskList", &[("PageSize", "2"), ("CurrentPage", "2")]).await;
    assert_eq!(page["PageInfo"], json!({"TotalCount": 3, "CurrentPage": 2, "PageSize": 2, "Count": 1}));
    assert_eq!(page["CycleScheduleResponseList"][0]["TaskName"], "a");
    assert_eq!(listed(&emulator, &[("TaskName", "b")]).await.len(), 1);
    assert_eq!(listed(&emulator, &[("TaskType", "VUL_CHECK_TASK")]).await.len(), 0);
}

#[tokio::test]
async fn invalid_cycle_tasks_are_refused() {
    let emulator = TestEmulator::new("default");
    let changed = async |name, value| emulator.refusal("CreateCycleTask", &cycle(&[(name, value)])).await.1;
    assert_eq!(changed("PeriodUnit", "week").await, "IllegalParam");
    assert_eq!(changed("IntervalPeriod", "0").await, "IllegalParam");
    assert_eq!(changed("FirstDateStr", "soon").await, "InvalidFirstDateStr");
    assert_eq!(changed("Enable", "").await, "MissingEnable");
    let unknown = "0".repeat(32);
    assert_eq!(emulator.refusal("ModifyCycleTask", &[("ConfigId", &unknown)]).await.1, "IllegalParam");
    assert_eq!(emulator.refusal("DeleteCycleTask", &[("ConfigId", &unknown)]).await.0, 200);
}

#[tokio::test]
async fn schedules_of_endless_tasks_are_limited() {
    let emulator = TestEmulator::new(
        "lifecycles: { '*': { progress: { stall_at: 1 } } }\nlimits: { kept_tasks: 20 }\nstart_on_first_poll: [IMAGE_SCAN]\n",
    );
    let hourly = [("FirstDateStr", "0"), ("IntervalPeriod", "1"), ("TargetStartTime", "0")];
    emulator.reply("CreateCycleTask", &cycle(&hourly)).await;
    for _ in 0..3 {
        emulator.advance(SignedDuration::from_hours(24 * 3650));
        emulator.poll("IMAGE_SCAN").await;
    }
    assert_eq!(emulator.task_count(), 20);
}
