//! Exported reports and their links.

use serde_json::json;

use crate::harness::tasks::{TWO, U1, ask, seconds};
use crate::harness::{Setup, TestCall, TestEmulator};

/// Servers with findings of every kind.
const FOUND: &str = "world: { servers: 12 }\n";

/// One export of each kind: the operations, parameters, and the name of its file.
const KINDS: [(&str, &str, &[(&str, &str)], &str); 6] = [
    ("ExportVul", "DescribeVulExportInfo", &[("Type", "cve")], "cve_20260102"),
    ("ExportRecord", "DescribeExportInfo", &[("ExportType", "assetInstance")], "assetInstance_20260102"),
    ("ExportRecord", "DescribeExportInfo", &[("ExportType", "baselineCspm")], "baselineCspm_20260102"),
    (
        "ExportRecord",
        "DescribeExportInfo",
        &[("ExportType", "exportHcWarning")],
        "health_check_export_20260102",
    ),
    ("ExportWarning", "DescribeWarningExportInfo", &[], "health_check_export_20260102"),
    ("ExportSuspEvents", "DescribeSuspEventExportInfo", &[], "suspicious_event_20260102"),
];

#[tokio::test]
async fn an_export_runs_and_its_link_leads_to_a_zip_with_a_spreadsheet() {
    for (begin, info, params, name) in KINDS {
        let emulator = Setup::new(FOUND).without_control_api().start();
        let export = emulator.reply(begin, params).await;
        assert_eq!(export["FileName"], name);
        let of_alarms = begin == "ExportSuspEvents";
        let id = export["Id"].to_string();
        let looked = async || emulator.reply(info, &[("ExportId", &id)]).await;
        let begun = looked().await;
        let waiting = if of_alarms { "pending" } else { "init" };
        assert_eq!((&begun["ExportStatus"], begun.get("Link")), (&json!(waiting), None));
        emulator.advance(seconds(2));
        let half = looked().await;
        let total = half["TotalCount"].as_u64().unwrap();
        assert!(total > 1, "{begin} {params:?}: {half}");
        assert_eq!((&half["ExportStatus"], &half["Progress"]), (&json!("exporting"), &json!(50)));
        emulator.advance(seconds(2));
        let done = looked().await;
        assert_eq!(done["ExportStatus"], "success");
        if of_alarms {
            assert_eq!(done["FileName"], "suspicious_event_20260102_1767323045000.zip");
            assert!(done["Id"].as_u64().unwrap() < 1 << 31, "{done}");
        } else {
            assert_eq!((&half["CurrentCount"], &done["CurrentCount"]), (&json!(total / 2), &json!(total)));
            assert_eq!((&done["FileName"], &done["Message"]), (&json!(name), &json!("success")));
        }

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
    for (id, action, at) in [(&failed, "fail", 30), (&stalled, "stall", 60)] {
        let change = json!({ "action": action, "at": at }).to_string();
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
    assert_eq!((&shown["ExportStatus"], &shown["Progress"]), (&json!("exporting"), &json!(60)));

    let snapshot = emulator.control("GET", "state", "").await.body;
    let (id, link) = exported(&emulator).await;
    let file = emulator.download(&link).await;
    let later = emulator.control("GET", "state", "").await.body;
    emulator.control("PUT", "state", &snapshot).await;
    assert_eq!(status(&stalled).await["Progress"], 60);
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

/// The first rows of an export as text.
async fn head(begin: &str, info: &str, params: &[(&str, &str)]) -> String {
    let (_, file) = TestEmulator::new(FOUND).export(begin, info, params).await;
    let lines: Vec<String> = file.rows().iter().take(3).map(|row| row.join("|")).collect();
    lines.join("\n")
}

/// The first line of the first one is what a published program compares with before it reads the rest.
#[tokio::test]
async fn the_tables_have_the_columns_that_programs_read() {
    let vulnerabilities =
        async |params: &[(&str, &str)]| head("ExportVul", "DescribeVulExportInfo", params).await;
    insta::assert_snapshot!(vulnerabilities(&[("Type", "cve")]).await, @"
    漏洞名称|修复紧急度|影响资产ID |影响资产IP（公网）|影响资产IP（私网）|影响资产备注名称|首次发现时间|最近一次发现时间|漏洞说明|漏洞状态|修复命令|CVE编号| 标签
    EMSA-2099:00001: security update of libharbor|高|i-emulated0008|203.0.113.8|192.168.0.8|server-8|2025-12-05 07:40:12|2026-01-02 09:59:46|libharbor bypass of authentication|未修复|yum update libharbor|CVE-2099-00004,CVE-2099-00005|Remote Exploitation
    EMSA-2099:00001: security update of libharbor|高|i-emulated0009|203.0.113.9|192.168.0.9|server-9|2025-12-05 05:28:13|2026-01-02 09:59:09|libharbor bypass of authentication|未修复|yum update libharbor|CVE-2099-00004,CVE-2099-00005|Remote Exploitation
    ");
    insta::assert_snapshot!(vulnerabilities(&[("Type", "app"), ("Lang", "en")]).await, @"
    Vulnerability|Priority|Asset ID|Public IP Address|Private IP Address|Asset Name|First Detected|Last Detected|Description|Status|Fix Command|CVE ID|Tag|Namespace
    Beacon Search remote code execution (EMVD-2099-00033)|medium|i-emulated0002|203.0.113.2|192.168.0.2|server-2|2025-11-25 08:52:06|2026-01-02 10:03:28|Beacon Search remote code execution|unfixed||CVE-2099-00132|Remote Exploitation,Code Execution|
    Beacon Search remote code execution (EMVD-2099-00033)|medium|i-emulated0003|203.0.113.3|192.168.0.3|server-3|2025-11-25 06:40:07|2026-01-02 10:02:51|Beacon Search remote code execution|unfixed||CVE-2099-00132|Remote Exploitation,Code Execution|
    ");
    insta::assert_snapshot!(head("ExportSuspEvents", "DescribeSuspEventExportInfo", &[]).await, @"
    id|eventSubType|eventDetail|level|status|ip|instanceName|desc|lastTime|operateTime|note
    67062457|known_bad_domain|URL: http://emulated-b205.example/; Process ID: 29102|suspicious|1|203.0.113.5|server-5|A process looked up a name that is listed as bad.|2026-01-02 10:55:26||
    67062456|tampered_system_file|File path: /tmp/emulated-11ec; MD5 of the file: 03ea58e397d6e067d29eada4b50e85dd; Process ID: 21146|suspicious|1|203.0.113.6|server-6|A file of the system is not what was installed.|2026-01-02 10:51:46||
    ");
    let warnings =
        async |params: &[(&str, &str)]| head("ExportWarning", "DescribeWarningExportInfo", params).await;
    insta::assert_snapshot!(warnings(&[]).await, @"
    基线名称|基线类型|风险等级|检查项|状态|资产名称|资产ID|资产IP
    Redis that anyone can reach|High risk exploit|high|Redis asks for a password.|未通过|server-6|i-emulated0006|203.0.113.6
    Redis that anyone can reach|High risk exploit|high|Redis listens on private addresses alone.|未通过|server-6|i-emulated0006|203.0.113.6
    ");
    insta::assert_snapshot!(warnings(&[("IsSummaryExport", "1"), ("Lang", "en")]).await, @"
    Baseline|Type|Risk Level|Check Items|Servers at Risk|Last Check
    Redis that anyone can reach|High risk exploit|high|3|1|2026-01-02 00:13:16
    Container engine that anyone can reach|High risk exploit|high|2|0|2026-01-02 00:51:39
    ");
    let record = async |word: &str| head("ExportRecord", "DescribeExportInfo", &[("ExportType", word)]).await;
    insta::assert_snapshot!(record("exportHcWarning").await, @"
    检查项|风险等级|基线名称|基线类型|状态|未通过服务器数
    Redis asks for a password.|high|Redis that anyone can reach|High risk exploit|未通过|1
    Redis listens on private addresses alone.|high|Redis that anyone can reach|High risk exploit|未通过|1
    ");
    insta::assert_snapshot!(record("baselineCspm").await, @"
    检查项ID|检查项|风险等级|云产品|状态|未通过实例数|最近检查时间
    10001|Security groups do not open port 22 to every address|high|ECS|NOT_CHECK|0|
    10002|Security groups do not open port 3389 to every address|high|ECS|NOT_PASS|1|2026-01-02 00:53:48
    ");
}

#[tokio::test]
async fn what_reads_of_an_export_reply() {
    let emulator = TestEmulator::new(FOUND);
    let (mut done, _) = emulator.export("ExportSuspEvents", "DescribeSuspEventExportInfo", &[]).await;
    done["Link"] = "(link)".into();
    insta::assert_json_snapshot!(done, @r#"
    {
      "RequestId": "C6E2A5C4-411B-5768-8398-0E728E03ED03",
      "Type": "suspiciousEvent",
      "Progress": 100,
      "GmtCreate": 1767323045000,
      "GmtModified": 1767323049000,
      "FileName": "suspicious_event_20260102_1767323045000.zip",
      "TotalCount": 6,
      "ExportStatus": "success",
      "Id": 505859676,
      "Properties": "id,eventSubType,eventDetail,level,status,ip,instanceName,desc,lastTime,operateTime,note",
      "Link": "(link)"
    }
    "#);
    let id = emulator.reply("ExportWarning", &[]).await["Id"].to_string();
    insta::assert_json_snapshot!(emulator.reply("DescribeHcExportInfo", &[("ExportId", &id)]).await, @r#"
    {
      "RequestId": "411DA2DB-57AC-5A5E-9970-65F7D9316A14",
      "Progress": 0,
      "CurrentCount": 0,
      "TotalCount": 252,
      "FileName": "health_check_export_20260102",
      "GmtCreate": 1767323049000,
      "ResultStatus": "exporting",
      "Id": 335206421341454
    }
    "#);
}

/// As many rows as the list that shows the same counts, under the same filters.
#[tokio::test]
async fn a_file_has_the_rows_of_its_list() {
    type Pairs = &'static [(&'static str, &'static str)];
    let vulnerabilities: &[Pairs] = &[
        &[("Type", "cve")],
        &[("Type", "app"), ("AttachTypes", "sca"), ("Necessity", "asap,later,nntf"), ("Dealed", "n")],
        &[("Type", "sys"), ("Necessity", "asap")],
        &[("Type", "cve"), ("GroupId", "1"), ("RaspDefend", "0")],
        &[("Type", "cve"), ("Dealed", "y")],
        &[
            ("Type", "cve"),
            ("Uuids", "00000000-0000-4000-8000-000000000003,00000000-0000-4000-8000-000000000005"),
        ],
        &[("Type", "emg"), ("AliasName", "a")],
    ];
    let alarms: &[Pairs] =
        &[&[], &[("Levels", "serious,suspicious")], &[("Dealed", "Y")], &[("Status", "1")]];
    for seed in [1, 7, 99] {
        let emulator = Setup::new(FOUND).seed(seed).start();
        let total = async |list: &str, params: Pairs, at: &str| {
            let params = [params, &[("PageSize", "1"), ("CurrentPage", "1")]].concat();
            let reply = emulator.reply(list, &params).await;
            reply.pointer(at).unwrap_or_else(|| panic!("{list}: {reply}")).as_u64().unwrap() as usize
        };
        let server = emulator.reply("DescribeCloudCenterInstances", &[("PageSize", "100")]).await;
        let servers = server["Instances"].as_array().unwrap().len();
        let assets =
            emulator.exported("ExportRecord", "DescribeExportInfo", &[("ExportType", "assetInstance")]).await;
        assert_eq!(assets.len(), servers);
        for params in vulnerabilities {
            let rows = emulator.exported("ExportVul", "DescribeVulExportInfo", params).await;
            assert_eq!(
                rows.len(),
                total("DescribeVulList", params, "/TotalCount").await,
                "{seed} {params:?}"
            );
        }
        for params in alarms {
            let rows = emulator.exported("ExportSuspEvents", "DescribeSuspEventExportInfo", params).await;
            assert_eq!(
                rows.len(),
                total("DescribeSuspEvents", params, "/TotalCount").await,
                "{seed} {params:?}"
            );
        }
        for (word, list) in
            [("exportHcWarning", "ListCheckItemWarningSummary"), ("baselineCspm", "ListCheckResult")]
        {
            let rows = emulator.exported("ExportRecord", "DescribeExportInfo", &[("ExportType", word)]).await;
            assert_eq!(rows.len(), total(list, &[], "/PageInfo/TotalCount").await, "{seed} {word}");
        }
        let summary: Pairs = &[("IsSummaryExport", "1")];
        let rows = emulator.exported("ExportWarning", "DescribeWarningExportInfo", summary).await;
        assert_eq!(rows.len(), total("DescribeCheckWarningSummary", &[], "/TotalCount").await);
        for status in ["1", "3", "1,3"] {
            let params = [("StatusList", status)];
            let rows = emulator.exported("ExportWarning", "DescribeWarningExportInfo", &params).await;
            let mut listed = 0;
            for server in server["Instances"].as_array().unwrap() {
                let uuid = server["Uuid"].as_str().unwrap();
                for status in status.split(',') {
                    let params = [("Uuid", uuid), ("RiskStatus", status)];
                    let reply = emulator.reply("DescribeCheckWarnings", &params).await;
                    listed += reply["TotalCount"].as_u64().unwrap() as usize;
                }
            }
            assert_eq!(rows.len(), listed, "{seed} {status}");
        }
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_file() {
    for (begin, info, params, _) in KINDS {
        let file = async || {
            let emulator = Setup::new(FOUND).seed(5).start();
            emulator.export(begin, info, params).await.1.bytes
        };
        assert_eq!(file().await, file().await, "{begin}");
    }
}

#[tokio::test]
async fn a_repaired_vulnerability_leaves_the_file_of_open_ones() {
    let emulator = TestEmulator::new(FOUND);
    let params = [("Type", "cve"), ("Dealed", "n")];
    let before = emulator.exported("ExportVul", "DescribeVulExportInfo", &params).await.len();
    let list = emulator.reply("DescribeVulList", &params).await;
    let found = &list["VulRecords"][0];
    let info = json!([{
        "name": found["Name"], "uuid": found["Uuid"], "tag": found["Tag"], "isFront": 0,
    }]);
    let call = [("Type", "cve"), ("OperateType", "vul_ignore"), ("Info", &*info.to_string())];
    emulator.reply("ModifyOperateVul", &call).await;
    assert_eq!(emulator.exported("ExportVul", "DescribeVulExportInfo", &params).await.len(), before - 1);
}

#[tokio::test]
async fn the_filters_that_the_vendors_programs_send_are_read() {
    let emulator = TestEmulator::new(FOUND);
    let rows = async |filters: &str| {
        let params = [("ExportType", "exportHcWarning"), ("Params", filters)];
        emulator.exported("ExportRecord", "DescribeExportInfo", &params).await.len()
    };
    let all =
        rows(r#"{"CheckLevel":"high,medium,low","CheckWarningStatusList":[1,3,6,8],"Source":"default"}"#)
            .await;
    assert_eq!(all, rows("").await);
    let high = rows(r#"{"CheckLevel":"high"}"#).await;
    let failed = rows(r#"{"CheckWarningStatusList":[1]}"#).await;
    assert!(0 < high && high < all && 0 < failed && failed < all, "{high} {failed} {all}");
    let wrong = [("ExportType", "exportHcWarning"), ("Params", "{")];
    assert_eq!(emulator.refusal("ExportRecord", &wrong).await.1, "IllegalParam");
}

#[tokio::test]
async fn filters_that_no_list_has_are_refused() {
    let emulator = TestEmulator::new(FOUND);
    let refused = emulator.call(ask("ExportVul", &[("Type", "cve"), ("VpcInstanceIds", "vpc-1")])).await;
    assert_eq!(refused.code(), "OperationNotModelled");
    insta::assert_snapshot!(refused.json()["Message"], @r#""sas-emulator does not model the parameter VpcInstanceIds of ExportVul; assumptions: { unknown_criteria: ignore } leaves it out.""#);
    let ignoring = TestEmulator::new("assumptions: { unknown_criteria: ignore }\n");
    ignoring.reply("ExportVul", &[("Type", "cve"), ("VpcInstanceIds", "vpc-1")]).await;
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
