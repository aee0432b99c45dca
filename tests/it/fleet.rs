//! Servers of a world: how many there are of each kind agrees wherever it is shown, and an account that reads stores nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::TestEmulator;

const WORLD: &str = "
assumptions: { region_id: narrow }
assets: [{ name: listed, region: eu-central-1, group: web }]
world:
  servers: 120
  windows: 20%
  offline: 10%
  uninstalled: 5%
  edition: advanced
  editions: { free: 10%, ultimate: 25% }
  regions: { cn-shanghai: 30%, cn-beijing: 0.1 }
  groups: { web: 50%, db: 10% }
";

async fn total(emulator: &TestEmulator, name: &str, value: &str) -> usize {
    let criteria = json!([{"name": name, "value": value}]).to_string();
    let reply = emulator.reply("DescribeCloudCenterInstances", &[("Criteria", &criteria)]).await;
    usize::try_from(reply["PageInfo"]["TotalCount"].as_u64().unwrap()).unwrap()
}

#[tokio::test]
async fn every_statistic_is_the_total_of_a_criterion() {
    for scenario in [WORLD, "vulnerable", "clean", "agents-offline", "default"] {
        let emulator = TestEmulator::new(scenario);
        let fields = emulator.reply("DescribeFieldStatistics", &[]).await["GroupedFields"].clone();
        for (field, name, value) in [
            ("InstanceCount", "flag", "0"),
            ("AliYunInstanceCount", "flag", "0"),
            ("GeneralAssetCount", "importance", "general"),
            ("ImportantAssetCount", "importance", "important"),
            ("UnprotectedInstanceCount", "clientStatus", "offline"),
            ("OfflineInstanceCount", "clientSubStatus", "offline"),
            ("PauseInstanceCount", "clientStatus", "pause"),
            ("NotRunningStatusCount", "runningStatus", "notRunning"),
            ("NotBindMachineInstanceCount", "authVersion", "1"),
            ("RiskInstanceCount", "riskStatus", "YES"),
            ("NoRiskInstanceCount", "riskStatus", "NO"),
            ("ExposedInstanceCount", "exposedStatus", "YES"),
        ] {
            assert_eq!(fields[field], total(&emulator, name, value).await, "{scenario} {field}");
        }
        for name in ["Instance", "Unprotected", "Risk", "Exposed"] {
            let count = |what: &str| {
                fields[format!("{name}{what}Count").replace("InstanceInstance", "Instance")].as_i64().unwrap()
            };
            let servers = if name == "Instance" { count("") } else { count("Instance") };
            let cores = if name == "Instance" { count("Core") } else { count("InstanceCore") };
            assert_eq!(cores, 4 * servers, "{scenario} {name}");
        }
        let groups = emulator.reply("DescribeAllGroups", &[]).await;
        assert_eq!(fields["GroupCount"], groups["Count"], "{scenario}");
        let uninstalled = emulator.reply("ListUninstallAegisMachines", &[]).await;
        assert_eq!(uninstalled["TotalCount"], total(&emulator, "clientSubStatus", "uninstalled").await);
    }
}

#[tokio::test]
async fn groups_and_regions_are_counted_as_servers_are_listed() {
    let emulator = TestEmulator::new(WORLD);
    for (field, member) in [("groupId", "GroupTrace"), ("regionId", "RegionId")] {
        let grouped = emulator.reply("DescribeGroupedInstances", &[("GroupField", field)]).await;
        let counted: BTreeMap<String, Value> = grouped["Instances"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["FieldAliasName"].as_str().unwrap().to_owned(), row["InstanceCount"].clone()))
            .collect();
        let all = emulator.reply("DescribeCloudCenterInstances", &[("PageSize", "1000")]).await;
        let mut listed: BTreeMap<String, usize> = BTreeMap::new();
        for server in all["Instances"].as_array().unwrap() {
            *listed.entry(server[member].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let listed: BTreeMap<String, Value> =
            listed.into_iter().map(|(name, count)| (name, json!(count.to_string()))).collect();
        assert_eq!(counted, listed, "{field}");
    }
    let one = [("GroupField", "groupId"), ("FieldValue", "db"), ("SaleVersionCheckCode", "sas_gt_basic")];
    insta::assert_json_snapshot!(emulator.reply("DescribeGroupedInstances", &one).await["Instances"], @r#"
    [
      {
        "FieldAliasName": "db",
        "GroupFlag": 1,
        "InstanceCount": "12",
        "InstanceCoreCount": 48,
        "UnProtectedInstanceCount": "2",
        "RiskInstanceCount": "11",
        "AsapVulInstanceCount": 8,
        "AuthVersionCheckCount": 11,
        "Os": "windows"
      }
    ]
    "#);
    let vpc = emulator.reply("DescribeGroupedInstances", &[("GroupField", "vpcInstanceId")]).await;
    assert_eq!(vpc["PageInfo"]["TotalCount"], 0);
    assert_eq!(emulator.refusal("DescribeGroupedInstances", &[("GroupField", "x")]).await.1, "IllegalParam");
}

#[tokio::test]
async fn a_region_and_a_type_choose_what_is_counted() {
    let emulator = TestEmulator::new(WORLD);
    let count = async |params: &[(&str, &str)]| {
        emulator.reply("DescribeFieldStatistics", params).await["GroupedFields"]["InstanceCount"].clone()
    };
    assert_eq!(count(&[("RegionId", "eu-central-1")]).await, 1);
    assert_eq!(count(&[("MachineTypes", "cloud_product")]).await, 0);
    assert_eq!(count(&[("MachineTypes", "ecs")]).await, 120);
}

#[tokio::test]
async fn servers_without_an_agent_are_listed_until_they_have_one() {
    let emulator = TestEmulator::new("assets: [{}, { agent: missing, os: windows, name: old }]\n");
    let listed = async |params: &[(&str, &str)]| emulator.reply("ListUninstallAegisMachines", params).await;
    insta::assert_json_snapshot!(listed(&[]).await, @r#"
    {
      "RequestId": "EA5F17B1-17A7-53E4-84CE-9CC52DE88E34",
      "CurrentPage": 1,
      "PageSize": 5,
      "TotalCount": 1,
      "MachineList": [
        {
          "Uuid": "00000000-0000-4000-8000-000000000002",
          "InstanceId": "i-emulated0002",
          "InstanceName": "old",
          "InternetIp": "203.0.113.2",
          "IntranetIp": "192.168.0.2",
          "Os": "windows",
          "MachineRegion": "cn-hangzhou",
          "RegionId": "cn-hangzhou",
          "Vendor": 0,
          "VendorName": "ALIYUN"
        }
      ]
    }
    "#);
    for (name, value, is_there) in [
        ("Os", "windows", true),
        ("Os", "linux", false),
        ("RegionNo", "cn-hangzhou", true),
        ("RegionIdStr", "cn-beijing", false),
        ("Remark", "203.0.113.2", true),
        ("Remark", "new", false),
        ("Vendor", "1", false),
    ] {
        assert_eq!(listed(&[(name, value)]).await["TotalCount"], i32::from(is_there), "{name}={value}");
    }
    let uuid = "00000000-0000-4000-8000-000000000002";
    emulator.reply("OperateAgentClientInstall", &[("Uuids", uuid)]).await;
    emulator.advance(crate::harness::tasks::seconds(20));
    assert_eq!(listed(&[]).await["TotalCount"], 0);
}

#[tokio::test]
async fn editions_agree_wherever_they_are_shown() {
    let emulator = TestEmulator::new(WORLD);
    let summary = emulator.reply("GetAuthSummary", &[]).await;
    let config = emulator.reply("DescribeVersionConfig", &[]).await;
    let mut paid = 0;
    for version in summary["VersionSummary"].as_array().unwrap() {
        let shown = version["UsedEcsCount"].as_u64().unwrap();
        let number = version["Version"].to_string();
        assert_eq!(total(&emulator, "authVersion", &number).await as u64, shown, "{number}");
        paid += shown;
    }
    assert_eq!(summary["Machine"]["BindEcsCount"], paid);
    assert_eq!((&config["MVAuthCount"], &config["AssetLevel"]), (&json!(paid), &json!(paid)));
    assert_eq!(config["HighestVersion"], summary["HighestVersion"]);
    let fields = emulator.reply("DescribeFieldStatistics", &[]).await["GroupedFields"].clone();
    assert_eq!(fields["NotBindMachineInstanceCount"], summary["Machine"]["UnBindEcsCount"]);
}

#[tokio::test]
async fn reading_stores_nothing_and_a_restored_account_shows_the_same() {
    let emulator = TestEmulator::new("large-fleet");
    emulator.reply("DescribeVersionConfig", &[]).await;
    let before = emulator.snapshot().await;
    let read = async |emulator: &TestEmulator| {
        let mut all = Vec::new();
        for (action, params) in [
            ("DescribeCloudCenterInstances", &[("CurrentPage", "77")][..]),
            ("DescribeFieldStatistics", &[]),
            ("DescribeGroupedInstances", &[("GroupField", "groupId")]),
            ("DescribeAllGroups", &[]),
            ("ListUninstallAegisMachines", &[("PageSize", "20")]),
            ("GetAuthSummary", &[]),
        ] {
            let mut reply = emulator.reply(action, params).await;
            reply["RequestId"].take();
            all.push(reply);
        }
        all
    };
    let shown = read(&emulator).await;
    let after = emulator.snapshot().await;
    assert!(after.len().abs_diff(before.len()) < 100, "{} {}", before.len(), after.len());
    let uuid = "00000000-0000-4000-8000-000000000077";
    emulator.reply("CreateOrUpdateAssetGroup", &[("GroupName", "new"), ("Uuids", uuid)]).await;
    assert!(emulator.snapshot().await.len() < after.len() + 200, "one server and one name more");
    let moved = read(&emulator).await;
    assert_ne!(moved, shown);
    let other = TestEmulator::new("large-fleet");
    assert_eq!(other.control("PUT", "state", &emulator.snapshot().await).await.status, 200);
    assert_eq!(read(&other).await, moved);
}

#[tokio::test]
async fn pages_are_slices_of_the_whole_list() {
    let emulator = TestEmulator::new(WORLD);
    let all =
        emulator.reply("DescribeCloudCenterInstances", &[("PageSize", "1000")]).await["Instances"].clone();
    let mut pages = Vec::new();
    for page in 1..=6 {
        let page = page.to_string();
        let shown = emulator.reply("DescribeCloudCenterInstances", &[("CurrentPage", &page)]).await;
        pages.extend(shown["Instances"].as_array().unwrap().clone());
    }
    assert_eq!(Value::Array(pages), all);
}
