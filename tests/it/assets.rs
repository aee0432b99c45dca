//! The servers of an account: found, listed and refreshed.

use serde_json::{Value, json};

use crate::harness::TestEmulator;
use crate::harness::tasks::{NO_FINDINGS, TWO, members};

#[tokio::test]
async fn servers_are_found_by_criteria() {
    let emulator = TestEmulator::new(TWO);
    let names = async |criteria: Value, more: &[(&str, &str)]| {
        let criteria = criteria.to_string();
        let params = [&[("Criteria", criteria.as_str())], more].concat();
        let body = emulator.reply("DescribeCloudCenterInstances", &params).await;
        let servers = body["Instances"].as_array().unwrap().clone();
        servers.iter().map(|server| server["InstanceName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let by = |name: &str, value: &str| json!({"name": name, "value": value});
    assert_eq!(names(json!([]), &[]).await, ["server-1", "old, one"]);
    for (name, value) in [
        ("instanceId", "i-emulated0002"),
        ("instanceName", "old"),
        ("internetIp", "203.0.113.2"),
        ("intranetIp", "192.168.0.2"),
        ("uuid", "00000000-0000-4000-8000-000000000002"),
    ] {
        assert_eq!(names(json!([by(name, value)]), &[]).await, ["old, one"], "{name}");
        assert!(names(json!([by(name, "none")]), &[]).await.is_empty(), "{name}");
    }
    let both = json!([by("instanceName", "old"), by("internetIp", "203.0.113.1")]);
    assert_eq!(names(both.clone(), &[]).await.len(), 2);
    assert!(names(both, &[("LogicalExp", "AND")]).await.is_empty());
    assert!(names(json!([]), &[("MachineTypes", "cloud_product")]).await.is_empty());
    assert_eq!(
        emulator.refusal("DescribeCloudCenterInstances", &[("Criteria", "x")]).await.1,
        "IllegalParam"
    );
}

/// The servers that an operation lists, by name.
async fn listed(emulator: &TestEmulator, params: &[(&str, &str)]) -> Vec<String> {
    let body = emulator.reply("DescribeCloudCenterInstances", params).await;
    let servers = body["Instances"].as_array().unwrap();
    servers.iter().map(|server| server["InstanceName"].as_str().unwrap().to_owned()).collect()
}

/// Documented criteria of `DescribeCriteria`, each with a value of the first server, of both, or of none.
#[tokio::test]
async fn documented_criteria_filter_by_what_servers_show() {
    let emulator = TestEmulator::new(&format!("{TWO}{NO_FINDINGS}"));
    let (first, both) = (&["server-1"][..], &["server-1", "old, one"][..]);
    for (name, value, expected) in [
        ("riskStatus", "YES", &[][..]),
        ("riskStatus", "NO", both),
        ("vulStatus", "YES", &[]),
        ("asapVulStatus", "NO", both),
        ("alarmStatus", "YES", &[]),
        ("hcStatus", "NO", both),
        ("exposedStatus", "YES", &[]),
        ("importance", "important", &[]),
        ("importance", "general", both),
        ("flag", "0|8|15", both),
        ("flag", "1", &[]),
        ("authVersion", "7", first),
        ("osType", "linux", both),
        ("osType", "windows", &[]),
        ("osName", "lin", both),
        ("clientStatus", "online", &[]),
        ("clientSubStatus", "uninstalled", first),
        ("runningStatus", "notRunning", &[]),
        ("groupId", "1", both),
        ("groupName", "other", &[]),
        ("ipList", "203.0.113.1,192.168.0.9", first),
        ("uuidList", "00000000-0000-4000-8000-000000000001", first),
    ] {
        let criteria = json!([{"name": name, "value": value}]).to_string();
        assert_eq!(listed(&emulator, &[("Criteria", &criteria)]).await, expected, "{name}={value}");
    }
    let some = |found: &[&str]| !found.is_empty();
    for (name, value, is_there) in
        [("Importance", "1", true), ("Importance", "2", false), ("Flags", "1,0", true)]
    {
        assert_eq!(some(&both[..listed(&emulator, &[(name, value)]).await.len()]), is_there, "{name}");
    }
    assert!(listed(&emulator, &[("Flags", "1,2")]).await.is_empty());
}

#[tokio::test]
async fn a_criterion_that_is_not_modelled_is_refused_by_name_or_ignored() {
    let params = [("Criteria", r#"[{"name":"uuid","value":"x"},{"name":"vpcInstanceId","value":"vpc-1"}]"#)];
    let message = async |scenario: &str| {
        let emulator = TestEmulator::new(scenario);
        let refused =
            emulator.call(crate::harness::tasks::ask("DescribeCloudCenterInstances", &params)).await;
        assert_eq!(refused.code(), "OperationNotModelled");
        refused.json()["Message"].to_string()
    };
    let refused = message(TWO).await;
    assert_eq!(message("assets: []\n").await, refused, "without any server too");
    insta::assert_snapshot!(refused, @r#""sas-emulator does not model the criterion vpcInstanceId of DescribeCloudCenterInstances; assumptions: { unknown_criteria: ignore } leaves it out.""#);
    let emulator = TestEmulator::new(&format!("{TWO}assumptions: {{ unknown_criteria: ignore }}\n"));
    assert!(listed(&emulator, &params).await.is_empty(), "the other one counts");
    let alone = [("Criteria", r#"[{"name":"vpcInstanceId","value":"vpc-1"}]"#)];
    assert_eq!(listed(&emulator, &alone).await.len(), 2);
}

#[tokio::test]
async fn the_region_chooses_servers_if_it_is_assumed_to() {
    let scenario = "assets: [{ region: cn-shanghai }, {}]\n";
    let region = [("RegionId", "cn-shanghai")];
    assert_eq!(listed(&TestEmulator::new(scenario), &region).await.len(), 2);
    let narrowing = TestEmulator::new(&format!("{scenario}assumptions: {{ region_id: narrow }}\n"));
    assert_eq!(listed(&narrowing, &region).await, ["server-1"]);
}

#[tokio::test]
async fn the_name_of_the_default_group() {
    let emulator = TestEmulator::new("default");
    let group = async |value: &str| {
        let body = emulator.reply("DescribeCloudCenterInstances", &[("NoGroupTrace", value)]).await;
        body["Instances"][0]["GroupTrace"].as_str().unwrap().to_owned()
    };
    assert_eq!([group("false").await, group("true").await], ["default", "未分组"]);
}

#[tokio::test]
async fn servers_are_listed_by_page_and_by_token() {
    let emulator = TestEmulator::new("default");
    let page =
        emulator.reply("DescribeCloudCenterInstances", &[("PageSize", "2"), ("CurrentPage", "3")]).await;
    assert_eq!(page["PageInfo"], json!({"TotalCount": 5, "CurrentPage": 3, "PageSize": 2, "Count": 1}));
    let (mut token, mut seen) = (String::new(), Vec::new());
    loop {
        let params = [("UseNextToken", "true"), ("NextToken", token.as_str()), ("PageSize", "2")];
        let body = emulator.reply("DescribeCloudCenterInstances", &params).await;
        assert_eq!(body["PageInfo"].get("TotalCount"), None, "as the SDK's comment says");
        seen.extend(body["Instances"].as_array().unwrap().iter().map(|server| server["Uuid"].clone()));
        body["PageInfo"]["NextToken"].as_str().unwrap().clone_into(&mut token);
        if token.is_empty() {
            break;
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let bad = [("UseNextToken", "true"), ("NextToken", "x")];
    assert_eq!(emulator.refusal("DescribeCloudCenterInstances", &bad).await.1, "IllegalParam");
}

#[tokio::test]
async fn refreshing_assets_and_probing_data_centres() {
    let emulator = TestEmulator::new("default");
    let started = async |action, params: &[(&str, &str)], task_type| {
        assert_eq!(members(&emulator.reply(action, params).await), ["RequestId"]);
        emulator.roots(task_type).await.len()
    };
    assert_eq!(started("RefreshAssets", &[], "ASSET_REFRESH_HOST").await, 1);
    assert_eq!(
        started("RefreshAssets", &[("AssetType", "ecs"), ("Vendor", "0")], "ASSET_REFRESH_HOST").await,
        2
    );
    assert_eq!(started("RefreshAssets", &[("AssetType", "container_image")], "IMAGE_REGISTRY_PULL").await, 1);
    assert_eq!(started("RefreshAssets", &[("AssetType", "cloud_product")], "ASSET_REFRESH_HOST").await, 2);
    assert_eq!(started("StartIdcProbeScan", &[], "IDC_PROBE_SCAN").await, 1);
    assert_eq!(emulator.poll("IDC_PROBE_SCAN").await["TaskInfo"]["Status"], "INIT");
}
