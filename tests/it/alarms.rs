//! Alarms: which there are, how lists, counts and details agree, and how handling changes them.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::harness::tasks::seconds;
use crate::harness::{TestCall, TestEmulator};

/// A hundred alarms on twelve servers, of which a quarter are offline.
const MANY: &str = "
world: { servers: 12, windows: 25%, offline: 25%, alarms: { count: 100 } }
assets: []
";

async fn list(emulator: &TestEmulator, params: &[(&str, &str)]) -> Value {
    emulator.reply("DescribeSuspEvents", params).await
}

/// All alarms that fit, page by page.
async fn all(emulator: &TestEmulator, params: &[(&str, &str)]) -> Vec<Value> {
    let mut found = Vec::new();
    for page in 1.. {
        let page = page.to_string();
        let reply =
            list(emulator, &[params, &[("CurrentPage", page.as_str()), ("PageSize", "7")]].concat()).await;
        let events = reply["SuspEvents"].as_array().unwrap();
        assert_eq!(reply["Count"], events.len());
        found.extend(events.clone());
        if events.is_empty() {
            assert_eq!(reply["TotalCount"], found.len());
            return found;
        }
    }
    found
}

async fn handle(emulator: &TestEmulator, code: &str, ids: &[&Value], more: &[(&str, &str)]) -> Value {
    let names: Vec<String> = (1..=ids.len()).map(|place| format!("SecurityEventIds.{place}")).collect();
    let ids: Vec<String> = ids.iter().map(|id| id.to_string()).collect();
    let mut params: Vec<(&str, &str)> = names.iter().zip(&ids).map(|(name, id)| (&**name, &**id)).collect();
    params.push(("OperationCode", code));
    params.extend(more);
    emulator.reply("HandleSecurityEvents", &params).await["HandleSecurityEventsResponse"]["TaskId"].clone()
}

async fn status(emulator: &TestEmulator, task: &Value, id: &Value) -> Value {
    let params = [("TaskId", &*task.to_string()), ("SecurityEventIds.1", &*id.to_string())];
    emulator.reply("DescribeSecurityEventOperationStatus", &params).await["SecurityEventOperationStatusResponse"].clone()
}

fn of<'v>(events: &'v [Value], member: &str) -> Vec<&'v Value> {
    events.iter().map(|event| &event[member]).collect()
}

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
async fn handling_is_a_life_cycle() {
    let emulator = TestEmulator::new(MANY);
    let alarm = list(&emulator, &[]).await["SuspEvents"][0].clone();
    let (id, unique) = (&alarm["Id"], alarm["UniqueInfo"].as_str().unwrap());
    let shown = async || list(&emulator, &[("UniqueInfo", unique)]).await["SuspEvents"][0].clone();
    assert_eq!((&alarm["EventStatus"], &alarm["CanBeDealOnLine"]), (&json!(1), &json!(true)));
    let task = handle(&emulator, "ignore", &[id], &[("Remark", "a known test")]).await;
    let running = json!({
        "TaskStatus": "Processing",
        "SecurityEventOperationStatuses": [{ "SecurityEventId": id.to_string(), "Status": "Processing" }],
    });
    assert_eq!(status(&emulator, &task, id).await, running);
    let busy = shown().await;
    assert_eq!(
        (&busy["EventStatus"], &busy["CanBeDealOnLine"], busy.get("OperateErrorCode")),
        (&json!(16), &json!(false), None)
    );
    let params = [("SecurityEventIds.1", &*id.to_string()), ("OperationCode", "ignore")];
    assert_eq!(
        emulator.refusal("HandleSecurityEvents", &params).await.1,
        "IllegalParam",
        "it is being handled"
    );
    emulator.advance(seconds(3));
    let done = json!({
        "TaskStatus": "Success",
        "SecurityEventOperationStatuses": [
            { "SecurityEventId": id.to_string(), "Status": "Success", "ErrorCode": "ignore.Success" },
        ],
    });
    assert_eq!(status(&emulator, &task, id).await, done);
    let ignored = shown().await;
    let members = ["EventStatus", "OperateErrorCode", "OperateMsg"].map(|member| &ignored[member]);
    assert_eq!(members, [&json!(2), &json!("ignore.Success"), &json!("success")]);
    assert_eq!(ignored["EventNotes"][0]["Note"], "a known test");
    assert_eq!(list(&emulator, &[]).await["TotalCount"], 99, "what is over is not in the list");
    assert_eq!(of(&all(&emulator, &[("Dealed", "Y")]).await, "Id"), [id]);

    emulator.reply("OperationCancelIgnoreSuspEvent", &[("SecurityEventIds.1", &id.to_string())]).await;
    assert_eq!(shown().await, alarm, "as if nothing had been done");
}

#[tokio::test]
async fn each_operation_leads_to_its_status_and_some_can_be_taken_back() {
    let emulator = TestEmulator::new(MANY);
    let events = all(&emulator, &[]).await;
    let outcomes = [("ignore", 2), ("manual_handled", 4), ("advance_mark_mis_info", 8)];
    for (event, (code, status)) in events.iter().zip(outcomes) {
        handle(&emulator, code, &[&event["Id"]], &[]).await;
        emulator.advance(seconds(3));
        let found = list(&emulator, &[("Id", &event["Id"].to_string())]).await;
        assert_eq!(found["SuspEvents"][0]["EventStatus"], status);
    }
    for (event, code) in [(&events[1], "cancle_manual"), (&events[2], "rm_mark_mis_info")] {
        let offered = emulator
            .reply("DescribeSecurityEventOperations", &[("SecurityEventId", &event["Id"].to_string())])
            .await;
        assert_eq!(offered["SecurityEventOperationsResponse"][0]["OperationCode"], code);
        handle(&emulator, code, &[&event["Id"]], &[]).await;
        emulator.advance(seconds(3));
        assert_eq!(list(&emulator, &[("Id", &event["Id"].to_string())]).await["SuspEvents"][0], *event);
    }
    let blocked = all(&emulator, &[("SupportOperateCodeList.1", "block_ip")]).await;
    let (id, until) = (&blocked[0]["Id"], ("OperationParams", r#"{"expireTime":1773991205392}"#));
    let params = [("SecurityEventIds.1", &*id.to_string()), ("OperationCode", "block_ip")];
    assert_eq!(emulator.refusal("HandleSecurityEvents", &params).await.1, "IllegalParam", "it needs an end");
    let task = handle(&emulator, "block_ip", &[id], &[until]).await;
    emulator.advance(seconds(3));
    assert_eq!(status(&emulator, &task, id).await["TaskStatus"], "Success");
    let shown = list(&emulator, &[("Id", &id.to_string())]).await;
    assert_eq!(
        (&shown["SuspEvents"][0]["EventStatus"], &shown["SuspEvents"][0]["CanBeDealOnLine"]),
        (&json!(32), &json!(false))
    );
}

#[tokio::test]
async fn what_needs_an_agent_fails_where_it_is_offline() {
    let emulator = TestEmulator::new(MANY);
    let servers = emulator.reply("DescribeCloudCenterInstances", &[("PageSize", "100")]).await;
    let servers: BTreeMap<&str, &str> = servers["Instances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|server| (server["Uuid"].as_str().unwrap(), server["ClientStatus"].as_str().unwrap()))
        .collect();
    let files = all(&emulator, &[("SupportOperateCodeList.1", "quara")]).await;
    let on =
        |wanted: &str| files.iter().find(|event| servers[event["Uuid"].as_str().unwrap()] == wanted).unwrap();
    let (online, offline) = (on("online"), on("offline"));
    let task = handle(&emulator, "quara", &[&online["Id"], &offline["Id"]], &[]).await;
    let files = async |status| emulator.reply("DescribeSuspEventQuaraFiles", &[("Status", status)]).await;
    assert_eq!(files("quaraing").await["TotalCount"], 2);
    emulator.advance(seconds(3));
    let of_online = status(&emulator, &task, &online["Id"]).await;
    assert_eq!(of_online["TaskStatus"], "Failure", "one of its alarms failed");
    assert_eq!(of_online["SecurityEventOperationStatuses"][0]["ErrorCode"], "quara.Success");
    let of_offline =
        status(&emulator, &task, &offline["Id"]).await["SecurityEventOperationStatuses"][0].clone();
    assert_eq!(
        (&of_offline["Status"], &of_offline["ErrorCode"]),
        (&json!("Failed"), &json!("quara.AgentOffline"))
    );
    let failed = all(&emulator, &[("OperateErrorCodeList.1", "quara.AgentOffline")]).await;
    assert_eq!((of(&failed, "Id"), &failed[0]["EventStatus"]), (vec![&offline["Id"]], &json!(1)));
    assert_eq!(
        (files("quaraDone").await["TotalCount"].clone(), files("quaraFailed").await["TotalCount"].clone()),
        (json!(1), json!(1))
    );
    let mut file = files("quaraDone").await["QuaraFiles"][0].clone();
    assert_eq!(file["Uuid"], online["Uuid"]);
    for member in ["Uuid", "InstanceId", "InstanceName", "InternetIp", "IntranetIp", "Ip"] {
        file.as_object_mut().unwrap().remove(member);
    }
    insta::assert_json_snapshot!(file, @r#"
    {
      "Id": 67062548,
      "Tag": "475571ca1879d88e084916d2057bcf81",
      "Status": "quaraDone",
      "ModifyTime": "2026-01-02 11:04:08",
      "EventName": "Scheduled command from outside",
      "EventType": "Persistent Webshell",
      "Path": "/tmp/emulated-316c",
      "Md5": "ab7ba0493f0fccc32a612571e4a3ab1d"
    }
    "#);
}

#[tokio::test]
async fn faults_and_the_control_api_apply_to_handling() {
    let emulator =
        TestEmulator::new(&format!("lifecycles: {{ ALARM_HANDLING: {{ outcome: fail }} }}\n{MANY}"));
    let alarm = list(&emulator, &[]).await["SuspEvents"][0].clone();
    let task = handle(&emulator, "ignore", &[&alarm["Id"]], &[]).await;
    emulator.advance(seconds(60));
    let failed = status(&emulator, &task, &alarm["Id"]).await;
    assert_eq!(
        (&failed["TaskStatus"], &failed["SecurityEventOperationStatuses"][0]["ErrorCode"]),
        (&json!("Failure"), &json!("ignore.Failure"))
    );
    let again = list(&emulator, &[("Id", &alarm["Id"].to_string())]).await["SuspEvents"][0].clone();
    assert_eq!((&again["EventStatus"], &again["OperateErrorCode"]), (&json!(1), &json!("ignore.Failure")));
    assert_eq!(list(&emulator, &[]).await["TotalCount"], 100, "it waits again");
}

#[tokio::test]
async fn every_alarm_of_a_call_is_handled_whatever_the_size_of_scans() {
    let emulator = TestEmulator::new(&format!("lifecycles: {{ \"*\": {{ targets: 2 }} }}\n{MANY}"));
    let events = all(&emulator, &[]).await;
    let ids: Vec<&Value> = events.iter().take(20).map(|event| &event["Id"]).collect();
    let task = handle(&emulator, "ignore", &ids, &[]).await;
    emulator.advance(seconds(10));
    assert_eq!(
        status(&emulator, &task, ids[19]).await["SecurityEventOperationStatuses"][0]["Status"],
        "Success"
    );
    assert_eq!(all(&emulator, &[("Status", "2")]).await.len(), 20);
}

#[tokio::test]
async fn free_servers_offer_what_needs_no_agent() {
    let emulator =
        TestEmulator::new("world: { servers: 3, edition: free, alarms: { count: 60 } }\nassets: []\n");
    let file = all(&emulator, &[("SupportOperateCodeList.1", "quara")]).await[0].clone();
    let offered = emulator
        .reply("DescribeSecurityEventOperations", &[("SecurityEventId", &file["Id"].to_string())])
        .await;
    let offered: BTreeMap<String, bool> = offered["SecurityEventOperationsResponse"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["OperationCode"].as_str().unwrap().to_owned(), one["UserCanOperate"].as_bool().unwrap())
        })
        .collect();
    assert_eq!((offered["quara"], offered["ignore"]), (false, true));
    let params = [("SecurityEventIds.1", &*file["Id"].to_string()), ("OperationCode", "quara")];
    assert_eq!(emulator.refusal("HandleSecurityEvents", &params).await.1, "FreeVersionNotPermit");
}

#[tokio::test]
async fn white_lists_take_in_alarms_of_the_same_kind() {
    let emulator = TestEmulator::new(MANY);
    let events = all(&emulator, &[]).await;
    let mut kinds = BTreeMap::<&str, Vec<&Value>>::new();
    for event in &events {
        kinds.entry(event["EventSubType"].as_str().unwrap()).or_default().push(event);
    }
    let alike = kinds.values().max_by_key(|events| events.len()).unwrap();
    let (first, subtype) = (alike[0], alike[0]["EventSubType"].as_str().unwrap());
    let here = alike.iter().filter(|event| event["Uuid"] == first["Uuid"]).count();
    let rule = r#"[{"uuid":"part","field":"FIELD","operate":"notContains","fieldValue":"never"}]"#;
    let operations = emulator
        .reply("DescribeSecurityEventOperations", &[("SecurityEventId", &first["Id"].to_string())])
        .await;
    let operations = operations["SecurityEventOperationsResponse"].as_array().unwrap().clone();
    let mark = operations.iter().find(|one| one["OperationCode"] == "advance_mark_mis_info").unwrap();
    let rule = rule.replace("FIELD", mark["MarkFieldsSource"][0]["FiledName"].as_str().unwrap());
    let params = [("MarkBatch", "true"), ("MarkMissParam", &*rule)];
    handle(&emulator, "advance_mark_mis_info", &[&first["Id"]], &params).await;
    emulator.advance(seconds(3));
    let marked = async || all(&emulator, &[("Status", "8")]).await.len();
    assert_eq!(marked().await, here, "those of this server");
    let waiting = all(&emulator, &[("EventNames", subtype)]).await;
    if let Some(other) = waiting.first() {
        handle(&emulator, "advance_mark_mis_info", &[&other["Id"]], &[("MarkBatch", "true")]).await;
        emulator.advance(seconds(3));
        assert_eq!(marked().await, alike.len(), "those of all servers");
    }
    let wrong = [
        ("SecurityEventIds.1", &*events[99]["Id"].to_string()),
        ("OperationCode", "advance_mark_mis_info"),
        ("MarkMissParam", "[{}]"),
    ];
    assert_eq!(emulator.refusal("HandleSecurityEvents", &wrong).await.1, "IllegalParam");
}

#[tokio::test]
async fn similar_alarms_are_looked_for_and_handled_together() {
    let emulator = TestEmulator::new(MANY);
    let events = all(&emulator, &[]).await;
    let alike: Vec<&Value> =
        events.iter().filter(|event| event["EventSubType"] == events[0]["EventSubType"]).collect();
    let query = emulator
        .reply("CreateSimilarSecurityEventsQueryTask", &[("SecurityEventId", &events[0]["Id"].to_string())])
        .await;
    let query = &query["CreateSimilarSecurityEventsQueryTaskResponse"];
    assert_eq!(query["Status"], "RetrievingData");
    let task = query["TaskId"].to_string();
    let found = async || emulator.reply("DescribeSimilarSecurityEvents", &[("TaskId", &task)]).await;
    assert_eq!(found().await["PageInfo"]["TotalCount"], 0);
    emulator.advance(seconds(1));
    let reply = found().await;
    assert_eq!(reply["PageInfo"]["TotalCount"], alike.len());
    assert_eq!(
        of(reply["SecurityEventsResponse"].as_array().unwrap(), "SecurityEventId"),
        alike.iter().map(|event| &event["Id"]).collect::<Vec<_>>()
    );
    emulator.reply("HandleSimilarSecurityEvents", &[("TaskId", &task), ("OperationCode", "ignore")]).await;
    emulator.advance(seconds(3));
    assert_eq!(all(&emulator, &[("Status", "2")]).await.len(), alike.len());
    assert_eq!(found().await["PageInfo"]["TotalCount"], 0, "none of them waits");
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
