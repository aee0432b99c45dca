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
    insta::assert_json_snapshot!(emulator.body(call()).await, @"");
    let xml = emulator.call(call().with(|call| call.format = Some("XML".into()))).await;
    insta::assert_snapshot!(xml.body, @"");
}

#[tokio::test]
async fn groups_details_and_statistics() {
    let emulator = TestEmulator::new("world: { servers: 3, vulnerabilities: { per_server: 20 } }\n");
    let groups = emulator.reply("DescribeGroupedVul", &[("Type", "sca"), ("PageSize", "1")]).await;
    insta::assert_json_snapshot!(groups, @"");
    let (name, kind) = (groups["GroupedVulItems"][0]["Name"].as_str().unwrap(), "sca");
    let details = [("Type", kind), ("Name", name), ("Lang", "en")];
    insta::assert_json_snapshot!(emulator.reply("DescribeVulDetails", &details).await, @"");
    let unknown = [("Type", "cve"), ("Name", name), ("Lang", "en")];
    assert_eq!(emulator.reply("DescribeVulDetails", &unknown).await["Cves"], json!([]));
    insta::assert_json_snapshot!(emulator.reply("DescribeVulFixStatistics", &[]).await, @"");
    insta::assert_json_snapshot!(emulator.reply("DescribeVulNumStatistics", &[]).await, @"");
    insta::assert_json_snapshot!(emulator.reply("DescribeEmgVulItem", &[("PageSize", "1")]).await, @"");
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
        json!([{"name": finding["Name"], "type": finding["Type"], "aliasName": finding["AliasName"]}]).to_string()
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
    let by_level = levels.map(|level| open.iter().filter(|finding| finding["Necessity"] == level).count() as u64);

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
        let is_one = |finding: &&Value| {
            finding["Type"] != "sca" && statuses.contains(&number(&finding["Status"]))
        };
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
        "{}\n",
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
        let expected: Vec<Value> = open.iter().filter(|other| other[member] == one[member]).cloned().collect();
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
    let tagged = emulator.reply("DescribeGroupedVul", &[("SearchTags", "Exploit Exists"), ("PageSize", "1000")]).await;
    let tagged = tagged["GroupedVulItems"].as_array().unwrap();
    assert!(!tagged.is_empty() && tagged.iter().all(|group| group["Tags"].as_str().unwrap().contains("Exploit Exists")));
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
    assert_eq!((&statistics["FixTotal"]["FixingNum"], &statistics["FixTotal"]["FixedTodayNum"]), (&json!(1), &json!(0)));
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
    assert_eq!((&statistics["FixTotal"]["FixedTotalNum"], &statistics["FixTotal"]["FixedTodayNum"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn a_repair_fails_where_the_agent_is_offline_or_the_plan_says_so() {
    let emulator = TestEmulator::new("world: { servers: 6, offline: 50%, vulnerabilities: { per_server: 20 } }\n");
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
    let failing = format!("{SERVERS}lifecycles: {{ VUL_FIX: {{ outcome: FAIL }} }}\n");
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
    let count = |findings: &[Value], name: &Value| findings.iter().filter(|finding| finding["Name"] == *name).count();
    let one = before.iter().find(|finding| count(&before, &finding["Name"]) > 2).unwrap();
    let listed = json!([{"Name": one["Name"], "Type": one["Type"], "AliasName": one["AliasName"]}]).to_string();
    let target = json!({"type": "Uuid", "uuids": [one["Uuid"]], "groupIds": []}).to_string();
    let made = [("Whitelist", &*listed), ("TargetInfo", &target), ("Reason", "a test")];
    let id = emulator.reply("ModifyCreateVulWhitelist", &made).await["VulWhitelistList"]["Id"].to_string();
    assert_eq!(all(&emulator, &[], 1000).await.len(), before.len() - 1);
    emulator.reply("ModifyCreateVulWhitelist", &[("Whitelist", &listed)]).await;
    assert_eq!(all(&emulator, &[], 1000).await.len(), before.len() - count(&before, &one["Name"]));
    insta::assert_json_snapshot!(emulator.reply("DescribeVulWhitelist", &[]).await, @"");
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
    let (start, before) = (1_767_323_045_000, latest("sca", uuid).await);
    let now = number(&emulator.control("GET", "clock", "").await.json()["now"].as_str().map_or(json!(0), |_| json!(start)));
    assert!(before < now);
    emulator.reply("ModifyPushAllTask", &[("Tasks", "SCA"), ("Uuids", uuid)]).await;
    emulator.advance(seconds(10));
    let after = latest("sca", uuid).await;
    assert!(after > before + 10_000, "{before} {after}");
    let other = findings.iter().find(|finding| finding["Type"] == "sca" && finding["Uuid"] != *uuid).unwrap();
    assert!(latest("sca", other["Uuid"].as_str().unwrap()).await < after, "it was not scanned");
    assert_eq!(all(&emulator, &[], 1000).await.len(), findings.len());

    let scenario = "world: { servers: 50, vulnerabilities: { per_server: 5, found_by_scan: 4, lost_by_scan: 1 } }\n";
    let emulator = TestEmulator::new(scenario);
    let before = all(&emulator, &[], 1000).await;
    for _ in 0..2 {
        emulator.reply("ModifyStartVulScan", &[]).await;
        emulator.advance(seconds(10));
    }
    let after = all(&emulator, &[], 1000).await;
    let ids = |list: &[Value]| list.iter().map(|finding| number(&finding["PrimaryId"])).collect::<std::collections::BTreeSet<_>>();
    let (before_ids, after_ids) = (ids(&before), ids(&after));
    let (lost, found) = (before_ids.difference(&after_ids).count(), after_ids.difference(&before_ids).count());
    assert!((60..140).contains(&lost) && (320..480).contains(&found), "{lost} lost, {found} found");
    let first = before.iter().map(|finding| number(&finding["LastTs"])).max().unwrap();
    let is_new = |finding: &&Value| !before_ids.contains(&number(&finding["PrimaryId"]));
    assert!(after.iter().filter(is_new).all(|finding| number(&finding["FirstTs"]) > first));
}

#[tokio::test]
async fn what_became_known_lately_is_looked_for_on_demand() {
    let emulator = TestEmulator::new("world: { servers: 10, vulnerabilities: { per_server: 30, types: { emg: 50% } } }\n");
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
