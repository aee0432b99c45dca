//! Baseline checks of servers: what they find, filtered and counted, and the strategies that run them.

use serde_json::{Value, json};

use crate::harness::tasks::seconds;
use crate::harness::{Setup, TestCall, TestEmulator};

/// Servers of both platforms, one offline and one without an agent.
const FLEET: &str = "
world: { baseline: { per_server: 6 } }
assets:
  - {}
  - { os: windows }
  - { online: false }
  - { agent: missing }
  - {}
  - { os: windows }
  - {}
";

/// All items of a list, page by page, of which no two have more than three.
async fn pages(emulator: &TestEmulator, action: &str, list: &str, params: &[(&str, &str)]) -> Vec<Value> {
    let mut all = Vec::new();
    for number in 1.. {
        let number = format!("{number}");
        let page = [params, &[("CurrentPage", &number), ("PageSize", "3")]].concat();
        let reply = emulator.reply(action, &page).await;
        let info = if reply["PageInfo"].is_object() { &reply["PageInfo"] } else { &reply };
        let items = reply[list].as_array().unwrap();
        let count = info["Count"].as_u64().or(info["Count"].as_str().and_then(|count| count.parse().ok()));
        assert_eq!(count, Some(items.len() as u64), "{action}");
        all.extend(items.iter().cloned());
        if items.is_empty() {
            assert_eq!(info["TotalCount"], all.len(), "{action}");
            break;
        }
    }
    let whole = emulator.reply(action, &[params, &[("PageSize", "1000")]].concat()).await;
    assert_eq!(whole[list], json!(all), "{action}: pages are parts of one list");
    all
}

fn sum(items: &[Value], member: &str) -> u64 {
    items.iter().map(|item| item[member].as_u64().unwrap()).sum()
}

/// Everything that the reads of an account say.
async fn transcript(emulator: &TestEmulator) -> Vec<Value> {
    let mut all = Vec::new();
    for (action, list) in [
        ("DescribeCheckWarningSummary", "WarningSummarys"),
        ("ListCheckItemWarningSummary", "List"),
        ("ListCheckResult", "Checks"),
        ("DescribeExposedInstanceList", "ExposedInstances"),
    ] {
        all.extend(pages(emulator, action, list, &[]).await);
    }
    all
}

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

#[tokio::test]
async fn an_execution_of_a_strategy_has_progress_and_updates_the_times_of_what_it_checked() {
    let emulator = TestEmulator::new("assets: [{}, { online: false }, {}]\n");
    let detail = async || emulator.reply("DescribeStrategyExecDetail", &[("StrategyId", "1")]).await;
    let strategy = async || emulator.reply("DescribeStrategy", &[]).await["Strategies"][0].clone();
    let times = async || {
        let machines = pages(&emulator, "ListCheckItemWarningMachine", "List", &[("CheckId", "4012")]).await;
        let mut times: Vec<(String, i64)> = machines
            .iter()
            .map(|one| (one["InstanceName"].as_str().unwrap().into(), one["LastScanTime"].as_i64().unwrap()))
            .collect();
        times.sort();
        times
    };
    let found = async || {
        let all = pages(&emulator, "DescribeCheckWarningSummary", "WarningSummarys", &[]).await;
        all.iter().find(|one| one["RiskName"] == "Linux").unwrap()["LastFoundTime"].clone()
    };
    let scheduled = detail().await;
    assert_eq!((&scheduled["Source"], &scheduled["Percent"]), (&json!("Schedule"), &json!("100%")));
    assert_eq!((&scheduled["SuccessCount"], &scheduled["FailCount"]), (&json!(2), &json!(1)));
    let (before, found_before) = (times().await, found().await);

    emulator.reply("ExecStrategy", &[("StrategyId", "1")]).await;
    assert_eq!(
        emulator.refusal("ExecStrategy", &[("StrategyId", "1")]).await,
        (400, "StrategyRunning".to_owned())
    );
    emulator.advance(seconds(6));
    let running = detail().await;
    assert_eq!((&running["Percent"], &running["Source"]), (&json!("50%"), &json!("Manual")));
    let counts = ["SuccessCount", "FailCount", "InProcessCount"].map(|name| running[name].as_u64().unwrap());
    assert_eq!((counts.iter().sum::<u64>(), &running["EndTime"]), (3, &json!("")));
    assert_eq!((&strategy().await["ExecStatus"], &strategy().await["Percent"]), (&json!(2), &json!("50%")));
    assert_eq!(times().await, before, "not before the end");

    emulator.advance(seconds(10));
    insta::assert_json_snapshot!(detail().await, @r#"
    {
      "RequestId": "7416A826-C121-5A6B-893E-A8A725485894",
      "StartTime": "2026-01-02 11:04:05",
      "EndTime": "2026-01-02 11:04:15",
      "Percent": "100%",
      "Source": "Manual",
      "SuccessCount": 2,
      "FailCount": 1,
      "InProcessCount": 0,
      "FailedEcsList": [
        {
          "IP": "203.0.113.2",
          "InternetIp": "203.0.113.2",
          "IntranetIp": "192.168.0.2",
          "InstanceName": "server-2",
          "Reason": "The agent is offline"
        }
      ]
    }
    "#);
    assert_eq!((&strategy().await["ExecStatus"], &strategy().await["ProcessRate"]), (&json!(1), &json!(3)));
    // The end of the task, not the time of the next call; the server that was offline keeps its time.
    let after = times().await;
    assert_eq!(
        after.iter().map(|(_, at)| *at).collect::<Vec<_>>(),
        [1_767_323_055_000, before[1].1, 1_767_323_055_000]
    );
    assert_ne!(found().await, found_before);
    assert_eq!(found().await, "2026-01-02 11:04:15");

    let restored = TestEmulator::new("default");
    restored.control("PUT", "state", &emulator.snapshot().await).await;
    let machines = pages(&restored, "ListCheckItemWarningMachine", "List", &[("CheckId", "4012")]).await;
    assert!(machines.iter().any(|one| one["LastScanTime"] == 1_767_323_055_000_i64));
}

#[tokio::test]
async fn an_execution_can_be_ended_and_forced() {
    let emulator = TestEmulator::new("default");
    let detail = async || emulator.reply("DescribeStrategyExecDetail", &[("StrategyId", "1")]).await;
    emulator.reply("ExecStrategy", &[("StrategyId", "1")]).await;
    let terminate = [("StrategyId", "1"), ("ExecAction", "terminate")];
    emulator.reply("ExecStrategy", &terminate).await;
    emulator.reply("ExecStrategy", &terminate).await;
    assert_eq!((&detail().await["FailCount"], &detail().await["InProcessCount"]), (&json!(5), &json!(0)));
    assert_eq!(detail().await["FailedEcsList"].as_array().unwrap().len(), 5);
    let page = [("StrategyId", "1"), ("PageSize", "2"), ("CurrentPage", "3")];
    let page = emulator.reply("DescribeStrategyExecDetail", &page).await;
    assert_eq!(page["FailedEcsList"].as_array().unwrap().len(), 1);
    emulator.reply("ExecStrategy", &[("StrategyId", "1")]).await;
    emulator.advance(seconds(20));
    assert_eq!(detail().await["SuccessCount"], 5);
    for (name, value) in [("StrategyId", "7"), ("ExecAction", "exec")] {
        assert_eq!(emulator.refusal("ExecStrategy", &[(name, value)]).await.1, "IllegalParam");
    }
    let unknown = [("StrategyId", "1"), ("ExecAction", "pause")];
    assert_eq!(emulator.refusal("ExecStrategy", &unknown).await.1, "IllegalParam");
}

#[tokio::test]
async fn strategies_are_added_changed_and_deleted() {
    let emulator = TestEmulator::new("default");
    let new: &[(&str, &str)] = &[
        ("Name", "weekly"),
        ("CustomType", "custom"),
        ("CycleDays", "7"),
        ("StartTime", "06:00:00"),
        ("EndTime", "12:00:00"),
        ("RiskSubTypeName", "system_linux,hc_exploit_redis"),
        ("TargetType", "groupId"),
    ];
    let added = emulator.reply("ModifyStrategy", new).await;
    assert_eq!((&added["Success"], &added["Result"]["StrategyId"]), (&json!(true), &json!(2)));
    let listed = async |params: &[(&str, &str)]| {
        emulator.reply("DescribeStrategy", params).await["Strategies"].as_array().unwrap().clone()
    };
    assert_eq!(listed(&[]).await.len(), 2);
    let own = listed(&[("CustomType", "custom")]).await;
    assert_eq!(listed(&[("StrategyIds", "2,9")]).await, own);
    insta::assert_json_snapshot!(own, @r#"
    [
      {
        "Id": 2,
        "Name": "weekly",
        "CustomType": "custom",
        "Type": 2,
        "CycleDays": 7,
        "CycleStartTime": 6,
        "StartTime": "06:00:00",
        "EndTime": "12:00:00",
        "EcsCount": 5,
        "ProcessRate": 5,
        "PassRate": 93,
        "RiskCount": 11,
        "ExecStatus": 1,
        "ExecutionType": "Schedule",
        "UserModifyTime": 1767323045000,
        "ConfigTargets": [
          {
            "Flag": "add",
            "Target": "1",
            "TargetType": "groupId"
          }
        ]
      }
    ]
    "#);
    let covered = [("StrategyId", "2")];
    let summaries = pages(&emulator, "DescribeCheckWarningSummary", "WarningSummarys", &covered).await;
    assert!(summaries.iter().any(|one| one["RiskName"] == "Linux") && summaries.len() <= 2);
    let machines = [("StrategyId", "2"), ("RiskId", "402")];
    assert!(pages(&emulator, "DescribeWarningMachines", "WarningMachines", &machines).await.is_empty());

    let renamed = [new, &[("Id", "2"), ("Name", "renamed")]].concat();
    assert_eq!(emulator.reply("ModifyStrategy", &renamed).await["Result"]["StrategyId"], 2);
    assert_eq!(listed(&[("StrategyIds", "2")]).await[0]["Name"], "renamed");
    for (name, value) in [
        ("Id", "9"),
        ("Id", "x"),
        ("CycleDays", "2"),
        ("StartTime", "25:00:00"),
        ("RiskSubTypeName", "unknown"),
        ("CustomType", "other"),
    ] {
        let wrong = [new, &[(name, value)]].concat();
        assert_eq!(emulator.refusal("ModifyStrategy", &wrong).await.1, "IllegalParam", "{name}={value}");
    }
    emulator.reply("DeleteStrategy", &[("Id", "2")]).await;
    for id in ["1", "2"] {
        assert_eq!(emulator.refusal("DeleteStrategy", &[("Id", id)]).await.1, "IllegalParam");
    }
    assert_eq!(listed(&[]).await.len(), 1);
}
