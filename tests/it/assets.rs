//! The servers of an account: found, listed and refreshed.

use serde_json::{Value, json};

use crate::harness::TestEmulator;
use crate::harness::tasks::{TWO, members};

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
    let both = json!([by("instanceName", "old"), by("internetIp", "203.0.113.1"), by("unheardOf", "x")]);
    assert_eq!(names(both.clone(), &[]).await.len(), 2);
    assert!(names(both, &[("LogicalExp", "AND")]).await.is_empty());
    assert!(names(json!([]), &[("MachineTypes", "cloud_product")]).await.is_empty());
    assert_eq!(
        emulator.refusal("DescribeCloudCenterInstances", &[("Criteria", "x")]).await.1,
        "IllegalParam"
    );
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
