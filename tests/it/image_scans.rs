//! Scans of container images.

use serde_json::json;

use crate::harness::TestEmulator;
use crate::harness::tasks::{ask, members, seconds};

#[tokio::test]
async fn image_scans_share_state_and_limit() {
    let emulator = TestEmulator::new("limits: { running_tasks: 2 }\n");
    let (one, two) = ("a".repeat(64), "b".repeat(64));
    let digests = format!("{one},{two}");
    let data = emulator.reply("PublicCreateImageScanTask", &[("Digests", &digests)]).await["Data"].clone();
    let expected = [
        "CanCreate",
        "CollectTime",
        "ExecTime",
        "FinishCount",
        "Progress",
        "Result",
        "Status",
        "TaskId",
        "TotalCount",
    ];
    assert_eq!(members(&data), expected);
    assert_eq!(
        (&data["CanCreate"], &data["Status"], &data["TotalCount"]),
        (&json!(true), &json!("INIT"), &json!(2))
    );
    assert_eq!(emulator.poll("IMAGE_SCAN").await["TotalCount"], 2);

    let images = json!([{"digest": one}, {"repoNamespace": "n", "repoName": "r", "tag": "t"}]).to_string();
    let sync = async |images: &str| ask("PublicSyncAndCreateImageScanTask", &[("Images", images)]);
    assert_eq!(emulator.call(sync(&images).await).await.json()["Data"]["TotalCount"], 2);
    let full = emulator.call(sync(&images).await).await.json();
    assert_eq!(full["Data"], json!({"CanCreate": false}));
    let unfinished = [("TaskType", "IMAGE_SCAN"), ("Target", one.as_str())];
    let leaves = emulator.reply("ListUnfinishedOnceTask", &unfinished).await;
    assert_eq!(leaves["OnceTasks"].as_array().unwrap().len(), 2);
    for bad in ["x", "{}", "[]", "[1]"] {
        assert_eq!(emulator.call(sync(bad).await).await.verdict(), (400, "IllegalParam".to_owned()), "{bad}");
    }
}

#[tokio::test]
async fn the_newest_scan_of_an_image() {
    let emulator =
        TestEmulator::new("lifecycles: { IMAGE_SCAN: { queued: 1s, running: 1s, outcome: timeout } }\n");
    let latest =
        async || emulator.reply("DescribeImageLatestScanTask", &[("Digest", "d1")]).await["Task"].clone();
    assert_eq!(latest().await, json!([]));
    let created = emulator.reply("PublicCreateImageScanTask", &[("Digests", "d1")]).await;
    let mut words = Vec::new();
    for _ in 0..3 {
        let task = latest().await[0].clone();
        assert_eq!(task["TaskId"], created["Data"]["TaskId"]);
        words.push((task["Status"].as_str().unwrap().to_owned(), task.get("FinishTime").is_some()));
        emulator.advance(seconds(1));
    }
    let expected = [("START", false), ("PROCESSING", false), ("TIMOUT", true)];
    assert_eq!(words, expected.map(|(word, is_over)| (word.to_owned(), is_over)));
    let task = latest().await[0].clone();
    assert_eq!(
        (&task["Create"], &task["Modified"]),
        (&json!("2026-01-02 11:04:05"), &json!("2026-01-02 11:04:07"))
    );
    assert_eq!(emulator.refusal("DescribeImageLatestScanTask", &[]).await.1, "MissingDigest");
}

#[tokio::test]
async fn a_scan_of_an_image_ends_once() {
    let emulator = TestEmulator::new("lifecycles: { IMAGE_SCAN: { queued: 0s, running: 10s } }\n");
    emulator.reply("PublicCreateImageScanTask", &[("Digests", "d1,d2")]).await;
    let mut ends = Vec::new();
    for step in [6, 1, 60] {
        emulator.advance(seconds(step));
        let task =
            emulator.reply("DescribeImageLatestScanTask", &[("Digest", "d1")]).await["Task"][0].clone();
        assert_eq!(task["Status"], "SUCCESS");
        ends.push(task["FinishTime"].as_i64().unwrap());
    }
    // After half of the run, at whatever time it is read.
    assert_eq!(ends, [1_767_323_050_000; 3]);
}
