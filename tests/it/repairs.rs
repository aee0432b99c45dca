//! What is done about vulnerabilities on the task clock: repairs, verifications, white lists and scans.

use serde_json::{Value, json};

use crate::harness::findings::{SERVERS, all, number, open_finding, operate, records, status};
use crate::harness::tasks::seconds;
use crate::harness::{TestCall, TestEmulator};

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
async fn a_scan_of_all_servers_renews_only_what_it_reached() {
    let emulator =
        TestEmulator::new("world: { servers: 8, offline: 50%, vulnerabilities: { per_server: 8 } }\n");
    let listed = async || {
        let reply = emulator.reply("DescribeVulList", &[("Type", "cve"), ("PageSize", "1000")]).await;
        records(&reply)
            .iter()
            .map(|record| (record["Online"] == true, number(&record["LastTs"])))
            .collect::<Vec<_>>()
    };
    let before = listed().await;
    emulator.reply("ModifyStartVulScan", &[]).await;
    emulator.advance(seconds(60));
    let after = listed().await;
    assert!(before.iter().any(|(is_online, _)| !is_online) && before.len() == after.len());
    for ((is_online, before), (_, after)) in before.iter().zip(&after) {
        assert_eq!(after > before, *is_online);
    }
    // A second one knows what the first one did.
    emulator.reply("ModifyStartVulScan", &[]).await;
    emulator.advance(seconds(60));
    for ((is_online, before), (_, after)) in after.iter().zip(listed().await) {
        assert_eq!(after > *before, *is_online);
    }
}

#[tokio::test]
async fn a_repair_has_its_effect_although_tasks_that_start_push_it_out() {
    let emulator = TestEmulator::new(&format!("{SERVERS}limits: {{ kept_tasks: 3 }}\n"));
    let finding = open_finding(&emulator).await;
    operate(&emulator, &finding, "vul_fix").await;
    emulator
        .reply(
            "CreateCycleTask",
            &[
                ("TaskType", "IMAGE_SCAN"),
                ("TaskName", "IMAGE_SCAN"),
                ("Enable", "1"),
                ("FirstDateStr", "1767312000000"),
                ("IntervalPeriod", "1"),
                ("PeriodUnit", "hour"),
                ("TargetStartTime", "0"),
                ("TargetEndTime", "6"),
                ("Param", "{}"),
            ],
        )
        .await;
    emulator.advance(seconds(24 * 60 * 60));
    assert!([7, 8].contains(&number(&status(&emulator, &finding).await)));
}
