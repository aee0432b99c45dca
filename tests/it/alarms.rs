//! Alarms: which there are, and how lists, counts and details agree.
#![expect(clippy::too_many_lines, reason = "replies are long")]

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::harness::alarms::{MANY, all, handle, list, of};
use crate::harness::tasks::seconds;
use crate::harness::{TestCall, TestEmulator};

#[tokio::test]
async fn an_alarm_as_lists_and_details_show_it() {
    let emulator = TestEmulator::new("default");
    let reply = list(&emulator, &[("PageSize", "1")]).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "RequestId": "EA5F17B1-17A7-53E4-84CE-9CC52DE88E34",
      "TotalCount": 6,
      "CurrentPage": 1,
      "PageSize": 1,
      "Count": 1,
      "SuspEvents": [
        {
          "Id": 67062457,
          "SecurityEventIds": "67062457",
          "AlarmUniqueInfo": "99f17bef4c9d3478b31dac04057bcfe4",
          "UniqueInfo": "99f17bef4c9d3478b31dac04057bcfe4",
          "Name": "Threat Intelligence-Look-up of a known bad name",
          "AlarmEventName": "Look-up of a known bad name",
          "AlarmEventNameDisplay": "Look-up of a known bad name",
          "AlarmEventType": "Threat Intelligence",
          "AlarmEventTypeDisplay": "Threat Intelligence",
          "EventSubType": "known_bad_domain",
          "Desc": "A process looked up a name that is listed as bad.",
          "DataSource": "aegis_suspicious_event",
          "Level": "suspicious",
          "EventStatus": 1,
          "CanBeDealOnLine": true,
          "OccurrenceTime": "2026-01-02 10:55:26",
          "OccurrenceTimeStamp": 1767322526414,
          "LastTime": "2026-01-02 10:55:26",
          "LastTimeStamp": 1767322526414,
          "Details": [
            {
              "NameDisplay": "URL",
              "Type": "text",
              "ValueDisplay": "http://emulated-b205.example/",
              "Value": "http://emulated-b205.example/"
            },
            {
              "NameDisplay": "Process ID",
              "Type": "text",
              "ValueDisplay": "29102",
              "Value": "29102"
            }
          ],
          "TacticItems": [
            {
              "TacticId": "TA0011",
              "TacticDisplayName": "Command and Control"
            }
          ],
          "Advanced": false,
          "AutoBreaking": false,
          "CanCancelFault": false,
          "ContainHwMode": false,
          "DisplaySandboxResult": false,
          "HasTraceInfo": false,
          "LargeModel": false,
          "SaleVersion": "1",
          "AppName": "",
          "Uuid": "00000000-0000-4000-8000-000000000003",
          "InstanceId": "i-emulated0003",
          "InstanceName": "server-3",
          "InternetIp": "203.0.113.3",
          "IntranetIp": "192.168.0.3"
        }
      ]
    }
    "#);
    let id = reply["SuspEvents"][0]["Id"].to_string();
    let detail =
        emulator.reply("DescribeSuspEventDetail", &[("From", "sas"), ("SuspiciousEventId", &id)]).await;
    insta::assert_json_snapshot!(detail, @r#"
    {
      "RequestId": "C6E2A5C4-411B-5768-8398-0E728E03ED03",
      "Id": 67062457,
      "AlarmUniqueInfo": "99f17bef4c9d3478b31dac04057bcfe4",
      "EventName": "Look-up of a known bad name",
      "EventTypeDesc": "Threat Intelligence-Look-up of a known bad name",
      "EventDesc": "A process looked up a name that is listed as bad.",
      "DataSource": "aegis_suspicious_event",
      "Level": "suspicious",
      "EventStatus": "1",
      "CanBeDealOnLine": true,
      "LastTime": "2026-01-02 10:55:26",
      "SaleVersion": "1",
      "Details": [
        {
          "NameDisplay": "URL",
          "Type": "text",
          "Value": "http://emulated-b205.example/"
        },
        {
          "NameDisplay": "Process ID",
          "Type": "text",
          "Value": "29102"
        }
      ],
      "Uuid": "00000000-0000-4000-8000-000000000003",
      "InstanceName": "server-3",
      "InternetIp": "203.0.113.3",
      "IntranetIp": "192.168.0.3"
    }
    "#);
    let unique = reply["SuspEvents"][0]["AlarmUniqueInfo"].as_str().unwrap();
    let detail =
        emulator.reply("DescribeAlarmEventDetail", &[("From", "sas"), ("AlarmUniqueInfo", unique)]).await;
    insta::assert_json_snapshot!(detail, @r#"
    {
      "RequestId": "90BA7F51-7E24-570A-828A-9D1DD0CD86B7",
      "Data": {
        "AlarmUniqueInfo": "99f17bef4c9d3478b31dac04057bcfe4",
        "AlarmEventAliasName": "Threat Intelligence-Look-up of a known bad name",
        "AlarmEventDesc": "A process looked up a name that is listed as bad.",
        "Type": "Threat Intelligence",
        "Level": "suspicious",
        "DataSource": "aegis_suspicious_event",
        "CanBeDealOnLine": true,
        "CanCancelFault": false,
        "ContainHwMode": false,
        "StartTime": 1767322526414,
        "EndTime": 1767322526414,
        "Solution": "Handle the alarm, then look for what let it in.",
        "CauseDetails": [
          {
            "Key": "Look-up of a known bad name",
            "Value": [
              {
                "Name": "URL",
                "Type": "text",
                "Value": "http://emulated-b205.example/"
              },
              {
                "Name": "Process ID",
                "Type": "text",
                "Value": "29102"
              }
            ]
          }
        ],
        "Uuid": "00000000-0000-4000-8000-000000000003",
        "InstanceName": "server-3",
        "InternetIp": "203.0.113.3",
        "IntranetIp": "192.168.0.3"
      }
    }
    "#);
    let operations = emulator.reply("DescribeSecurityEventOperations", &[("SecurityEventId", &id)]).await;
    insta::assert_json_snapshot!(operations["SecurityEventOperationsResponse"][0], @r#"
    {
      "OperationCode": "kill_process",
      "OperationParams": "{}",
      "UserCanOperate": true
    }
    "#);
    let scenarios = emulator.reply("DescribeSimilarEventScenarios", &[("SecurityEventId", &id)]).await;
    insta::assert_json_snapshot!(scenarios["Scenarios"], @r#"
    [
      {
        "Code": "default"
      },
      {
        "Code": "same_url"
      }
    ]
    "#);
    for operation in ["DescribeSecurityEventOperations", "DescribeSimilarEventScenarios"] {
        let refusal = emulator.refusal(operation, &[("SecurityEventId", "1")]).await;
        assert_eq!(refusal.1, "SecurityEventNotExists");
    }
}

#[tokio::test]
async fn lists_and_handling_as_xml() {
    let emulator = TestEmulator::new("default");
    let call = TestCall::new("DescribeSuspEvents").param("PageSize", "1").param("Format", "XML");
    insta::assert_snapshot!(emulator.call(call).await.body, @r#"<?xml version='1.0' encoding='UTF-8'?><DescribeSuspEventsResponse><RequestId>EA5F17B1-17A7-53E4-84CE-9CC52DE88E34</RequestId><TotalCount>6</TotalCount><CurrentPage>1</CurrentPage><PageSize>1</PageSize><Count>1</Count><SuspEvents><SuspEvent><Id>67062457</Id><SecurityEventIds>67062457</SecurityEventIds><AlarmUniqueInfo>99f17bef4c9d3478b31dac04057bcfe4</AlarmUniqueInfo><UniqueInfo>99f17bef4c9d3478b31dac04057bcfe4</UniqueInfo><Name>Threat Intelligence-Look-up of a known bad name</Name><AlarmEventName>Look-up of a known bad name</AlarmEventName><AlarmEventNameDisplay>Look-up of a known bad name</AlarmEventNameDisplay><AlarmEventType>Threat Intelligence</AlarmEventType><AlarmEventTypeDisplay>Threat Intelligence</AlarmEventTypeDisplay><EventSubType>known_bad_domain</EventSubType><Desc>A process looked up a name that is listed as bad.</Desc><DataSource>aegis_suspicious_event</DataSource><Level>suspicious</Level><EventStatus>1</EventStatus><CanBeDealOnLine>true</CanBeDealOnLine><OccurrenceTime>2026-01-02 10:55:26</OccurrenceTime><OccurrenceTimeStamp>1767322526414</OccurrenceTimeStamp><LastTime>2026-01-02 10:55:26</LastTime><LastTimeStamp>1767322526414</LastTimeStamp><Details><Detail><NameDisplay>URL</NameDisplay><Type>text</Type><ValueDisplay>http://emulated-b205.example/</ValueDisplay><Value>http://emulated-b205.example/</Value></Detail><Detail><NameDisplay>Process ID</NameDisplay><Type>text</Type><ValueDisplay>29102</ValueDisplay><Value>29102</Value></Detail></Details><TacticItems><TacticItem><TacticId>TA0011</TacticId><TacticDisplayName>Command and Control</TacticDisplayName></TacticItem></TacticItems><Advanced>false</Advanced><AutoBreaking>false</AutoBreaking><CanCancelFault>false</CanCancelFault><ContainHwMode>false</ContainHwMode><DisplaySandboxResult>false</DisplaySandboxResult><HasTraceInfo>false</HasTraceInfo><LargeModel>false</LargeModel><SaleVersion>1</SaleVersion><AppName></AppName><Uuid>00000000-0000-4000-8000-000000000003</Uuid><InstanceId>i-emulated0003</InstanceId><InstanceName>server-3</InstanceName><InternetIp>203.0.113.3</InternetIp><IntranetIp>192.168.0.3</IntranetIp></SuspEvent></SuspEvents></DescribeSuspEventsResponse>"#);
    let id = list(&emulator, &[]).await["SuspEvents"][0]["Id"].clone();
    let task = handle(&emulator, "ignore", &[&id], &[]).await;
    emulator.advance(seconds(3));
    let call = TestCall::new("DescribeSecurityEventOperationStatus").param("TaskId", &task.to_string());
    let call = call.param("SecurityEventIds.1", &id.to_string()).param("Format", "XML");
    insta::assert_snapshot!(emulator.call(call).await.body, @r#"<?xml version='1.0' encoding='UTF-8'?><DescribeSecurityEventOperationStatusResponse><RequestId>411DA2DB-57AC-5A5E-9970-65F7D9316A14</RequestId><SecurityEventOperationStatusResponse><TaskStatus>Success</TaskStatus><SecurityEventOperationStatuses><SecurityEventOperationStatus><SecurityEventId>67062457</SecurityEventId><Status>Success</Status><ErrorCode>ignore.Success</ErrorCode></SecurityEventOperationStatus></SecurityEventOperationStatuses></SecurityEventOperationStatusResponse></DescribeSecurityEventOperationStatusResponse>"#);
}

#[tokio::test]
async fn alarms_rise_with_the_task_clock() {
    let emulator = TestEmulator::new("world: { alarms: { count: 60, from: 0s, over: 1h } }\n");
    let total = async || list(&emulator, &[]).await["TotalCount"].as_u64().unwrap();
    let mut risen = vec![total().await];
    let mut known: Vec<Value> = Vec::new();
    for _ in 0..6 {
        emulator.advance(seconds(600));
        let now = all(&emulator, &[]).await;
        assert!(known.iter().all(|alarm| now.contains(alarm)), "what has risen stays as it is");
        assert!(
            of(&now, "LastTimeStamp").is_sorted_by_key(|time| -time.as_i64().unwrap()),
            "the newest first"
        );
        risen.push(total().await);
        known = now;
    }
    assert!(risen[0] <= 1 && risen[6] == 60 && risen.is_sorted());
    assert!(risen.windows(2).all(|pair| (9..=11).contains(&(pair[1] - pair[0]))), "{risen:?}");
    emulator.advance(SignedDuration::from_hours(24 * 365));
    assert_eq!(total().await, 60);
}

#[tokio::test]
async fn filters_of_servers_times_and_texts() {
    let emulator = TestEmulator::new(MANY);
    let events = all(&emulator, &[]).await;
    let first = &events[0];
    let text = |member: &str| first[member].as_str().unwrap();
    for (name, value, member) in [
        ("Uuids", text("Uuid"), "Uuid"),
        ("Name", text("InstanceName"), "InstanceName"),
        ("Levels", text("Level"), "Level"),
        ("ParentEventTypes", text("AlarmEventType"), "AlarmEventType"),
        ("EventNames", text("EventSubType"), "EventSubType"),
        ("Source", text("DataSource"), "DataSource"),
    ] {
        let fits = |event: &&Value| {
            if name == "Name" {
                event[member].as_str().unwrap().contains(value)
            } else {
                event[member] == value
            }
        };
        let expected: Vec<&Value> = events.iter().filter(fits).map(|event| &event["Id"]).collect();
        assert_eq!(of(&all(&emulator, &[(name, value)]).await, "Id"), expected, "{name}");
    }
    let remark = |event: &&Value| {
        event["InternetIp"].as_str().unwrap().contains("113.1")
            || event["Name"].as_str().unwrap().contains("113.1")
    };
    let expected: Vec<&Value> = events.iter().filter(remark).map(|event| &event["Id"]).collect();
    assert_eq!(of(&all(&emulator, &[("Remark", "113.1")]).await, "Id"), expected);
    assert_eq!(
        all(&emulator, &[("Remark", text("Name"))]).await.len(),
        all(&emulator, &[("EventNames", text("EventSubType"))]).await.len()
    );
    let (since, until) = (events[60]["LastTime"].as_str().unwrap(), events[40]["LastTimeStamp"].to_string());
    let between = all(&emulator, &[("TimeStart", since), ("TimeEnd", &until)]).await;
    assert!(between.len() >= 20 && between.len() <= 62);
    assert!(of(&between, "LastTime").iter().all(|time| time.as_str().unwrap() >= since));
    assert_eq!(emulator.refusal("DescribeSuspEvents", &[("TimeStart", "yesterday")]).await.1, "IllegalParam");
    assert_eq!(list(&emulator, &[("PageSize", "1000")]).await["PageSize"], 100, "documented");
    for (name, value) in [("ClusterId", "c"), ("StrictMode", "Y"), ("TargetType", "containerId"), ("Id", "7")]
    {
        assert_eq!(list(&emulator, &[(name, value)]).await["TotalCount"], 0, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Lists, counts and statistics agree for every seed, before and after some alarms were handled, and after a restore.
    #[test]
    fn totals_agree(seed in 0..1000_u64, servers in 0..20_u32, count in 0..150_u32, handled in 0..20_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let scenario = format!("seed: {seed}\nworld: {{ servers: {servers}, windows: 30%, alarms: {{ count: {count} }} }}\nassets: []\n");
            let emulator = TestEmulator::new(&scenario);
            let events = all(&emulator, &[]).await;
            assert_eq!(events.len(), if servers == 0 { 0 } else { count as usize });
            let ids: Vec<&Value> = events.iter().step_by(3).take(handled).map(|event| &event["Id"]).collect();
            if !ids.is_empty() {
                handle(&emulator, "ignore", &ids, &[]).await;
                agree(&emulator).await;
                emulator.advance(seconds(3));
            }
            assert_eq!(agree(&emulator).await, events.len() - ids.len());
            let before = all(&emulator, &[("Status", "0")]).await;
            let state = emulator.snapshot().await;
            assert_eq!(emulator.control("PUT", "state", &state).await.status, 200);
            assert_eq!(all(&emulator, &[("Status", "0")]).await, before, "restored is the same");
        });
    }
}

/// How many alarms are open, if everything that counts them agrees.
async fn agree(emulator: &TestEmulator) -> usize {
    let open = all(emulator, &[]).await;
    assert_eq!(all(emulator, &[("Dealed", "N")]).await, open);
    let of_level =
        |events: &[Value], level: &str| events.iter().filter(|event| event["Level"] == level).count();
    let levels = ["serious", "suspicious", "remind"];
    let counted = levels.map(|level| json!(of_level(&open, level)));
    for (level, count) in levels.iter().zip(&counted) {
        assert_eq!(list(emulator, &[("Levels", level)]).await["TotalCount"], *count);
    }
    let counts = emulator.reply("DescribeEventLevelCount", &[]).await["EventLevels"].clone();
    assert_eq!(
        [&counts["Serious"], &counts["Suspicious"], &counts["Remind"]],
        [&counted[0], &counted[1], &counted[2]]
    );
    let counts = emulator.reply("GetSuspiciousStatistics", &[("GroupIdList", "1")]).await;
    assert_eq!(
        [&counts["SeriousCount"], &counts["SuspiciousCount"], &counts["RemindCount"]],
        [&counted[0], &counted[1], &counted[2]]
    );
    assert_eq!(counts["TotalCount"], open.len());
    let types = emulator.reply("DescribeNsasSuspEventType", &[]).await["EventTypes"].clone();
    for one in types.as_array().unwrap() {
        let of_type = list(emulator, &[("ParentEventTypes", one["Type"].as_str().unwrap())]).await;
        assert_eq!(of_type["TotalCount"], one["SuspEventCount"]);
    }
    let sum: u64 = types.as_array().unwrap().iter().map(|one| one["SuspEventCount"].as_u64().unwrap()).sum();
    assert_eq!(sum, open.len() as u64);
    let servers = emulator.reply("DescribeCloudCenterInstances", &[("PageSize", "100")]).await;
    let mut with_alarms = 0;
    for server in servers["Instances"].as_array().unwrap() {
        let uuid = server["Uuid"].as_str().unwrap();
        let here: Vec<Value> = open.iter().filter(|event| event["Uuid"] == uuid).cloned().collect();
        let counts = emulator.reply("GetInstanceAlarmStatistics", &[("Uuid", uuid)]).await["Data"].clone();
        let expected = levels.map(|level| json!(of_level(&here, level)));
        assert_eq!(
            [&counts["SeriousCount"], &counts["SuspiciousCount"], &counts["RemindCount"]],
            [&expected[0], &expected[1], &expected[2]]
        );
        let ids: Vec<String> = of(&here, "Id").into_iter().map(Value::to_string).collect();
        let names: Vec<String> = (1..=ids.len()).map(|place| format!("SecurityEventIds.{place}")).collect();
        let mut params: Vec<(&str, &str)> =
            names.iter().zip(&ids).map(|(name, id)| (&**name, &**id)).collect();
        params.push(("Uuid", uuid));
        assert_eq!(emulator.reply("CheckSecurityEventId", &params).await["Data"], !here.is_empty());
        with_alarms += usize::from(!here.is_empty());
    }
    assert_eq!(emulator.reply("GetAlarmMachineCount", &[]).await["Data"]["MachineCount"], with_alarms);
    open.len()
}
