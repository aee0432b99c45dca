//! Exported reports and their links.

use serde_json::json;

use crate::harness::tasks::{TWO, U1, seconds};
use crate::harness::{Setup, TestCall, TestEmulator};

#[tokio::test]
async fn a_report_is_exported_and_fetched() {
    let emulator = Setup::new(TWO).without_control_api().start();
    let export = emulator.reply("ExportVul", &[("Type", "cve/../x")]).await;
    assert_eq!(export["FileName"], "cvex_20260102");
    let id = export["Id"].to_string();
    let info = async || emulator.reply("DescribeVulExportInfo", &[("ExportId", &id)]).await;
    let begun = info().await;
    assert_eq!((&begun["ExportStatus"], begun.get("Link")), (&json!("init"), None));
    emulator.advance(seconds(2));
    let half = info().await;
    assert_eq!(
        (&half["ExportStatus"], &half["Progress"], &half["CurrentCount"]),
        (&json!("exporting"), &json!(50), &json!(3))
    );
    emulator.advance(seconds(2));
    let done = info().await;
    assert_eq!(
        (&done["ExportStatus"], &done["Message"], &done["TotalCount"]),
        (&json!("success"), &json!("success"), &json!(6))
    );

    let link = done["Link"].as_str().unwrap();
    assert!(link.starts_with("http://127.0.0.1:7270/_emulator/exports/"), "{link}");
    let file = emulator.follow(link).await;
    assert_eq!((file.status, file.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"cvex_20260102.csv\"");
    assert_eq!((file.body.lines().count(), file.body.matches(",\"old, one\",").count()), (7, 3));

    // Under any host name: a program's resolver may direct the service's name here.
    let elsewhere =
        TestCall::new("DescribeVulExportInfo").param("ExportId", &id).header("host", "tds.aliyuncs.com");
    let link = emulator.call(elsewhere).await.json()["Link"].as_str().unwrap().to_owned();
    assert!(link.starts_with("http://tds.aliyuncs.com/_emulator/exports/"), "{link}");
    assert_eq!(emulator.follow(&link).await.body, file.body);

    assert_eq!(emulator.refusal("DescribeVulExportInfo", &[("ExportId", "1")]).await.1, "IllegalParam");
    assert_eq!(emulator.refusal("DescribeVulExportInfo", &[("ExportId", "x")]).await.1, "InvalidExportId");
    for id in ["0".repeat(32), "x".to_owned()] {
        assert_eq!(emulator.follow(&format!("http://localhost/_emulator/exports/{id}")).await.status, 404);
    }
}

#[tokio::test]
async fn a_report_link_in_xml() {
    let emulator = TestEmulator::new("default");
    let id = emulator.reply("ExportVul", &[("Type", "cve"), ("Uuids", U1)]).await["Id"].to_string();
    emulator.advance(seconds(4));
    let call = TestCall::new("DescribeVulExportInfo")
        .param("ExportId", &id)
        .with(|call| call.format = Some("XML".into()));
    let answer = emulator.call(call).await;
    assert!(
        answer.is_xml() && answer.body.contains("<Link>http://127.0.0.1:7270/_emulator/exports/"),
        "{}",
        answer.body
    );
}
