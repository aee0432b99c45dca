//! Vulnerabilities of servers: lists, groups, details and statistics, and what is done about them on the task clock.

use serde_json::{Value, json};

use crate::harness::tasks::{ask, seconds};
use crate::harness::{Setup, TestCall, TestEmulator};

const SERVERS: &str = "world: { servers: 12, windows: 40%, vulnerabilities: { per_server: 10 } }\n";
const TYPES: [&str; 6] = ["cve", "sys", "cms", "app", "emg", "sca"];

fn records(reply: &Value) -> &Vec<Value> {
    reply["VulRecords"].as_array().unwrap()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value}"))
}

/// All findings of all types that pass these filters, by pages of a size.
async fn all(emulator: &TestEmulator, filters: &[(&str, &str)], size: usize) -> Vec<Value> {
    let mut found = Vec::new();
    for kind in TYPES {
        let first = found.len();
        for page in 1.. {
            let (page, size_text) = (page.to_string(), size.to_string());
            let paging = [("Type", kind), ("CurrentPage", &page), ("PageSize", &size_text)];
            let reply = emulator.reply("DescribeVulList", &[&paging[..], filters].concat()).await;
            let records = records(&reply);
            found.extend(records.iter().cloned());
            if records.len() < size {
                assert_eq!(number(&reply["TotalCount"]), (found.len() - first) as u64, "{kind} {filters:?}");
                break;
            }
        }
    }
    found
}

/// One finding that can be repaired, on a server that is online.
async fn open_finding(emulator: &TestEmulator) -> Value {
    let reply = emulator.reply("DescribeVulList", &[("Type", "cve"), ("Dealed", "n")]).await;
    records(&reply).iter().find(|record| record["Online"] == true).unwrap().clone()
}

async fn status(emulator: &TestEmulator, finding: &Value) -> Value {
    let (id, kind) = (finding["PrimaryId"].to_string(), finding["Type"].as_str().unwrap());
    let reply = emulator.reply("DescribeVulList", &[("Type", kind), ("Ids", &id)]).await;
    records(&reply).first().map_or(Value::Null, |record| record["Status"].clone())
}

async fn operate(emulator: &TestEmulator, finding: &Value, how: &str) {
    let (name, uuid, kind) = (&finding["Name"], &finding["Uuid"], finding["Type"].as_str().unwrap());
    let info = json!([{"name": name, "uuid": uuid, "tag": finding["Tag"], "isFront": 0}]).to_string();
    emulator.reply("ModifyOperateVul", &[("Type", kind), ("OperateType", how), ("Info", &info)]).await;
}

#[tokio::test]
async fn a_finding_is_shown_with_all_that_is_known() {
    let emulator = TestEmulator::new("world: { servers: 2, vulnerabilities: { per_server: 20 } }\n");
    let call = || ask("DescribeVulList", &[("Type", "cve"), ("PageSize", "1")]);
    insta::assert_json_snapshot!(emulator.body(call()).await, @r#"
    {
      "RequestId": "EA5F17B1-17A7-53E4-84CE-9CC52DE88E34",
      "CurrentPage": 1,
      "PageSize": 1,
      "TotalCount": 17,
      "VulRecords": [
        {
          "PrimaryId": 100001,
          "Uuid": "00000000-0000-4000-8000-000000000002",
          "InstanceId": "i-emulated0002",
          "InstanceName": "server-2",
          "InternetIp": "203.0.113.2",
          "IntranetIp": "192.168.0.2",
          "RegionId": "cn-hangzhou",
          "GroupId": 1,
          "OsName": "linux",
          "OsVersion": "linux",
          "Online": true,
          "AuthVersion": "3",
          "Bind": true,
          "Type": "cve",
          "Name": "emulated-linux:EMSA-2099:00001",
          "AliasName": "EMSA-2099:00001: security update of libharbor",
          "Related": "CVE-2099-00004,CVE-2099-00005",
          "Tag": "oval",
          "Necessity": "asap",
          "RealRisk": true,
          "RaspDefend": 0,
          "RaspStatus": 0,
          "Status": 1,
          "FirstTs": 1764895926000,
          "LastTs": 1767319408000,
          "ModifyTs": 1767319408000,
          "ExtendContentJson": {
            "PrimaryId": 100001,
            "AliasName": "EMSA-2099:00001: security update of libharbor",
            "Status": "1",
            "Os": "linux",
            "OsRelease": "1",
            "Ip": "203.0.113.2",
            "LastTs": 1767319408000,
            "Tag": "oval",
            "Target": "00000000-0000-4000-8000-000000000002",
            "Necessity": {
              "Is_calc": "1",
              "Status": "normal",
              "Total_score": "9.9",
              "Cvss_factor": "9.9",
              "Time_factor": "1.0",
              "Enviroment_factor": "1.0",
              "Assets_factor": "2"
            },
            "cveList": [
              "CVE-2099-00004",
              "CVE-2099-00005"
            ],
            "RpmEntityList": [
              {
                "Name": "libharbor",
                "Version": "9.6-9",
                "FullVersion": "9.6-9",
                "MatchDetail": "libharbor version less than 9.6-10",
                "MatchList": [
                  "libharbor version less than 9.6-10"
                ],
                "Path": "/usr/lib64/libharbor",
                "UpdateCmd": "yum update libharbor"
              }
            ],
            "AbsolutePath": "/usr/lib64/libharbor"
          }
        }
      ]
    }
    "#);
    let xml = emulator.call(call().with(|call| call.format = Some("XML".into()))).await;
    insta::assert_snapshot!(xml.body, @r#"<?xml version='1.0' encoding='UTF-8'?><DescribeVulListResponse><RequestId>C6E2A5C4-411B-5768-8398-0E728E03ED03</RequestId><CurrentPage>1</CurrentPage><PageSize>1</PageSize><TotalCount>17</TotalCount><VulRecords><VulRecord><PrimaryId>100001</PrimaryId><Uuid>00000000-0000-4000-8000-000000000002</Uuid><InstanceId>i-emulated0002</InstanceId><InstanceName>server-2</InstanceName><InternetIp>203.0.113.2</InternetIp><IntranetIp>192.168.0.2</IntranetIp><RegionId>cn-hangzhou</RegionId><GroupId>1</GroupId><OsName>linux</OsName><OsVersion>linux</OsVersion><Online>true</Online><AuthVersion>3</AuthVersion><Bind>true</Bind><Type>cve</Type><Name>emulated-linux:EMSA-2099:00001</Name><AliasName>EMSA-2099:00001: security update of libharbor</AliasName><Related>CVE-2099-00004,CVE-2099-00005</Related><Tag>oval</Tag><Necessity>asap</Necessity><RealRisk>true</RealRisk><RaspDefend>0</RaspDefend><RaspStatus>0</RaspStatus><Status>1</Status><FirstTs>1764895926000</FirstTs><LastTs>1767319408000</LastTs><ModifyTs>1767319408000</ModifyTs><ExtendContentJson><PrimaryId>100001</PrimaryId><AliasName>EMSA-2099:00001: security update of libharbor</AliasName><Status>1</Status><Os>linux</Os><OsRelease>1</OsRelease><Ip>203.0.113.2</Ip><LastTs>1767319408000</LastTs><Tag>oval</Tag><Target>00000000-0000-4000-8000-000000000002</Target><Necessity><Is_calc>1</Is_calc><Status>normal</Status><Total_score>9.9</Total_score><Cvss_factor>9.9</Cvss_factor><Time_factor>1.0</Time_factor><Enviroment_factor>1.0</Enviroment_factor><Assets_factor>2</Assets_factor></Necessity><cveList><cve>CVE-2099-00004</cve><cve>CVE-2099-00005</cve></cveList><RpmEntityList><RpmEntity><Name>libharbor</Name><Version>9.6-9</Version><FullVersion>9.6-9</FullVersion><MatchDetail>libharbor version less than 9.6-10</MatchDetail><MatchList><Match>libharbor version less than 9.6-10</Match></MatchList><Path>/usr/lib64/libharbor</Path><UpdateCmd>yum update libharbor</UpdateCmd></RpmEntity></RpmEntityList><AbsolutePath>/usr/lib64/libharbor</AbsolutePath></ExtendContentJson></VulRecord></VulRecords></DescribeVulListResponse>"#);
}

#[tokio::test]
async fn groups_details_and_statistics() {
    let emulator = TestEmulator::new("world: { servers: 3, vulnerabilities: { per_server: 20 } }\n");
    let groups = emulator.reply("DescribeGroupedVul", &[("Type", "sca"), ("PageSize", "1")]).await;
    insta::assert_json_snapshot!(groups, @r#"
    {
      "RequestId": "EA5F17B1-17A7-53E4-84CE-9CC52DE88E34",
      "CurrentPage": 1,
      "PageSize": 1,
      "TotalCount": 18,
      "GroupedVulItems": [
        {
          "Type": "sca",
          "Name": "sca:EMVD-2099-00062",
          "AliasName": "bramble-log denial of service (EMVD-2099-00062)",
          "Related": "CVE-2099-00248",
          "Tags": "Remote Exploitation,Exploit Exists",
          "RaspDefend": 0,
          "AsapCount": 0,
          "LaterCount": 0,
          "NntfCount": 1,
          "HandledCount": 0,
          "TotalFixCount": 0,
          "GmtFirst": 1766243045000,
          "GmtLast": 1767319445000,
          "LanguageType": "java"
        }
      ]
    }
    "#);
    let (name, kind) = (groups["GroupedVulItems"][0]["Name"].as_str().unwrap(), "sca");
    let details = [("Type", kind), ("Name", name), ("Lang", "en")];
    insta::assert_json_snapshot!(emulator.reply("DescribeVulDetails", &details).await, @r#"
    {
      "RequestId": "C6E2A5C4-411B-5768-8398-0E728E03ED03",
      "Cves": [
        {
          "CveId": "CVE-2099-00248",
          "Title": "bramble-log denial of service (EMVD-2099-00062)",
          "Summary": "bramble-log: denial of service",
          "Content": "bramble-log before 2.10-23 allows denial of service.",
          "Solution": "Update bramble-log to 2.10-23 or later.",
          "Product": "bramble-log",
          "Vendor": "invented by sas-emulator",
          "Classify": "denial of service",
          "Classifys": [
            {
              "Classify": "denial of service",
              "Description": "denial of service"
            }
          ],
          "Complexity": "LOW",
          "VulLevel": "medium",
          "CvssScore": "4.1",
          "CvssVector": "AV:N/AC:L/PR:N/UI:N",
          "Poc": "",
          "Reference": "",
          "OtherId": "sca:EMVD-2099-00062",
          "CnvdId": "",
          "ReleaseTime": 1764039845000
        }
      ]
    }
    "#);
    let unknown = [("Type", "cve"), ("Name", name), ("Lang", "en")];
    assert_eq!(emulator.reply("DescribeVulDetails", &unknown).await["Cves"], json!([]));
    insta::assert_json_snapshot!(emulator.reply("DescribeVulFixStatistics", &[]).await, @r#"
    {
      "RequestId": "411DA2DB-57AC-5A5E-9970-65F7D9316A14",
      "FixTotal": {
        "NeedFixNum": 41,
        "FixingNum": 0,
        "FixedTotalNum": 0,
        "FixedTodayNum": 0
      },
      "FixStat": [
        {
          "NeedFixNum": 28,
          "FixingNum": 0,
          "FixedTotalNum": 0,
          "FixedTodayNum": 0,
          "Type": "cve"
        },
        {
          "NeedFixNum": 0,
          "FixingNum": 0,
          "FixedTotalNum": 0,
          "FixedTodayNum": 0,
          "Type": "sys"
        },
        {
          "NeedFixNum": 4,
          "FixingNum": 0,
          "FixedTotalNum": 0,
          "FixedTodayNum": 0,
          "Type": "cms"
        },
        {
          "NeedFixNum": 8,
          "FixingNum": 0,
          "FixedTotalNum": 0,
          "FixedTodayNum": 0,
          "Type": "app"
        },
        {
          "NeedFixNum": 1,
          "FixingNum": 0,
          "FixedTotalNum": 0,
          "FixedTodayNum": 0,
          "Type": "emg"
        }
      ]
    }
    "#);
    insta::assert_json_snapshot!(emulator.reply("DescribeVulNumStatistics", &[]).await, @r#"
    {
      "RequestId": "090CCBB5-1C31-5A08-9E75-2B189FB8BEE1",
      "CveNum": 28,
      "SysNum": 0,
      "CmsNum": 4,
      "AppNum": 8,
      "AppCnt": 8,
      "EmgNum": 1,
      "ScaNum": 18,
      "VulAsapSum": 16,
      "VulLaterSum": 22,
      "VulNntfSum": 21,
      "VulDealedTotalNum": 0,
      "CmsDealedTotalNum": 0
    }
    "#);
    insta::assert_json_snapshot!(emulator.reply("DescribeEmgVulItem", &[("PageSize", "1")]).await, @r#"
    {
      "RequestId": "61F9CED0-7F89-531E-A5D9-0E4BF4D8AEDA",
      "CurrentPage": 1,
      "PageSize": 1,
      "TotalCount": 4,
      "GroupedVulItems": [
        {
          "Name": "emg:EMEV-2099-00058",
          "AliasName": "Switchyard Gateway elevation of privilege (EMVD-2099-00058)",
          "Type": "python",
          "CheckType": 1,
          "Description": "Switchyard Gateway before 4.11-71 allows elevation of privilege.",
          "GmtPublish": 1746846245000,
          "GmtLastCheck": 1767319445000,
          "PendingCount": 0,
          "Progress": 100,
          "Status": 30,
          "RaspDefend": 0
        }
      ]
    }
    "#);
}

/// What is done in an account before its sums are compared.
async fn act(emulator: &TestEmulator) {
    let found = all(emulator, &[], 1000).await;
    let hows = ["vul_fix", "vul_ignore", "vul_verify", "vul_delete"];
    for (finding, how) in found.iter().step_by(5).zip(hows.iter().cycle()) {
        let is_repaired = ["cve", "sys", "cms"].contains(&finding["Type"].as_str().unwrap());
        if is_repaired || *how != "vul_fix" {
            operate(emulator, finding, how).await;
        }
    }
    let listed = found.iter().nth_back(1).map(|finding| {
        json!([{"name": finding["Name"], "type": finding["Type"], "aliasName": finding["AliasName"]}])
            .to_string()
    });
    if let Some(listed) = listed {
        emulator.reply("ModifyCreateVulWhitelist", &[("Whitelist", &listed)]).await;
    }
}

/// List, groups, statistics and servers agree.
async fn check_sums(emulator: &TestEmulator) {
    let open = all(emulator, &[("Dealed", "n")], 1000).await;
    let handled = all(emulator, &[("Dealed", "y")], 1000).await;
    let listed = all(emulator, &[], 1000).await;
    assert_eq!(open.len() + handled.len(), listed.len());
    assert_eq!(all(emulator, &[], 7).await, listed, "pages are slices, and the order is stable");
    let levels = ["asap", "later", "nntf"];
    let by_level =
        levels.map(|level| open.iter().filter(|finding| finding["Necessity"] == level).count() as u64);

    let groups = emulator.reply("DescribeGroupedVul", &[("PageSize", "1000")]).await;
    let sum = |member: &str| {
        groups["GroupedVulItems"].as_array().unwrap().iter().map(|group| number(&group[member])).sum::<u64>()
    };
    assert_eq!([sum("AsapCount"), sum("LaterCount"), sum("NntfCount")], by_level);
    assert_eq!(sum("HandledCount"), handled.len() as u64);

    let numbers = emulator.reply("DescribeVulNumStatistics", &[]).await;
    assert_eq!(["VulAsapSum", "VulLaterSum", "VulNntfSum"].map(|sum| number(&numbers[sum])), by_level);
    assert_eq!(number(&numbers["VulDealedTotalNum"]), handled.len() as u64);

    let fixes = emulator.reply("DescribeVulFixStatistics", &[]).await;
    let of = |statuses: &[u64]| {
        let is_one =
            |finding: &&Value| finding["Type"] != "sca" && statuses.contains(&number(&finding["Status"]));
        listed.iter().filter(is_one).count() as u64
    };
    let total = &fixes["FixTotal"];
    let shown = ["NeedFixNum", "FixingNum", "FixedTotalNum"].map(|member| number(&total[member]));
    assert_eq!(shown, [of(&[1, 2, 6]), of(&[4]), of(&[7, 8])]);

    let servers = emulator.reply("DescribeCloudCenterInstances", &[("PageSize", "1000")]).await;
    let servers = servers["Instances"].as_array().unwrap();
    assert_eq!(servers.iter().map(|server| number(&server["VulCount"])).sum::<u64>(), open.len() as u64);
    for (criterion, level) in [("vulStatus", None), ("asapVulStatus", Some("asap"))] {
        let criteria = json!([{"name": criterion, "value": "YES"}]).to_string();
        let listed = emulator.reply("DescribeCloudCenterInstances", &[("Criteria", &criteria)]).await;
        let has_one = |server: &&Value| {
            open.iter().any(|finding| {
                finding["Uuid"] == server["Uuid"] && level.is_none_or(|level| finding["Necessity"] == level)
            })
        };
        assert_eq!(number(&listed["PageInfo"]["TotalCount"]), servers.iter().filter(has_one).count() as u64);
    }
}

#[tokio::test]
async fn sums_agree_in_every_account_and_survive_a_restore() {
    let scenarios = [
        "seed: 3\n",
        SERVERS,
        "world: { servers: 30, uninstalled: 20%, offline: 30%, vulnerabilities: { per_server: 3, types: { sca: 50% } } }\n",
        "world: { servers: 5, vulnerabilities: { per_server: 0 } }\n",
        "world: { servers: 8, vulnerabilities: { per_server: 8, found_by_scan: 2, lost_by_scan: 1, levels: { asap: 100% } } }\n",
        "assets: []\n",
    ];
    for (seed, scenario) in scenarios.iter().enumerate() {
        let emulator = Setup::new(scenario).seed(seed as u64).start();
        check_sums(&emulator).await;
        act(&emulator).await;
        check_sums(&emulator).await;
        emulator.advance(seconds(4));
        check_sums(&emulator).await;
        let state = emulator.snapshot().await;
        emulator.advance(seconds(60));
        let later = all(&emulator, &[], 1000).await;
        assert_eq!(emulator.control("PUT", "state", &state).await.status, 200);
        assert_eq!(emulator.snapshot().await, state);
        check_sums(&emulator).await;
        emulator.advance(seconds(60));
        assert_eq!(all(&emulator, &[], 1000).await, later, "it goes on as it would have");
        emulator.reply("ModifyStartVulScan", &[]).await;
        emulator.advance(seconds(60));
        check_sums(&emulator).await;
    }
}

#[tokio::test]
async fn each_filter_of_the_list_filters() {
    let emulator = TestEmulator::new(
        "world: { servers: 10, groups: { web: 40% }, vulnerabilities: { per_server: 20 } }\n",
    );
    let open = all(&emulator, &[], 1000).await;
    let one = &open[open.len() / 2];
    let text = |member: &str| one[member].as_str().map_or_else(|| one[member].to_string(), str::to_owned);
    for (filter, member) in [
        ("Uuids", "Uuid"),
        ("Name", "Name"),
        ("AliasName", "AliasName"),
        ("Necessity", "Necessity"),
        ("GroupId", "GroupId"),
        ("RaspDefend", "RaspDefend"),
        ("Ids", "PrimaryId"),
        ("Remark", "InstanceId"),
    ] {
        let found = all(&emulator, &[(filter, &text(member))], 1000).await;
        let expected: Vec<Value> =
            open.iter().filter(|other| other[member] == one[member]).cloned().collect();
        assert!(!found.is_empty() && found.len() < open.len(), "{filter}");
        assert_eq!(found, expected, "{filter}");
    }
    for (filter, value, count) in [
        ("StatusList", "1,4", open.len()),
        ("StatusList", "7", 0),
        ("Dealed", "y", 0),
        ("TargetType", "uuid", open.len()),
        ("TargetType", "containerId", 0),
        ("ClusterId", "c1", 0),
        ("Uuids", "unknown", 0),
        ("Necessity", "asap,later,nntf", open.len()),
    ] {
        assert_eq!(all(&emulator, &[(filter, value)], 1000).await.len(), count, "{filter} {value}");
    }
    let both = emulator.reply("DescribeVulList", &[("Type", "app"), ("AttachTypes", "sca")]).await;
    let is_one = |finding: &&Value| ["app", "sca"].contains(&finding["Type"].as_str().unwrap());
    assert_eq!(number(&both["TotalCount"]), open.iter().filter(is_one).count() as u64);

    let related = open[0]["Related"].as_str().unwrap().split(',').next().unwrap();
    let of_cve = emulator.reply("DescribeGroupedVul", &[("CveId", related)]).await;
    assert_eq!((number(&of_cve["TotalCount"]), &of_cve["GroupedVulItems"][0]["Name"]), (1, &open[0]["Name"]));
    let tagged =
        emulator.reply("DescribeGroupedVul", &[("SearchTags", "Exploit Exists"), ("PageSize", "1000")]).await;
    let tagged = tagged["GroupedVulItems"].as_array().unwrap();
    assert!(
        !tagged.is_empty()
            && tagged.iter().all(|group| group["Tags"].as_str().unwrap().contains("Exploit Exists"))
    );
}

#[tokio::test]
async fn pages_by_token_lead_through_the_whole_list() {
    let emulator = TestEmulator::new(SERVERS);
    let whole = emulator.reply("DescribeVulList", &[("Type", "sca"), ("PageSize", "1000")]).await;
    let (mut token, mut found) = (String::new(), Vec::new());
    loop {
        let paging = [("Type", "sca"), ("PageSize", "7"), ("UseNextToken", "true"), ("NextToken", &token)];
        let page = emulator.reply("DescribeVulList", &paging).await;
        assert!(page.get("TotalCount").is_none());
        found.extend(records(&page).iter().cloned());
        token = page["NextToken"].as_str().unwrap().to_owned();
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(&found, records(&whole));
    let wrong = [("Type", "sca"), ("UseNextToken", "true"), ("NextToken", "x")];
    assert_eq!(emulator.refusal("DescribeVulList", &wrong).await.1, "IllegalParam");
}

#[tokio::test]
async fn a_repair_runs_and_the_finding_is_fixed_for_good() {
    let emulator = TestEmulator::new(SERVERS);
    let finding = open_finding(&emulator).await;
    operate(&emulator, &finding, "vul_fix").await;
    assert_eq!(status(&emulator, &finding).await, 4);
    emulator.advance(seconds(6));
    let id = finding["PrimaryId"].to_string();
    let fixing = emulator.reply("DescribeVulList", &[("Type", "cve"), ("Ids", &id)]).await;
    assert_eq!((&records(&fixing)[0]["Status"], &records(&fixing)[0]["Progress"]), (&json!(4), &json!(50)));
    let statistics = emulator.reply("DescribeVulFixStatistics", &[]).await;
    assert_eq!(
        (&statistics["FixTotal"]["FixingNum"], &statistics["FixTotal"]["FixedTodayNum"]),
        (&json!(1), &json!(0))
    );
    let state = emulator.snapshot().await;
    for _ in 0..2 {
        emulator.advance(seconds(4));
        let fixed = emulator.reply("DescribeVulList", &[("Type", "cve"), ("Ids", &id)]).await;
        let record = &records(&fixed)[0];
        assert!([7, 8].contains(&number(&record["Status"])) && record["RepairTs"].is_u64(), "{record}");
        assert!(record.get("Progress").is_none());
        let statistics = emulator.reply("DescribeVulFixStatistics", &[]).await;
        assert_eq!(statistics["FixTotal"]["FixedTodayNum"], 1);
        emulator.control("PUT", "state", &state).await;
    }
    emulator.advance(seconds(4));
    let done = status(&emulator, &finding).await;
    let state = emulator.snapshot().await;
    emulator.control("PUT", "state", &state).await;
    emulator.reply("ModifyStartVulScan", &[]).await;
    emulator.advance(seconds(60));
    assert_eq!(status(&emulator, &finding).await, done);
    // On the next day it is none of that day any more.
    emulator.advance(seconds(24 * 60 * 60));
    let statistics = emulator.reply("DescribeVulFixStatistics", &[]).await;
    assert_eq!(
        (&statistics["FixTotal"]["FixedTotalNum"], &statistics["FixTotal"]["FixedTodayNum"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test]
async fn a_repair_fails_where_the_agent_is_offline_or_the_plan_says_so() {
    let emulator =
        TestEmulator::new("world: { servers: 6, offline: 50%, vulnerabilities: { per_server: 20 } }\n");
    let reply = emulator.reply("DescribeVulList", &[("Type", "cve"), ("PageSize", "1000")]).await;
    let names: Vec<&str> = records(&reply).iter().map(|record| record["Name"].as_str().unwrap()).collect();
    let uuids: Vec<&str> = records(&reply).iter().map(|record| record["Uuid"].as_str().unwrap()).collect();
    let mut call = TestCall::new("OperateVuls").param("Type", "cve").param("OperateType", "vul_fix");
    for (place, name) in names.iter().enumerate() {
        call = call.param(&format!("VulNames.{}", place + 1), name);
    }
    for (place, uuid) in uuids.iter().enumerate() {
        call = call.param(&format!("Uuids.{}", place + 1), uuid);
    }
    emulator.body(call).await;
    emulator.advance(seconds(10));
    let reply = emulator.reply("DescribeVulList", &[("Type", "cve"), ("PageSize", "1000")]).await;
    for record in records(&reply) {
        let status = number(&record["Status"]);
        assert!(if record["Online"] == true { [7, 8].contains(&status) } else { status == 2 }, "{record}");
    }
    let failing = format!("{SERVERS}lifecycles: {{ VUL_FIX: {{ outcome: fail }} }}\n");
    let emulator = TestEmulator::new(&failing);
    let finding = open_finding(&emulator).await;
    operate(&emulator, &finding, "vul_fix").await;
    emulator.advance(seconds(10));
    assert_eq!(status(&emulator, &finding).await, 2);
    // What failed can be tried again.
    operate(&emulator, &finding, "vul_fix").await;
    assert_eq!(status(&emulator, &finding).await, 4);
}

#[tokio::test]
async fn findings_are_verified_ignored_and_deleted() {
    let emulator = TestEmulator::new(SERVERS);
    let finding = open_finding(&emulator).await;
    for (how, expected) in [
        ("vul_undo_ignore", json!(1)),
        ("vul_ignore", json!(10)),
        ("vul_fix", json!(10)),
        ("vul_undo_ignore", json!(1)),
        ("vul_verify", json!(6)),
        ("vul_ignore", json!(6)),
    ] {
        operate(&emulator, &finding, how).await;
        assert_eq!(status(&emulator, &finding).await, expected, "{how}");
    }
    emulator.advance(seconds(10));
    assert_eq!(status(&emulator, &finding).await, 1, "it is still there");
    operate(&emulator, &finding, "vul_delete").await;
    assert_eq!(status(&emulator, &finding).await, Value::Null);
    emulator.reply("ModifyStartVulScan", &[("Types", "sca")]).await;
    emulator.advance(seconds(10));
    assert_eq!(status(&emulator, &finding).await, Value::Null);
    emulator.reply("ModifyStartVulScan", &[("Types", "cve")]).await;
    emulator.advance(seconds(10));
    assert_eq!(status(&emulator, &finding).await, 1, "a scan for it finds it again");

    let refused = [("Type", "sca"), ("OperateType", "vul_fix"), ("Info", "[]")];
    assert_eq!(emulator.refusal("ModifyOperateVul", &refused).await.1, "IllegalParam");
    for (name, value) in [("OperateType", "fix"), ("Info", "{"), ("Type", "x")] {
        let mut params = vec![("Type", "cve"), ("OperateType", "vul_ignore"), ("Info", "[]")];
        params.retain(|(other, _)| *other != name);
        params.push((name, value));
        assert_eq!(emulator.refusal("ModifyOperateVul", &params).await.1, "IllegalParam", "{name}");
    }
}

#[tokio::test]
async fn white_lists_leave_findings_out() {
    let emulator = TestEmulator::new("world: { servers: 10, vulnerabilities: { per_server: 30 } }\n");
    let before = all(&emulator, &[], 1000).await;
    let count =
        |findings: &[Value], name: &Value| findings.iter().filter(|finding| finding["Name"] == *name).count();
    let one = before.iter().find(|finding| count(&before, &finding["Name"]) > 2).unwrap();
    let listed =
        json!([{"Name": one["Name"], "Type": one["Type"], "AliasName": one["AliasName"]}]).to_string();
    let target = json!({"type": "Uuid", "uuids": [one["Uuid"]], "groupIds": []}).to_string();
    let made = [("Whitelist", &*listed), ("TargetInfo", &target), ("Reason", "a test")];
    let id = emulator.reply("ModifyCreateVulWhitelist", &made).await["VulWhitelistList"]["Id"].to_string();
    assert_eq!(all(&emulator, &[], 1000).await.len(), before.len() - 1);
    emulator.reply("ModifyCreateVulWhitelist", &[("Whitelist", &listed)]).await;
    assert_eq!(all(&emulator, &[], 1000).await.len(), before.len() - count(&before, &one["Name"]));
    insta::assert_json_snapshot!(emulator.reply("DescribeVulWhitelist", &[]).await, @r#"
    {
      "RequestId": "DDABCE7F-5429-5413-B881-EE3E7A34011F",
      "CurrentPage": 1,
      "PageSize": 10,
      "TotalCount": 2,
      "Count": 2,
      "VulWhitelists": [
        {
          "Id": "1",
          "Type": "cve",
          "Name": "emulated-linux:EMSA-2099:00001",
          "AliasName": "EMSA-2099:00001: security update of libharbor",
          "Reason": "a test",
          "TargetInfo": "{\"type\":\"Uuid\",\"uuids\":[\"00000000-0000-4000-8000-000000000006\"],\"groupIds\":[]}",
          "Whitelist": "{\"name\":\"emulated-linux:EMSA-2099:00001\",\"type\":\"cve\",\"aliasName\":\"EMSA-2099:00001: security update of libharbor\"}"
        },
        {
          "Id": "2",
          "Type": "cve",
          "Name": "emulated-linux:EMSA-2099:00001",
          "AliasName": "EMSA-2099:00001: security update of libharbor",
          "Reason": "",
          "TargetInfo": "",
          "Whitelist": "{\"name\":\"emulated-linux:EMSA-2099:00001\",\"type\":\"cve\",\"aliasName\":\"EMSA-2099:00001: security update of libharbor\"}"
        }
      ]
    }
    "#);
    let state = emulator.snapshot().await;
    emulator.control("PUT", "state", &state).await;
    emulator.reply("DeleteVulWhitelist", &[("Whitelist", &listed), ("Id", "2")]).await;
    assert_eq!(all(&emulator, &[], 1000).await.len(), before.len() - 1);
    emulator.reply("DeleteVulWhitelist", &[("Id", &id)]).await;
    assert_eq!(all(&emulator, &[], 1000).await, before);
    for target in ["{", r#"{"type":"Uuid"}"#, r#"{"type":"GroupId","groupIds":[]}"#, r#"{"type":"x"}"#] {
        let wrong = [("Whitelist", &*listed), ("TargetInfo", target)];
        assert_eq!(emulator.refusal("ModifyCreateVulWhitelist", &wrong).await.1, "IllegalParam", "{target}");
    }
    assert_eq!(emulator.refusal("ModifyCreateVulWhitelist", &[("Whitelist", "[]")]).await.1, "IllegalParam");
    assert_eq!(emulator.refusal("DeleteVulWhitelist", &[]).await.1, "IllegalParam");
}

#[tokio::test]
async fn a_scan_sees_findings_again_and_finds_and_loses_as_the_scenario_says() {
    let emulator = TestEmulator::new(SERVERS);
    let latest = async |kind: &str, uuid: &str| {
        let reply = emulator.reply("DescribeVulList", &[("Type", kind), ("Uuids", uuid)]).await;
        records(&reply).iter().map(|record| number(&record["LastTs"])).max().unwrap()
    };
    let findings = all(&emulator, &[("Remark", "server-")], 1000).await;
    let sca = findings.iter().find(|finding| finding["Type"] == "sca" && finding["Online"] == true).unwrap();
    let uuid = sca["Uuid"].as_str().unwrap();
    let before = latest("sca", uuid).await;
    emulator.reply("ModifyPushAllTask", &[("Tasks", "SCA"), ("Uuids", uuid)]).await;
    emulator.advance(seconds(10));
    let after = latest("sca", uuid).await;
    assert!(after > before + 60 * 60 * 1000, "{before} {after}");
    let other = findings.iter().find(|finding| finding["Type"] == "sca" && finding["Uuid"] != *uuid).unwrap();
    assert!(latest("sca", other["Uuid"].as_str().unwrap()).await < after, "it was not scanned");
    assert_eq!(all(&emulator, &[], 1000).await.len(), findings.len());

    let scenario =
        "world: { servers: 50, vulnerabilities: { per_server: 5, found_by_scan: 4, lost_by_scan: 1 } }\n";
    let emulator = TestEmulator::new(scenario);
    let before = all(&emulator, &[], 1000).await;
    for _ in 0..2 {
        emulator.reply("ModifyStartVulScan", &[]).await;
        emulator.advance(seconds(10));
    }
    let after = all(&emulator, &[], 1000).await;
    let ids = |list: &[Value]| {
        list.iter().map(|finding| number(&finding["PrimaryId"])).collect::<std::collections::BTreeSet<_>>()
    };
    let (before_ids, after_ids) = (ids(&before), ids(&after));
    let (lost, found) =
        (before_ids.difference(&after_ids).count(), after_ids.difference(&before_ids).count());
    assert!((60..140).contains(&lost) && (320..480).contains(&found), "{lost} lost, {found} found");
    let first = before.iter().map(|finding| number(&finding["LastTs"])).max().unwrap();
    let is_new = |finding: &&Value| !before_ids.contains(&number(&finding["PrimaryId"]));
    assert!(after.iter().filter(is_new).all(|finding| number(&finding["FirstTs"]) > first));
}

#[tokio::test]
async fn what_became_known_lately_is_looked_for_on_demand() {
    let emulator = TestEmulator::new(
        "world: { servers: 10, vulnerabilities: { per_server: 30, types: { emg: 50% } } }\n",
    );
    let items = emulator.reply("DescribeEmgVulItem", &[("PageSize", "100")]).await;
    let items = items["GroupedVulItems"].as_array().unwrap().clone();
    let listed = emulator.reply("DescribeVulList", &[("Type", "emg"), ("Dealed", "n")]).await;
    let pending: u64 = items.iter().map(|item| number(&item["PendingCount"])).sum();
    assert_eq!(pending, number(&listed["TotalCount"]));
    let at_risk = emulator.reply("DescribeEmgVulItem", &[("RiskStatus", "y")]).await;
    let is_at_risk = |item: &&Value| number(&item["PendingCount"]) > 0;
    assert_eq!(number(&at_risk["TotalCount"]), items.iter().filter(is_at_risk).count() as u64);
    let scanned = emulator.reply("DescribeEmgVulItem", &[("ScanType", "scan"), ("CheckType", "1")]).await;
    assert_eq!(scanned["TotalCount"], 0);
    let name = items[0]["Name"].as_str().unwrap();
    emulator.reply("ModifyEmgVulSubmit", &[("Name", name), ("UserAgreement", "yes")]).await;
    emulator.advance(seconds(10));
    let again = emulator.reply("DescribeEmgVulItem", &[("PageSize", "1")]).await;
    let checked = number(&again["GroupedVulItems"][0]["GmtLastCheck"]);
    assert!(checked > number(&items[0]["GmtLastCheck"]));
    let unknown = [("Name", "x"), ("UserAgreement", "yes")];
    assert_eq!(emulator.refusal("ModifyEmgVulSubmit", &unknown).await.1, "IllegalParam");
}

#[tokio::test]
async fn accounts_and_seeds_have_worlds_of_their_own() {
    let emulator = TestEmulator::new(SERVERS);
    let one = all(&emulator, &[], 1000).await;
    assert_eq!(all(&emulator, &[], 1000).await, one);
    assert_eq!(all(&TestEmulator::new(SERVERS), &[], 1000).await, one);
    assert_ne!(all(&Setup::new(SERVERS).seed(9).start(), &[], 1000).await, one);
    let state: Value = serde_json::from_str(&emulator.snapshot().await).unwrap();
    let (_, account) = state["accounts"].as_object().unwrap().iter().next().unwrap();
    assert!(account["holds"].get("posture").is_none(), "who only reads stores nothing");
}

#[tokio::test]
async fn components_are_those_in_which_vulnerabilities_were_found() {
    let emulator = TestEmulator::new(SERVERS);
    let listed = emulator.reply("DescribeVulList", &[("Type", "sca"), ("PageSize", "1000")]).await;
    let reply = emulator.reply("DescribePropertyScaDetail", &[("PageSize", "1000"), ("Biz", "sca")]).await;
    let components = reply["Propertys"].as_array().unwrap();
    assert_eq!(reply["PageInfo"]["TotalCount"], listed["TotalCount"]);
    for (component, record) in components.iter().zip(records(&listed)) {
        let package = &record["ExtendContentJson"]["RpmEntityList"][0];
        let of_record = [&record["Uuid"], &package["Name"], &package["Version"], &package["Path"]];
        assert_eq!(["Uuid", "Name", "Version", "Path"].map(|member| &component[member]), of_record);
    }
    let one = &components[0];
    let (uuid, name) = (one["Uuid"].as_str().unwrap(), one["Name"].as_str().unwrap());
    for (filters, member) in [
        (&[("Uuid", uuid)][..], "Uuid"),
        (&[("ScaName", name)], "Name"),
        (&[("ScaNamePattern", &name[1..])], "Name"),
        (&[("SearchItem", "name"), ("SearchInfo", name)], "Name"),
        (&[("ScaVersion", one["Version"].as_str().unwrap())], "Version"),
    ] {
        let found =
            emulator.reply("DescribePropertyScaDetail", &[&[("PageSize", "1000")], filters].concat()).await;
        let expected = components.iter().filter(|other| other[member] == one[member]).count() as u64;
        assert_eq!(number(&found["PageInfo"]["TotalCount"]), expected, "{filters:?}");
    }
    for none in [("Biz", "sca_web"), ("BizType", "database")] {
        assert_eq!(emulator.reply("DescribePropertyScaDetail", &[none]).await["PageInfo"]["TotalCount"], 0);
    }
    insta::assert_json_snapshot!(emulator.reply("DescribePropertyScaDetail", &[("PageSize", "1")]).await, @r#"
    {
      "RequestId": "224AB9DF-1939-5F25-AFB7-1F7469185957",
      "PageInfo": {
        "TotalCount": 29,
        "CurrentPage": 1,
        "PageSize": 1,
        "Count": 1
      },
      "Propertys": [
        {
          "Uuid": "00000000-0000-4000-8000-000000000008",
          "InstanceId": "i-emulated0008",
          "InstanceName": "server-8",
          "InternetIp": "203.0.113.8",
          "IntranetIp": "192.168.0.8",
          "Ip": "203.0.113.8",
          "Name": "rowan-http",
          "Version": "4.17-100",
          "Path": "/opt/app/lib/rowan-http-4.17-100.jar",
          "Type": "jar",
          "BizType": "jar",
          "BizTypeDispaly": "jar",
          "CreateTimestamp": 1763509212
        }
      ]
    }
    "#);
}
