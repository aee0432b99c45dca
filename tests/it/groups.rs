//! Groups of servers: made, filled, renamed, deleted, and shown by the lists of servers.

use serde_json::{Value, json};

use crate::harness::TestEmulator;

const GROUPS: &str = "world: { servers: 4, groups: { db: 25%, web: 50% } }\n";

/// The groups, each with the names of its servers.
async fn groups(emulator: &TestEmulator) -> Value {
    let all = emulator.reply("DescribeAllGroups", &[]).await;
    assert_eq!(all["Count"], all["Groups"].as_array().unwrap().len());
    let mut shown = serde_json::Map::new();
    for group in all["Groups"].as_array().unwrap() {
        let id = group["GroupId"].to_string();
        let criteria = json!([{"name": "groupId", "value": id}]).to_string();
        let listed = emulator.reply("DescribeCloudCenterInstances", &[("Criteria", &criteria)]).await;
        let servers = listed["Instances"].as_array().unwrap();
        assert!(servers.iter().all(|server| server["GroupTrace"] == group["GroupName"]));
        let names: Vec<&str> = servers.iter().map(|it| it["InstanceName"].as_str().unwrap()).collect();
        shown.insert(format!("{id} {}", group["GroupName"].as_str().unwrap()), json!(names.join(" ")));
    }
    shown.into()
}

fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

#[tokio::test]
async fn the_groups_of_a_scenario_are_listed() {
    let emulator = TestEmulator::new(GROUPS);
    insta::assert_json_snapshot!(emulator.reply("DescribeAllGroups", &[]).await, @r#"
    {
      "RequestId": "EA5F17B1-17A7-53E4-84CE-9CC52DE88E34",
      "Count": 3,
      "Groups": [
        {
          "GroupFlag": 0,
          "GroupId": 1,
          "GroupName": "default"
        },
        {
          "GroupFlag": 1,
          "GroupId": 2,
          "GroupName": "db"
        },
        {
          "GroupFlag": 1,
          "GroupId": 3,
          "GroupName": "web"
        }
      ]
    }
    "#);
    insta::assert_json_snapshot!(groups(&emulator).await, @r#"
    {
      "1 default": "server-2",
      "2 db": "server-1",
      "3 web": "server-3 server-4"
    }
    "#);
    let detail = emulator.reply("GetAssetDetailByUuid", &[("Uuid", &uuid(1))]).await;
    insta::assert_snapshot!(detail["AssetDetail"]["GroupTrace"], @r#""db""#);
}

#[tokio::test]
async fn a_server_is_in_one_group() {
    let emulator = TestEmulator::new(GROUPS);
    let made = emulator.reply("CreateOrUpdateAssetGroup", &[("GroupName", "new"), ("Uuids", &uuid(1))]).await;
    insta::assert_json_snapshot!(made, @r#"
    {
      "RequestId": "EA5F17B1-17A7-53E4-84CE-9CC52DE88E34",
      "GroupId": 4
    }
    "#);
    insta::assert_json_snapshot!(groups(&emulator).await, @r#"
    {
      "1 default": "server-2",
      "2 db": "",
      "3 web": "server-3 server-4",
      "4 new": "server-1"
    }
    "#);
    let both = [uuid(1), uuid(2), "unknown".to_owned()].join(",");
    emulator.reply("ModifyAssetGroup", &[("GroupId", "2"), ("Uuids", &both)]).await;
    insta::assert_json_snapshot!(groups(&emulator).await, @r#"
    {
      "1 default": "",
      "2 db": "server-1 server-2",
      "3 web": "server-3 server-4",
      "4 new": ""
    }
    "#);
    // What an update leaves out goes to the default group.
    let update = [("GroupId", "2"), ("GroupName", "data"), ("Uuids", &*uuid(3))];
    assert_eq!(emulator.reply("CreateOrUpdateAssetGroup", &update).await["GroupId"], 2);
    insta::assert_json_snapshot!(groups(&emulator).await, @r#"
    {
      "1 default": "server-1 server-2",
      "2 data": "server-3",
      "3 web": "server-4",
      "4 new": ""
    }
    "#);
    let deleted = emulator.reply("DeleteGroup", &[("GroupId", "2")]).await;
    insta::assert_json_snapshot!(deleted, @r#"
    {
      "RequestId": "0CDAEA2D-F0A4-5F17-BE86-8A0597FA5A33",
      "Code": "200"
    }
    "#);
    insta::assert_json_snapshot!(groups(&emulator).await, @r#"
    {
      "1 default": "server-1 server-2 server-3",
      "3 web": "server-4",
      "4 new": ""
    }
    "#);
}

#[tokio::test]
async fn groups_are_renamed_all_or_none() {
    let emulator = TestEmulator::new(GROUPS);
    let data = |first: &str, second: &str| {
        json!([{"groupFlag": 1, "groupId": 2, "groupIndex": 1, "groupName": first}, {"groupId": 3, "groupName": second}])
            .to_string()
    };
    emulator.reply("ModifyGroupProperty", &[("Data", &data("a", "b"))]).await;
    let renamed = groups(&emulator).await;
    insta::assert_json_snapshot!(renamed, @r#"
    {
      "1 default": "server-2",
      "2 a": "server-1",
      "3 b": "server-3 server-4"
    }
    "#);
    let refused = emulator.refusal("ModifyGroupProperty", &[("Data", &data("c", "default"))]).await;
    assert_eq!(refused.1, "GroupNameRepeated");
    assert_eq!(groups(&emulator).await, renamed);
}

#[tokio::test]
async fn wrong_calls_about_groups_are_refused() {
    let emulator = TestEmulator::new(GROUPS);
    for (operation, params, code) in [
        ("CreateOrUpdateAssetGroup", &[("GroupName", "web")][..], "GroupNameRepeated"),
        ("CreateOrUpdateAssetGroup", &[], "IllegalParam"),
        ("CreateOrUpdateAssetGroup", &[("GroupId", "2")], "IllegalParam"),
        ("CreateOrUpdateAssetGroup", &[("GroupId", "9"), ("Uuids", "a")], "IllegalParam"),
        ("ModifyAssetGroup", &[("GroupId", "9"), ("Uuids", "a")], "IllegalParam"),
        ("DeleteGroup", &[("GroupId", "1")], "IllegalParam"),
        ("DeleteGroup", &[("GroupId", "9")], "IllegalParam"),
        ("ModifyGroupProperty", &[("Data", "[{}]")], "IllegalParam"),
        ("ModifyGroupProperty", &[("Data", r#"[{"groupId":1,"groupName":"x"}]"#)], "IllegalParam"),
    ] {
        assert_eq!(emulator.refusal(operation, params).await.1, code, "{operation} {params:?}");
    }
    assert_eq!(groups(&emulator).await, groups(&TestEmulator::new(GROUPS)).await);
}
