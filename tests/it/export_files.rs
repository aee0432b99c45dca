//! What is in the files of exports.

use serde_json::json;

use crate::harness::sheets::{FOUND, KINDS};
use crate::harness::tasks::{TWO, ask};
use crate::harness::{Setup, TestEmulator};

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
      "Id": 505692459,
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
            let total = reply.pointer(at).and_then(serde_json::Value::as_u64);
            usize::try_from(total.unwrap_or_else(|| panic!("{list}: {reply}"))).unwrap()
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
                    listed += usize::try_from(reply["TotalCount"].as_u64().unwrap()).unwrap();
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

#[tokio::test]
async fn a_server_stands_in_the_file_with_its_group() {
    let emulator = TestEmulator::new(
        "assumptions: { export_format: csv }\nworld: { servers: 4, groups: { web: 50% } }\n",
    );
    let params = [("ExportType", "assetInstance"), ("Lang", "en")];
    let (_, file) = emulator.export("ExportRecord", "DescribeExportInfo", &params).await;
    let text = String::from_utf8_lossy(&file.bytes);
    assert_eq!(text.lines().filter(|line| line.ends_with(",web")).count(), 2, "{text}");
}
