//! Virus scans and the operation that reads them.

use serde_json::json;

use crate::harness::TestEmulator;
use crate::harness::tasks::{THREE, U3, generate, members, seconds};

#[tokio::test]
async fn virus_scan_statistics_follow_the_newest_scan() {
    let emulator = TestEmulator::new(THREE);
    let latest = async || emulator.reply("GetVirusScanLatestTaskStatistic", &[]).await["Data"].clone();
    assert_eq!(latest().await, json!({}));
    let params = [("ScanType", "user"), ("ScanPath.1", "/tmp"), ("ScanPath.2", "/home")];
    assert_eq!(members(&emulator.reply("CreateVirusScanOnceTask", &params).await), ["RequestId"]);
    assert_eq!(
        (&latest().await["Status"], &latest().await["ScanPath"]),
        (&json!(0), &json!(["/tmp", "/home"]))
    );
    emulator.advance(seconds(3));
    assert_eq!(latest().await["Status"], 10);
    emulator.advance(seconds(60));
    let data = latest().await;
    assert_eq!(
        (&data["Status"], &data["Progress"], &data["ScanType"]),
        (&json!(100), &json!("100"), &json!("user"))
    );
    assert_eq!(
        (&data["ScanMachine"], &data["CompleteMachine"], &data["SafeMachine"]),
        (&json!(3), &json!(3), &json!(2))
    );

    let target = json!([{"type": "uuid", "name": "server-3", "target": U3}]).to_string();
    let started = emulator.reply("StartVirusScanTask", &[("TargetInfo", &target)]).await;
    let seen = emulator.control("GET", &format!("tasks/{}", started["ScanTaskId"]), "").await.json();
    assert_eq!((&seen["type"], &seen["total_count"]), (&json!("VIRUS_SCAN"), &json!(1)));
    assert_eq!(latest().await["TaskId"], seen["id"]);
    assert_eq!(emulator.refusal("StartVirusScanTask", &[("TargetInfo", U3)]).await.1, "IllegalParam");
}

/// Documented: ten once-tasks run at once. Virus scans are none of them in the service.
#[tokio::test]
async fn virus_scans_do_not_count_in_the_limit_of_running_once_tasks() {
    let emulator = TestEmulator::new("limits: { running_tasks: 2, kept_tasks: 14 }\n");
    for _ in 0..11 {
        emulator.reply("CreateVirusScanOnceTask", &[]).await;
    }
    let can_create = async || emulator.body(generate("VUL_CHECK_TASK")).await["CanCreate"].clone();
    assert_eq!([can_create().await, can_create().await, can_create().await], [true, true, false]);
    emulator.advance(seconds(60));
    for _ in 0..14 {
        emulator.reply("CreateVirusScanOnceTask", &[]).await;
    }
    // Running tasks are never evicted, so what is kept limits internal ones too.
    assert_eq!(emulator.refusal("CreateVirusScanOnceTask", &[]).await.1, "Throttling.User");
    let once = [("TaskType", "VIRUS_SCAN"), ("TaskName", "n"), ("Param", "{}")];
    assert_eq!(emulator.refusal("GenerateOnceTask", &once).await.1, "Throttling.User");
}

#[tokio::test]
async fn the_schedule_of_virus_scans_is_the_newest_cycle_task_of_its_type() {
    let emulator = TestEmulator::new("default");
    assert_eq!(emulator.reply("GetVirusScanConfig", &[]).await["Data"], json!({}));
    let param = r#"{"scanType":"user","scanPath":["/tmp"]}"#;
    let mut cycle =
        vec![("TaskType", "VIRUS_VUL_SCHEDULE_SCAN"), ("TaskName", "n"), ("Enable", "1"), ("Param", param)];
    cycle.extend([("FirstDateStr", "1893456000000"), ("IntervalPeriod", "7"), ("PeriodUnit", "day")]);
    cycle.extend([("TargetStartTime", "1"), ("TargetEndTime", "6")]);
    let id = emulator.reply("CreateCycleTask", &cycle).await["ConfigId"].clone();
    let data = emulator.reply("GetVirusScanConfig", &[("TaskType", "VIRUS_VUL_SCHEDULE_SCAN")]).await["Data"]
        .clone();
    assert_eq!(data["ConfigId"], id);
    let expected = json!({
        "TaskType": "VIRUS_VUL_SCHEDULE_SCAN", "Enable": 1, "IntervalPeriod": 7, "PeriodUnit": "day",
        "TargetStartTime": 1, "TargetEndTime": 6, "ScanType": "user", "ScanPath": ["/tmp"],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(data[name], *value, "{name}");
    }
    assert_eq!(emulator.reply("GetVirusScanConfig", &[("TaskType", "IMAGE_SCAN")]).await["Data"], json!({}));
}
