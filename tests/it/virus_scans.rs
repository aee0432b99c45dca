//! Virus scans and the operation that reads them.

use serde_json::json;

use crate::harness::TestEmulator;
use crate::harness::tasks::{THREE, U3, members, seconds};

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
