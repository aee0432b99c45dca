//! Strategies of baseline checks: their executions, and how they are changed.

use serde_json::json;

use crate::harness::TestEmulator;
use crate::harness::baselines::pages;
use crate::harness::tasks::seconds;

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
