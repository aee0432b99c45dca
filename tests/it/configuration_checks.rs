//! Checks of the configuration of cloud products: results, policy and progress; and what the internet can reach.

use serde_json::{Value, json};

use crate::harness::tasks::seconds;
use crate::harness::{Setup, TestCall, TestEmulator};

async fn results(emulator: &TestEmulator, params: &[(&str, &str)]) -> Vec<Value> {
    let params = [&[("PageSize", "1000")], params].concat();
    let reply = emulator.reply("ListCheckResult", &params).await;
    let checks = reply["Checks"].as_array().unwrap().clone();
    assert_eq!(reply["PageInfo"]["TotalCount"], checks.len());
    checks
}

/// How many checks have a status, and a level if one is named.
fn count(checks: &[Value], status: &str, level: Option<&str>) -> usize {
    let has =
        |check: &&Value| check["Status"] == status && level.is_none_or(|level| check["RiskLevel"] == level);
    checks.iter().filter(has).count()
}

#[tokio::test]
async fn all_counts_of_checks_agree_for_every_seed() {
    for seed in 0..8 {
        let emulator = Setup::new("world: { exposed: 60% }\n").seed(seed).start();
        let checks = results(&emulator, &[]).await;
        let summary = emulator.reply("GetCheckSummary", &[("IsItemStatistic", "true")]).await;
        let overall = &summary["OverallStatistic"];
        for (status, prefix) in [("PASS", "Pass"), ("NOT_PASS", "NotPass"), ("NOT_CHECK", "NotCheck")] {
            assert_eq!(overall[format!("{prefix}Count")], count(&checks, status, None));
            for (level, word) in [("HIGH", "High"), ("MEDIUM", "Medium"), ("LOW", "Low")] {
                assert_eq!(overall[format!("{prefix}{word}Count")], count(&checks, status, Some(level)));
            }
        }
        assert_eq!(summary["OverallItemStatistic"]["ResultCount"], checks.len());
        for kind in summary["Summarys"].as_array().unwrap() {
            let of_kind = results(&emulator, &[("Types.1", kind["Type"].as_str().unwrap())]).await;
            assert_eq!(kind["FailCount"], count(&of_kind, "NOT_PASS", None));
            for standard in kind["Standards"].as_array().unwrap() {
                let of_standard = results(&emulator, &[("StandardIds.1", &standard["Id"].to_string())]).await;
                assert_eq!(standard["PassCount"], count(&of_standard, "PASS", None));
                assert_eq!(standard["RiskLevelHighCount"], count(&of_standard, "NOT_PASS", Some("HIGH")));
            }
        }
        for check in &checks {
            let id = check["CheckId"].to_string();
            let instances = async |params: &[(&str, &str)]| {
                let params = [&[("CheckId", id.as_str()), ("PageSize", "1000")], params].concat();
                emulator.reply("ListCheckInstanceResult", &params).await
            };
            let all = instances(&[]).await;
            let failing = instances(&[("Statuses.1", "NOT_PASS")]).await;
            assert_eq!(failing["PageInfo"]["TotalCount"] != 0, check["Status"] == "NOT_PASS");
            assert_eq!(failing["PageInfo"]["Count"], failing["PageInfo"]["TotalCount"].to_string());
            let is_failing = |one: &&Value| one["Status"] == "NOT_PASS";
            let failing_of_all: Vec<&Value> =
                all["BasicData"].as_array().unwrap().iter().filter(is_failing).collect();
            assert_eq!(failing["BasicData"], json!(failing_of_all));
            let second = instances(&[("PageSize", "1"), ("CurrentPage", "2")]).await;
            let rest: Vec<Value> =
                all["BasicData"].as_array().unwrap().iter().skip(1).take(1).cloned().collect();
            assert_eq!(second["BasicData"], json!(rest));
        }

        let exposed = emulator.reply("DescribeExposedInstanceList", &[]).await;
        let servers = exposed["ExposedInstances"].as_array().unwrap();
        let statistics = emulator.reply("DescribeExposedStatistics", &[]).await;
        let distinct = |member: &str| {
            let values = servers.iter().map(|server| server[member].as_str().unwrap());
            values.collect::<std::collections::BTreeSet<_>>().len()
        };
        assert_eq!(exposed["PageInfo"]["TotalCount"], servers.len());
        for (member, expected) in [
            ("ExposedInstanceCount", servers.len()),
            ("ExposedEcsCount", servers.len()),
            ("ExposedIpCount", distinct("ExposureIp")),
            ("ExposedPortCount", distinct("ExposurePort")),
            ("ExposedComponentCount", distinct("ExposureComponent")),
        ] {
            assert_eq!(statistics[member], expected, "{member}");
        }
        for (member, of_one) in [
            ("ExposedAsapVulCount", "AsapVulCount"),
            ("ExposedLaterVulCount", "LaterVulCount"),
            ("ExposedNntfVulCount", "NntfVulCount"),
        ] {
            let sum: u64 = servers.iter().map(|server| server[of_one].as_u64().unwrap()).sum();
            assert_eq!(statistics[member], sum, "{member}");
        }
        let weak = emulator.reply("DescribeExposedInstanceList", &[("HealthStatus", "true")]).await;
        assert_eq!(statistics["ExposedWeekPasswordMachineCount"], weak["PageInfo"]["TotalCount"]);
        let criteria = r#"[{"name":"exposedStatus","value":"YES"}]"#;
        let listed = emulator.reply("DescribeCloudCenterInstances", &[("Criteria", criteria)]).await;
        assert_eq!(listed["PageInfo"]["TotalCount"], servers.len());
        assert!(listed["Instances"].as_array().unwrap().iter().all(|server| server["ExposedStatus"] == 1));
    }
}

#[tokio::test]
async fn documented_filters_of_checks_filter() {
    let emulator = TestEmulator::new("default");
    let all = results(&emulator, &[]).await;
    let by = async |name: &str, value: &str| results(&emulator, &[(name, value)]).await;
    let which =
        |is_wanted: fn(&Value) -> bool| all.iter().filter(|check| is_wanted(check)).cloned().collect();
    let expected: Vec<Value> = which(|check| check["RiskLevel"] == "HIGH");
    assert_eq!(by("RiskLevels.1", "HIGH").await, expected);
    assert_eq!(by("RiskLevels.1", "HIGH,MEDIUM,LOW").await, all);
    let expected: Vec<Value> = which(|check| check["InstanceType"] == "RAM");
    assert_eq!(by("InstanceTypes.1", "RAM").await, expected);
    let expected: Vec<Value> = which(|check| check["Status"] == "NOT_PASS");
    assert_eq!(by("Statuses.1", "NOT_PASS").await, expected);
    let expected: Vec<Value> = which(|check| check["OperationType"] == "SUPPORT_REPAIR");
    assert_eq!(by("OperationTypes.1", "SUPPORT_REPAIR").await, expected);
    assert_eq!(by("CheckIds.1", "10061").await.len(), 1);
    assert_eq!(by("CheckKey", "second FACTOR").await.len(), 1);
    assert_eq!(by("CheckTypes.1", "SYSTEM").await, all);
    assert_eq!(by("Vendors.1", "ALIYUN").await, all);
    for (name, value) in [("CheckTypes.1", "CUSTOM"), ("Vendors.1", "AWS"), ("CustomParam", "true")] {
        assert!(by(name, value).await.is_empty(), "{name}");
    }
    let of_server = by("InstanceIds.1", "i-emulated0001").await;
    assert!(!of_server.is_empty() && of_server.iter().all(|check| check["InstanceSubType"] == "INSTANCE"));
    let sorted = results(&emulator, &[("SortTypes.1", "RISK_LEVEL"), ("SortTypes.2", "STATUS")]).await;
    let keys: Vec<_> = sorted
        .iter()
        .map(|check| {
            let place = |words: [&str; 3], member: &str| words.iter().position(|word| check[member] == *word);
            (
                place(["HIGH", "MEDIUM", "LOW"], "RiskLevel"),
                place(["NOT_PASS", "PASS", "NOT_CHECK"], "Status"),
                check["CheckId"].as_u64(),
            )
        })
        .collect();
    assert!(keys.is_sorted() && keys.len() == all.len());
    let none = emulator.reply("GetCheckSummary", &[("Vendors.1", "AWS")]).await;
    assert_eq!(none["OverallStatistic"]["PassCount"], 0);
}

#[tokio::test]
async fn a_check_has_progress_and_brings_everything_to_a_result() {
    let emulator = TestEmulator::new("default");
    let unchecked = async || results(&emulator, &[("Statuses.1", "NOT_CHECK")]).await;
    let before = unchecked().await;
    assert!(!before.is_empty() && before.iter().all(|check| check["LastCheckTime"].is_null()));
    let process = async |id: &str| emulator.reply("GetCheckProcess", &[("TaskId", id)]).await;
    let state = |reply: &Value| {
        let counts = ["FinishCount", "TotalCount"].map(|name| reply[name].as_u64().unwrap());
        (reply["StatusCode"].as_str().unwrap().to_owned(), counts)
    };
    assert_eq!(state(&process("none").await), ("5".to_owned(), [0, 0]));

    let policy = emulator.reply("SubmitCheck", &[("ScanRange", "POLICY")]).await["TaskId"].clone();
    emulator.advance(seconds(60));
    assert_eq!(state(&process(policy.as_str().unwrap()).await).0, "2");
    assert_eq!(unchecked().await, before, "what is not in the policy stays");

    let id = emulator.reply("SubmitCheck", &[]).await["TaskId"].as_str().unwrap().to_owned();
    let (code, [finished, total]) = state(&process(&id).await);
    assert_eq!((&*code, finished), ("0", 0));
    assert!(total > 5, "servers and other assets, not {total}");
    emulator.advance(seconds(6));
    let (code, [finished, same]) = state(&process(&id).await);
    assert!(code == "1" && finished > 0 && finished < total && same == total);
    assert_eq!(unchecked().await, before, "not before the end");
    emulator.advance(seconds(10));
    assert_eq!(state(&process(&id).await), ("2".to_owned(), [total, total]));
    assert!(unchecked().await.is_empty());
    // Begun after 60 seconds, ten seconds long.
    assert!(
        results(&emulator, &[]).await.iter().all(|check| check["LastCheckTime"] == 1_767_323_115_000_i64)
    );

    let restored = TestEmulator::new("default");
    restored.control("PUT", "state", &emulator.snapshot().await).await;
    assert_eq!(results(&restored, &[]).await, results(&emulator, &[]).await);
    assert_eq!(emulator.refusal("SubmitCheck", &[("ScanRange", "SOME")]).await.1, "IllegalParam");
}

#[tokio::test]
async fn a_check_that_fails_or_times_out_has_looked_at_nothing() {
    for (ending, code) in [("outcome: fail", "4"), ("outcome: timeout", "3")] {
        let scenario = format!("lifecycles: {{ CONFIGURATION_CHECK: {{ {ending} }} }}\n");
        let emulator = TestEmulator::new(&scenario);
        let before = results(&emulator, &[]).await;
        let id = emulator.reply("SubmitCheck", &[]).await["TaskId"].as_str().unwrap().to_owned();
        emulator.advance(seconds(60));
        assert_eq!(emulator.reply("GetCheckProcess", &[("TaskId", &id)]).await["StatusCode"], code);
        assert_eq!(results(&emulator, &[]).await, before);
    }
}

#[tokio::test]
async fn the_policy_of_checks_is_read_and_changed() {
    let emulator = TestEmulator::new("default");
    let config = async || emulator.reply("GetCheckConfig", &[]).await;
    let has = |config: &Value, id: u32| {
        config["SelectedChecks"].as_array().unwrap().iter().any(|check| check["CheckId"] == id)
    };
    let before = config().await;
    assert_eq!((&before["StartTime"], &before["EndTime"]), (&json!(0), &json!(6)));
    let unchecked = results(&emulator, &[("Statuses.1", "NOT_CHECK")]).await;
    let id = u32::try_from(unchecked[0]["CheckId"].as_u64().unwrap()).unwrap();
    assert!(!has(&before, id));
    let add = id.to_string();
    let change = async |params: &[(&str, &str)]| emulator.reply("ChangeCheckConfig", params).await;
    change(&[("AddedCheck.1.CheckId", &add), ("DryRun", "true")]).await;
    assert_eq!(config().await["SelectedChecks"], before["SelectedChecks"]);
    let times = results(&emulator, &[("Statuses.1", "NOT_PASS")]).await;
    change(&[("AddedCheck.1.CheckId", &add), ("StartTime", "18"), ("EndTime", "24"), ("CycleDays.1", "1")])
        .await;
    let after = config().await;
    assert!(has(&after, id));
    assert_eq!((&after["StartTime"], &after["CycleDays"]), (&json!(18), &json!([1])));
    assert_eq!(results(&emulator, &[("Statuses.1", "NOT_PASS")]).await, times, "no time is turned back");
    assert_eq!(results(&emulator, &[("CheckIds.1", &add)]).await[0]["Status"], "NOT_CHECK");
    emulator.reply("SubmitCheck", &[("ScanRange", "POLICY")]).await;
    emulator.advance(seconds(60));
    assert_ne!(results(&emulator, &[("CheckIds.1", &add)]).await[0]["Status"], "NOT_CHECK");
    change(&[("RemovedCheck.1.CheckId", &add)]).await;
    assert!(!has(&config().await, id));
    let kept = results(&emulator, &[("CheckIds.1", &add)]).await[0].clone();
    assert_eq!(kept["LastCheckTime"], 1_767_323_055_000_i64, "a result stays");

    change(&[("ConfigStandardIds", r#"{"RemoveIds":[1,2,3]}"#)]).await;
    let off = config().await;
    assert!(off["SelectedChecks"].as_array().unwrap().is_empty());
    assert!(off["Standards"].as_array().unwrap().iter().all(|standard| standard["Status"] == "OFF"));
    change(&[("ConfigRequirementIds", r#"{"AddIds":[21]}"#), ("EnableAutoCheck", "false")]).await;
    let some = config().await;
    let on: Vec<&Value> =
        some["Standards"].as_array().unwrap().iter().map(|standard| &standard["Status"]).collect();
    assert_eq!((on[1], &some["EnableAutoCheck"]), (&json!("ON"), &json!(false)));
    change(&[("Configure", "all"), ("EnableAddCheck", "false")]).await;
    assert_eq!(
        config().await["SelectedChecks"].as_array().unwrap().len(),
        results(&emulator, &[]).await.len()
    );
    change(&[("SystemConfig", "true")]).await;
    assert_eq!(config().await["SelectedChecks"], before["SelectedChecks"]);
    for (name, value) in [
        ("ConfigStandardIds", "x"),
        ("Configure", "some"),
        ("StartTime", "6"),
        ("CycleDays.1", "8"),
        ("AddedCheck.1.CheckId", "1"),
    ] {
        assert_eq!(emulator.refusal("ChangeCheckConfig", &[(name, value)]).await.1, "IllegalParam", "{name}");
    }
}

#[tokio::test]
async fn samples_as_json_and_as_xml() {
    let emulator = TestEmulator::new("world: { exposed: 40% }\n");
    let one = [("CheckIds.1", "10061")];
    insta::assert_json_snapshot!(emulator.reply("ListCheckResult", &one).await, @r#"
    {
      "RequestId": "EA5F17B1-17A7-53E4-84CE-9CC52DE88E34",
      "Checks": [
        {
          "CheckId": 10061,
          "CheckShowName": "Users with console access have a second factor",
          "CheckType": "SYSTEM",
          "Status": "NOT_PASS",
          "RiskLevel": "HIGH",
          "InstanceType": "RAM",
          "InstanceSubType": "USER",
          "OperationType": "SUPPORT_REPAIR",
          "Vendor": "ALIYUN",
          "VendorShowName": "Alibaba Cloud",
          "AssetVendor": 0,
          "TrialPermission": false,
          "CheckSaleType": 1,
          "CheckPolicies": [
            {
              "StandardId": 2,
              "StandardShowName": "Identities and permissions",
              "RequirementId": 21,
              "RequirementShowName": "Accounts",
              "SectionId": 211,
              "SectionShowName": "Logins"
            },
            {
              "StandardId": 3,
              "StandardShowName": "Emulated compliance standard",
              "RequirementId": 31,
              "RequirementShowName": "Control of access",
              "SectionId": 312,
              "SectionShowName": "Least privilege"
            }
          ],
          "LastCheckTime": 1767285607000
        }
      ],
      "PageInfo": {
        "TotalCount": 1,
        "CurrentPage": 1,
        "PageSize": 20,
        "Count": 1
      }
    }
    "#);
    let call = TestCall::new("ListCheckResult").param("CheckIds.1", "10061");
    let xml = emulator.call(call.with(|call| call.format = Some("XML".into()))).await;
    insta::assert_snapshot!(xml.body, @"<?xml version='1.0' encoding='UTF-8'?><ListCheckResultResponse><RequestId>C6E2A5C4-411B-5768-8398-0E728E03ED03</RequestId><Checks><Check><CheckId>10061</CheckId><CheckShowName>Users with console access have a second factor</CheckShowName><CheckType>SYSTEM</CheckType><Status>NOT_PASS</Status><RiskLevel>HIGH</RiskLevel><InstanceType>RAM</InstanceType><InstanceSubType>USER</InstanceSubType><OperationType>SUPPORT_REPAIR</OperationType><Vendor>ALIYUN</Vendor><VendorShowName>Alibaba Cloud</VendorShowName><AssetVendor>0</AssetVendor><TrialPermission>false</TrialPermission><CheckSaleType>1</CheckSaleType><CheckPolicies><CheckPolicy><StandardId>2</StandardId><StandardShowName>Identities and permissions</StandardShowName><RequirementId>21</RequirementId><RequirementShowName>Accounts</RequirementShowName><SectionId>211</SectionId><SectionShowName>Logins</SectionShowName></CheckPolicy><CheckPolicy><StandardId>3</StandardId><StandardShowName>Emulated compliance standard</StandardShowName><RequirementId>31</RequirementId><RequirementShowName>Control of access</RequirementShowName><SectionId>312</SectionId><SectionShowName>Least privilege</SectionShowName></CheckPolicy></CheckPolicies><LastCheckTime>1767285607000</LastCheckTime></Check></Checks><PageInfo><TotalCount>1</TotalCount><CurrentPage>1</CurrentPage><PageSize>20</PageSize><Count>1</Count></PageInfo></ListCheckResultResponse>");
    let one = [("PageSize", "1")];
    insta::assert_json_snapshot!(emulator.reply("DescribeExposedInstanceList", &one).await, @r#"
    {
      "RequestId": "90BA7F51-7E24-570A-828A-9D1DD0CD86B7",
      "ExposedInstances": [
        {
          "Uuid": "00000000-0000-4000-8000-000000000005",
          "InstanceId": "i-emulated0005",
          "InstanceName": "server-5",
          "InternetIp": "203.0.113.5",
          "IntranetIp": "192.168.0.5",
          "RegionId": "cn-hangzhou",
          "GroupId": 1,
          "GroupName": "default",
          "AssetType": 0,
          "ExposureType": "INTERNET_IP",
          "ExposureTypeId": "",
          "ExposureIp": "203.0.113.5",
          "ExposurePort": "6379",
          "ExposureComponent": "redis",
          "ExposureComponentList": [
            {
              "ComponentName": "redis",
              "ComponentBizType": "database",
              "ComponentVersion": "6.2.6",
              "ListenPort": "6379"
            }
          ],
          "ExploitHealthCount": 0,
          "CspmAlarmCount": 0,
          "TotalVulCount": 5,
          "AsapVulCount": 0,
          "LaterVulCount": 3,
          "NntfVulCount": 2
        }
      ],
      "PageInfo": {
        "TotalCount": 2,
        "CurrentPage": 1,
        "PageSize": 1,
        "Count": 1
      }
    }
    "#);
    let call = TestCall::new("DescribeExposedStatistics").with(|call| call.format = Some("XML".into()));
    insta::assert_snapshot!(emulator.call(call).await.body, @"<?xml version='1.0' encoding='UTF-8'?><DescribeExposedStatisticsResponse><RequestId>411DA2DB-57AC-5A5E-9970-65F7D9316A14</RequestId><ExposedInstanceCount>2</ExposedInstanceCount><ExposedEcsCount>2</ExposedEcsCount><ExposedIpCount>2</ExposedIpCount><ExposedPortCount>2</ExposedPortCount><ExposedComponentCount>2</ExposedComponentCount><ExposedWeekPasswordMachineCount>1</ExposedWeekPasswordMachineCount><GatewayAssetCount>0</GatewayAssetCount><ExposedRdsCount>0</ExposedRdsCount><ExposedDdsCount>0</ExposedDdsCount><ExposedKvstoreCount>0</ExposedKvstoreCount><ExposedAsapVulCount>1</ExposedAsapVulCount><ExposedLaterVulCount>6</ExposedLaterVulCount><ExposedNntfVulCount>3</ExposedNntfVulCount></DescribeExposedStatisticsResponse>");
}

#[tokio::test]
async fn filters_of_what_the_internet_reaches_filter() {
    let emulator = TestEmulator::new(
        "world: { exposed: 100%, baseline: { per_server: 20 } }\nassets: [{}, {}, {}, {}, {}, { internet_ip: '' }]\n",
    );
    let listed = async |params: &[(&str, &str)]| {
        emulator.reply("DescribeExposedInstanceList", params).await["ExposedInstances"]
            .as_array()
            .unwrap()
            .clone()
    };
    let all = listed(&[]).await;
    assert_eq!(all.len(), 6);
    for (name, member) in [
        ("ExposureComponent", "ExposureComponent"),
        ("ExposurePort", "ExposurePort"),
        ("ExposureIp", "ExposureIp"),
        ("InstanceId", "InstanceId"),
        ("InstanceName", "InstanceName"),
    ] {
        let value = all[0][member].as_str().unwrap();
        let expected: Vec<Value> = all.iter().filter(|one| one[member] == value).cloned().collect();
        assert_eq!(listed(&[(name, value)]).await, expected, "{name}");
        assert!(listed(&[(name, "none")]).await.is_empty(), "{name}");
    }
    assert_eq!(all.iter().filter(|one| one["ExposureType"] == "EIP").count(), 1);
    assert_eq!(listed(&[("AssetType", "0"), ("GroupId", "1")]).await, all);
    assert!(listed(&[("AssetType", "3")]).await.is_empty() && listed(&[("GroupId", "7")]).await.is_empty());
    for (name, member) in [("HealthStatus", "ExploitHealthCount"), ("CspmStatus", "CspmAlarmCount")] {
        let with = listed(&[(name, "true")]).await;
        assert!(with.iter().all(|one| one[member] != 0));
        assert_eq!(with.len() + listed(&[(name, "false")]).await.len(), all.len());
    }
    let kind = all[0]["ExposureComponentList"][0]["ComponentBizType"].as_str().unwrap();
    assert!(!listed(&[("ExposureComponentBizType", kind)]).await.is_empty());
}
