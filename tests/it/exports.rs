//! Exported reports and their links.

use serde_json::json;

use crate::harness::tasks::{TWO, U1, ask, seconds};
use crate::harness::{Setup, TestCall, TestEmulator};

/// One export of each kind: the operations, parameters, and the name of its file.
const KINDS: [(&str, &str, &[(&str, &str)], &str); 2] = [
    ("ExportVul", "DescribeVulExportInfo", &[("Type", "cve")], "cve_20260102"),
    ("ExportRecord", "DescribeExportInfo", &[("ExportType", "assetInstance")], "assetInstance_20260102"),
];

#[tokio::test]
async fn an_export_runs_and_its_link_leads_to_a_zip_with_a_spreadsheet() {
    for (begin, info, params, name) in KINDS {
        let emulator = Setup::new(TWO).without_control_api().start();
        let export = emulator.reply(begin, params).await;
        assert_eq!(export["FileName"], name);
        let id = export["Id"].to_string();
        let looked = async || emulator.reply(info, &[("ExportId", &id)]).await;
        let begun = looked().await;
        assert_eq!((&begun["ExportStatus"], begun.get("Link")), (&json!("init"), None));
        emulator.advance(seconds(2));
        let half = looked().await;
        let total = half["TotalCount"].as_u64().unwrap();
        assert_eq!(
            (&half["ExportStatus"], &half["Progress"], &half["CurrentCount"]),
            (&json!("exporting"), &json!(50), &json!(total / 2))
        );
        emulator.advance(seconds(2));
        let done = looked().await;
        assert_eq!((&done["ExportStatus"], &done["Message"]), (&json!("success"), &json!("success")));
        assert_eq!((&done["FileName"], &done["CurrentCount"]), (&json!(name), &json!(total)));

        let link = done["Link"].as_str().unwrap();
        let (path, _) = link.split_once("?key=").unwrap();
        assert!(
            path.starts_with("http://127.0.0.1:7270/_emulator/exports/") && path.ends_with(".zip"),
            "{link}"
        );
        let file = emulator.download(link).await;
        assert_eq!((file.status, file.header("content-type")), (200, "application/zip"));
        assert_eq!(file.header("content-disposition"), format!("attachment; filename=\"{name}.zip\""));
        assert_eq!(file.entries(), [format!("{name}.xlsx")]);
        assert_eq!(file.rows().len() as u64, total + 1);
        assert_eq!(emulator.download(link).await.bytes, file.bytes);
    }
}

#[tokio::test]
async fn links_follow_the_host_name_and_are_checked() {
    let emulator = Setup::new(TWO).without_control_api().start();
    let (id, link) = exported(&emulator).await;
    let file = emulator.download(&link).await;
    // Under any host name: a program's resolver may direct the service's name here.
    let elsewhere =
        TestCall::new("DescribeVulExportInfo").param("ExportId", &id).header("host", "tds.aliyuncs.com");
    let link = emulator.call(elsewhere).await.json()["Link"].as_str().unwrap().to_owned();
    assert!(link.starts_with("http://tds.aliyuncs.com/_emulator/exports/"), "{link}");
    assert_eq!(emulator.download(&link).await.bytes, file.bytes);

    assert_eq!(emulator.refusal("DescribeVulExportInfo", &[("ExportId", "1")]).await.1, "IllegalParam");
    assert_eq!(emulator.refusal("DescribeVulExportInfo", &[("ExportId", "x")]).await.1, "InvalidExportId");
    let of_another = emulator.refusal("DescribeExportInfo", &[("ExportId", &id)]).await;
    assert_eq!(of_another.1, "IllegalParam", "another operation began it");
    let (path, key) = link.split_once("?key=").unwrap();
    for wrong in ["", "?key=", "?key=0123456789abcdef0123456789abcdef", &format!("?Key={key}")] {
        assert_eq!(emulator.follow(&format!("{path}{wrong}")).await.status, 403, "{wrong}");
    }
    let other = path.replace(|sign: char| sign.is_ascii_digit(), "0");
    assert_eq!(emulator.follow(&format!("{other}?key={key}")).await.status, 403);
}

#[tokio::test]
async fn an_export_is_a_task_that_may_stall_or_fail_and_is_restored() {
    let emulator = TestEmulator::new(TWO);
    let begin = async || emulator.reply("ExportVul", &[("Type", "app")]).await["Id"].to_string();
    let status = async |id: &str| emulator.reply("DescribeVulExportInfo", &[("ExportId", id)]).await;
    let [failed, stalled] = [begin().await, begin().await];
    for (id, action) in [(&failed, "fail"), (&stalled, "stall")] {
        let change = json!({ "action": action, "at": 40 }).to_string();
        emulator.advance(seconds(1));
        let answer = emulator.control("PATCH", &format!("tasks/{id}"), &change).await;
        assert_eq!((answer.status, &answer.json()["type"]), (200, &json!("EXPORT")));
    }
    emulator.advance(seconds(60));
    let shown = status(&failed).await;
    assert_eq!(
        (&shown["ExportStatus"], &shown["Message"], shown.get("Link")),
        (&json!("failed"), &json!(""), None)
    );
    let shown = status(&stalled).await;
    assert_eq!((&shown["ExportStatus"], &shown["Progress"]), (&json!("exporting"), &json!(40)));

    let snapshot = emulator.control("GET", "state", "").await.body;
    let (id, link) = exported(&emulator).await;
    let file = emulator.download(&link).await;
    let later = emulator.control("GET", "state", "").await.body;
    emulator.control("PUT", "state", &snapshot).await;
    assert_eq!(status(&stalled).await["Progress"], 40);
    assert_eq!(emulator.follow(&link).await.status, 404);
    emulator.control("PUT", "state", &later).await;
    assert_eq!(emulator.download(&link).await.bytes, file.bytes);
    assert_eq!(status(&id).await["ExportStatus"], "success");
}

#[tokio::test]
async fn conditions_and_faults_find_the_task_of_an_export() {
    let emulator = TestEmulator::new(TWO);
    let (id, _) = exported(&emulator).await;
    let expect = json!({ "expect": [{ "action": "DescribeVulExportInfo", "no_calls_after": "terminal" }] });
    let verdict =
        async || emulator.control("POST", "verify", &expect.to_string()).await.json()["passed"].clone();
    assert_eq!(verdict().await, true);
    emulator.reply("DescribeVulExportInfo", &[("ExportId", &id)]).await;
    assert_eq!(verdict().await, false, "a poll after the end");
}

#[tokio::test]
async fn an_assumption_has_csv_instead() {
    let emulator = TestEmulator::new("assets: [{ name: 'old, one' }]\nassumptions: { export_format: csv }\n");
    let params = [("ExportType", "assetInstance"), ("Lang", "en")];
    let (_, file) = emulator.export("ExportRecord", "DescribeExportInfo", &params).await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").ends_with("assetInstance_20260102.csv\""));
    insta::assert_snapshot!(String::from_utf8_lossy(&file.bytes), @r#"
    Asset Name,Asset ID,UUID,Public IP,Private IP,Region,Operating System,Agent Status,Edition,Group
    "old, one",i-emulated0001,00000000-0000-4000-8000-000000000001,203.0.113.1,192.168.0.1,cn-hangzhou,linux,online,Enterprise,default
    "#);
}

#[tokio::test]
async fn the_list_of_servers_is_exported() {
    let emulator = TestEmulator::new(TWO);
    let (_, file) =
        emulator.export("ExportRecord", "DescribeExportInfo", &[("ExportType", "assetInstance")]).await;
    let lines: Vec<String> = file.rows().iter().map(|row| row.join("|")).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    资产名称|资产ID|UUID|公网IP|私网IP|地域|操作系统|客户端状态|防护版本|分组
    server-1|i-emulated0001|00000000-0000-4000-8000-000000000001|203.0.113.1|192.168.0.1|cn-hangzhou|linux|uninstalled|Ultimate|default
    old, one|i-emulated0002|00000000-0000-4000-8000-000000000002|203.0.113.2|192.168.0.2|cn-hangzhou|linux|offline|Free|default
    ");
    let refused = emulator.call(ask("ExportRecord", &[("ExportType", "port")])).await;
    assert_eq!(refused.code(), "OperationNotModelled");
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
    let emulator = TestEmulator::new(TWO);
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
