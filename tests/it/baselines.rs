//! Baseline checks of servers: what they find, filtered and counted, and the strategies that run them.

use serde_json::Value;

use crate::harness::baselines::{FLEET, pages, sum, transcript};
use crate::harness::{Setup, TestCall, TestEmulator};

/// Summaries, lists of items, of servers and of items on servers, and what the list of servers shows.
#[tokio::test]
async fn all_counts_of_baselines_agree_for_every_seed() {
    let mut found = 0;
    for seed in 0..8 {
        let emulator = Setup::new(FLEET).seed(seed).start();
        let servers = pages(&emulator, "DescribeCloudCenterInstances", "Instances", &[]).await;
        let summaries = pages(&emulator, "DescribeCheckWarningSummary", "WarningSummarys", &[]).await;
        let mut on_items = std::collections::BTreeMap::<u64, u64>::new();
        let mut on_servers = std::collections::BTreeMap::<String, u64>::new();
        for summary in &summaries {
            let risk = summary["RiskId"].to_string();
            let machines =
                pages(&emulator, "DescribeWarningMachines", "WarningMachines", &[("RiskId", &risk)]).await;
            let with_risk = [("RiskId", risk.as_str()), ("HaveRisk", "1")];
            let with_risk = pages(&emulator, "DescribeWarningMachines", "WarningMachines", &with_risk).await;
            assert_eq!(machines[..with_risk.len()], with_risk);
            assert_eq!(summary["WarningMachineCount"], with_risk.len());
            let mut levels = std::collections::BTreeSet::new();
            for machine in &machines {
                let uuid = machine["Uuid"].as_str().unwrap();
                let params = [("RiskId", risk.as_str()), ("Uuid", uuid)];
                let warnings = pages(&emulator, "DescribeCheckWarnings", "CheckWarnings", &params).await;
                assert_eq!(warnings.len() as u64, summary["CheckCount"].as_u64().unwrap());
                let (failed, passed): (Vec<_>, Vec<_>) =
                    warnings.into_iter().partition(|warning| warning["Status"] == 1);
                assert_eq!(machine["PassCount"], passed.len());
                for (level, member) in [
                    ("high", "HighWarningCount"),
                    ("medium", "MediumWarningCount"),
                    ("low", "LowWarningCount"),
                ] {
                    let of_level = failed.iter().filter(|warning| warning["Level"] == level);
                    assert_eq!(machine[member], of_level.count());
                }
                for warning in failed {
                    let item = warning["CheckId"].as_u64().unwrap();
                    *on_items.entry(item).or_default() += 1;
                    *on_servers.entry(uuid.to_owned()).or_default() += 1;
                    levels.insert((warning["Level"].as_str().unwrap().to_owned(), item));
                }
            }
            for (level, member) in
                [("high", "HighWarningCount"), ("medium", "MediumWarningCount"), ("low", "LowWarningCount")]
            {
                assert_eq!(summary[member], levels.iter().filter(|(one, _)| one == level).count());
            }
        }
        let items = pages(&emulator, "ListCheckItemWarningSummary", "List", &[]).await;
        for item in &items {
            let id = item["CheckId"].as_u64().unwrap();
            assert_eq!(
                item["WarningMachineCount"].as_u64().unwrap(),
                on_items.get(&id).copied().unwrap_or(0)
            );
            let params = [("CheckId", &*id.to_string()), ("Status", "1")];
            let machines = pages(&emulator, "ListCheckItemWarningMachine", "List", &params).await;
            assert_eq!(item["WarningMachineCount"], machines.len());
        }
        assert_eq!(items.len() as u64, sum(&summaries, "CheckCount"));
        assert_eq!(sum(&items, "WarningMachineCount"), sum(&servers, "HealthCheckCount"));
        for server in &servers {
            let failed = on_servers.get(server["Uuid"].as_str().unwrap()).copied().unwrap_or(0);
            assert_eq!(server["HealthCheckCount"], failed);
            assert_eq!(server["HcStatus"], if failed > 0 { "YES" } else { "NO" });
        }
        let criteria = r#"[{"name":"hcStatus","value":"YES"}]"#;
        let risky = emulator.reply("DescribeCloudCenterInstances", &[("Criteria", criteria)]).await;
        assert_eq!(risky["PageInfo"]["TotalCount"], on_servers.len());
        found += sum(&items, "WarningMachineCount");
        let before = transcript(&emulator).await;
        assert_eq!(transcript(&emulator).await, before, "nothing is consumed");
        let restored = TestEmulator::new(FLEET);
        assert_eq!(restored.control("PUT", "state", &emulator.snapshot().await).await.status, 200);
        assert_eq!(transcript(&restored).await, before);
    }
    // Six on each of the six servers that have an agent.
    assert!((150..450).contains(&found), "{found}");
}

#[tokio::test]
async fn a_scenario_says_how_much_fails() {
    let count = async |scenario: &str| {
        let emulator = TestEmulator::new(scenario);
        let items = pages(&emulator, "ListCheckItemWarningSummary", "List", &[]).await;
        sum(&items, "WarningMachineCount")
    };
    assert_eq!(count("world: { baseline: { per_server: 0 } }\n").await, 0);
    assert!(count("world: { baseline: { per_server: 20 } }\n").await > count("default").await);
}

#[tokio::test]
async fn documented_filters_of_baselines_filter() {
    let emulator = TestEmulator::new(FLEET);
    let all = pages(&emulator, "DescribeCheckWarningSummary", "WarningSummarys", &[]).await;
    let summaries = async |params: &[(&str, &str)]| {
        pages(&emulator, "DescribeCheckWarningSummary", "WarningSummarys", params).await
    };
    let failing: Vec<Value> = all.iter().filter(|one| one["WarningMachineCount"] != 0).cloned().collect();
    assert_eq!(summaries(&[("RiskStatus", "1")]).await, failing);
    assert_eq!(summaries(&[("RiskStatus", "3")]).await.len(), all.len() - failing.len());
    assert_eq!(summaries(&[("Status", "1")]).await, failing);
    assert!(summaries(&[("Status", "6")]).await.is_empty());
    let databases = summaries(&[("TypeName", "database")]).await;
    assert!(databases.iter().all(|one| one["TypeAlias"] == "Database" && one["DatabaseRisk"] == true));
    assert_eq!(summaries(&[("RiskName", "weak passwords of")]).await.len(), 3);
    assert_eq!(summaries(&[("StrategyId", "1")]).await, all);
    assert!(summaries(&[("StrategyId", "7")]).await.is_empty());
    assert_eq!(summaries(&[("GroupId", "1")]).await, all);
    assert!(summaries(&[("GroupId", "7")]).await.is_empty());
    let windows = summaries(&[("Uuids", "00000000-0000-4000-8000-000000000002")]).await;
    assert!(
        !windows.is_empty() && windows.iter().all(|one| one["WarningMachineCount"].as_u64().unwrap() <= 1)
    );
    assert!(windows.iter().all(|one| one["RiskName"] != "Linux"));
    assert_eq!(
        emulator.refusal("DescribeCheckWarningSummary", &[("ClusterId", "c")]).await.1,
        "OperationNotModelled"
    );

    let items =
        async |params: &[(&str, &str)]| pages(&emulator, "ListCheckItemWarningSummary", "List", params).await;
    assert!(items(&[("CheckLevel", "low")]).await.iter().all(|item| item["CheckLevel"] == "low"));
    assert_eq!(items(&[("CheckItemFuzzy", "PASSWORD EXPIRE")]).await.len(), 0);
    assert_eq!(items(&[("CheckItemFuzzy", "Passwords expire")]).await.len(), 2);
    let failed = items(&[("CheckWarningStatus", "1")]).await;
    assert_eq!(items(&[("CheckWarningStatusList.1", "1"), ("CheckWarningStatusList.2", "6")]).await, failed);
    let both = items(&[("CheckWarningStatus", "1"), ("CheckWarningStatusList.1", "3")]).await;
    assert_eq!(both, failed, "the single status counts");
    assert!(items(&[("Source", "agentless")]).await.is_empty());
    assert!(
        items(&[("RiskType", "weak_password")]).await.iter().all(|item| item["Alias"] == "Weak password")
    );
    assert!(items(&[("UuidList.1", "none")]).await.is_empty());

    let types = emulator.reply("DescribeRiskType", &[]).await;
    let subtypes = types["RiskTypes"].as_array().unwrap().iter();
    let subtypes: usize = subtypes.map(|kind| kind["SubTypes"].as_array().unwrap().len()).sum();
    assert_eq!(subtypes, all.len(), "in this fleet every baseline is checked somewhere");
}

#[tokio::test]
async fn an_alert_has_details() {
    let emulator = TestEmulator::new("world: { baseline: { per_server: 20 } }\n");
    let uuid = "00000000-0000-4000-8000-000000000001";
    let warnings = pages(&emulator, "DescribeCheckWarnings", "CheckWarnings", &[("Uuid", uuid)]).await;
    for warning in warnings {
        let id = warning["CheckWarningId"].to_string();
        let detail = emulator.reply("DescribeCheckWarningDetail", &[("CheckWarningId", &id)]).await;
        for member in ["CheckId", "Item", "Level", "Type"] {
            assert_eq!(detail[member], warning[member]);
        }
        let item = warning["CheckId"].to_string();
        let params = [("CheckId", item.as_str()), ("Uuid", uuid)];
        assert_eq!(emulator.reply("DescribeCheckWarningDetail", &params).await["Item"], warning["Item"]);
    }
    assert_eq!(emulator.refusal("DescribeCheckWarningDetail", &[]).await.1, "IllegalParam");
    for unknown in ["0", "-9223372036854775808", "9223372036854775807"] {
        let detail = emulator.reply("DescribeCheckWarningDetail", &[("CheckWarningId", unknown)]).await;
        assert_eq!(detail["Item"], Value::Null);
    }
}

#[tokio::test]
async fn a_summary_as_json_and_as_xml() {
    let emulator = TestEmulator::new("default");
    let params = [("TypeName", "system")];
    insta::assert_json_snapshot!(emulator.reply("DescribeCheckWarningSummary", &params).await, @r#"
    {
      "RequestId": "EA5F17B1-17A7-53E4-84CE-9CC52DE88E34",
      "TotalCount": 1,
      "CurrentPage": 1,
      "PageSize": 20,
      "Count": 1,
      "WarningSummarys": [
        {
          "RiskId": 401,
          "RiskName": "Linux",
          "Level": "medium",
          "TypeAlias": "System",
          "SubTypeAlias": "Linux",
          "CheckCount": 8,
          "WarningMachineCount": 1,
          "LastFoundTime": "2026-01-02 00:23:53",
          "CheckExploit": false,
          "DatabaseRisk": false,
          "ContainerRisk": false,
          "HighWarningCount": 1,
          "MediumWarningCount": 0,
          "LowWarningCount": 2
        }
      ]
    }
    "#);
    let call = TestCall::new("DescribeCheckWarningSummary").param("TypeName", "system");
    let xml = emulator.call(call.with(|call| call.format = Some("XML".into()))).await;
    insta::assert_snapshot!(xml.body, @"<?xml version='1.0' encoding='UTF-8'?><DescribeCheckWarningSummaryResponse><RequestId>C6E2A5C4-411B-5768-8398-0E728E03ED03</RequestId><TotalCount>1</TotalCount><CurrentPage>1</CurrentPage><PageSize>20</PageSize><Count>1</Count><WarningSummarys><WarningSummary><RiskId>401</RiskId><RiskName>Linux</RiskName><Level>medium</Level><TypeAlias>System</TypeAlias><SubTypeAlias>Linux</SubTypeAlias><CheckCount>8</CheckCount><WarningMachineCount>1</WarningMachineCount><LastFoundTime>2026-01-02 00:23:53</LastFoundTime><CheckExploit>false</CheckExploit><DatabaseRisk>false</DatabaseRisk><ContainerRisk>false</ContainerRisk><HighWarningCount>1</HighWarningCount><MediumWarningCount>0</MediumWarningCount><LowWarningCount>2</LowWarningCount></WarningSummary></WarningSummarys></DescribeCheckWarningSummaryResponse>");
}
