//! Exported reports and their links.

use serde_json::json;

use crate::harness::tasks::{TWO, U1, ask, seconds};
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
    let (path, key) = link.split_once("?key=").unwrap();
    for wrong in ["", "?key=", "?key=0123456789abcdef0123456789abcdef", &format!("?Key={key}")] {
        assert_eq!(emulator.follow(&format!("{path}{wrong}")).await.status, 403, "{wrong}");
    }
    let other = path.replace(|sign: char| sign.is_ascii_digit(), "0");
    assert_eq!(emulator.follow(&format!("{other}?key={key}")).await.status, 403);
}

/// The id, and what the link says.
async fn exported(emulator: &TestEmulator) -> (String, String) {
    let id = emulator.reply("ExportVul", &[("Type", "cve")]).await["Id"].to_string();
    emulator.advance(seconds(4));
    let done = emulator.reply("DescribeVulExportInfo", &[("ExportId", &id)]).await;
    (id, done["Link"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn links_cannot_be_guessed_unless_the_seed_was_given() {
    let [(id, one), (same_id, two)] =
        [exported(&TestEmulator::new(TWO)).await, exported(&TestEmulator::new(TWO)).await];
    assert_eq!(id, same_id, "all else is the same in every run");
    assert_ne!(one, two);
    let [one, two] = [7, 7].map(|seed| Setup::new(TWO).seed(seed).start());
    let (one, two) = (exported(&one).await, exported(&two).await);
    assert_eq!(one, two);
}

#[tokio::test]
async fn a_link_needs_the_token_or_its_key() {
    let emulator = Setup::new(TWO).seed(7).control_token("s3cret").start();
    let (_, link) = exported(&emulator).await;
    assert_eq!(emulator.follow(&link).await.status, 200, "clients follow it without a header");
    assert!(!link.contains("s3cret"));
    // The key of the same report where no token is demanded.
    let (_, open) = exported(&Setup::new(TWO).seed(7).start()).await;
    let (bare, _) = open.split_once('?').unwrap();
    assert!(link.starts_with(bare) && link != open);
    assert_eq!((emulator.follow(&open).await.status, emulator.follow(bare).await.status), (403, 403));
    let request = http::Request::get(bare.trim_start_matches("http://127.0.0.1:7270"))
        .header("host", "localhost")
        .header("authorization", "Bearer s3cret");
    assert_eq!(emulator.send(request.body(bytes::Bytes::new()).unwrap()).await.status, 200);
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

#[tokio::test]
async fn filters_choose_findings_or_are_refused() {
    let emulator = TestEmulator::new("assets: [{}, {}]\n");
    let rows = async |params: &[(&str, &str)]| {
        let params = [&[("Type", "cve")], params].concat();
        let id = emulator.reply("ExportVul", &params).await["Id"].to_string();
        emulator.advance(seconds(4));
        let info = emulator.reply("DescribeVulExportInfo", &[("ExportId", &id)]).await;
        let file = emulator.follow(info["Link"].as_str().unwrap()).await;
        assert_eq!(info["TotalCount"].as_u64(), Some(file.body.lines().count() as u64 - 1));
        file.body.lines().count() - 1
    };
    for (name, value, count) in [
        ("Necessity", "asap", 2),
        ("Necessity", "asap,later,nntf", 6),
        ("Necessity", "serious", 0),
        ("Dealed", "n", 6),
        ("Dealed", "y", 0),
        ("AssetType", "ECS,CONTAINER", 6),
        ("AssetType", "CONTAINER", 0),
        ("CveId", "EMULATED-0002", 2),
        ("AliasName", "missing", 2),
        ("GroupId", "1", 6),
        ("GroupId", "2", 0),
        ("AttachTypes", "sca", 6),
    ] {
        assert_eq!(rows(&[(name, value)]).await, count, "{name}={value}");
    }
    assert_eq!(rows(&[("Necessity", "asap,later"), ("AliasName", "a")]).await, 4);
    let refused = emulator.call(ask("ExportVul", &[("Type", "cve"), ("VpcInstanceIds", "vpc-1")])).await;
    assert_eq!(refused.code(), "OperationNotModelled");
    insta::assert_snapshot!(refused.json()["Message"], @r#""sas-emulator does not model the parameter VpcInstanceIds of ExportVul; assumptions: { unknown_criteria: ignore } leaves it out.""#);
    let ignoring = TestEmulator::new("assumptions: { unknown_criteria: ignore }\n");
    ignoring.reply("ExportVul", &[("Type", "cve"), ("VpcInstanceIds", "vpc-1")]).await;
}
