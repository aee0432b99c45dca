//! What is done about alarms: handling on the task clock, white lists, and alarms that are alike.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::TestEmulator;
use crate::harness::alarms::{MANY, all, handle, list, of, status};
use crate::harness::tasks::seconds;

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
