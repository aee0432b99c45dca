//! What an account has bought, and its settings.

use serde_json::{Value, json};

use crate::harness::tasks::{TWO, ask};
use crate::harness::{Setup, TestEmulator};

#[tokio::test]
async fn editions_and_counts_follow_from_the_servers() {
    let emulator = TestEmulator::new(TWO);
    let summary = emulator.reply("GetAuthSummary", &[]).await;
    assert_eq!(summary["HighestVersion"], 7);
    let machine = &summary["Machine"];
    assert_eq!((&machine["TotalEcsCount"], &machine["BindEcsCount"]), (&json!(2), &json!(1)));
    assert_eq!(
        (&summary["VersionSummary"][0]["Version"], &summary["VersionSummary"][1]),
        (&json!(7), &Value::Null)
    );
    let config = emulator.reply("DescribeVersionConfig", &[]).await;
    assert_eq!((&config["Version"], &config["AssetLevel"]), (&json!(7), &json!(1)));
    assert_eq!(TestEmulator::new("assets: []\n").reply("GetAuthSummary", &[]).await["HighestVersion"], 1);
}

/// What of one member by another, in a list of objects.
async fn listed(
    emulator: &TestEmulator,
    action: &str,
    list: &str,
    [name, value]: [&str; 2],
) -> Vec<(String, Value)> {
    let reply = emulator.reply(action, &[]).await;
    let items = reply[list].as_array().unwrap().iter();
    items.map(|item| (item[name].as_str().unwrap().to_owned(), item[value].clone())).collect()
}

async fn routes(emulator: &TestEmulator) -> Vec<(String, Value)> {
    listed(emulator, "DescribeNoticeConfig", "NoticeConfigList", ["Project", "Route"]).await
}

fn of<'v>(list: &'v [(String, Value)], name: &str) -> &'v Value {
    &list.iter().find(|(other, _)| other == name).unwrap().1
}

#[tokio::test]
async fn notices_read_back_as_they_were_changed() {
    let emulator = Setup::new("default").seed(7).start();
    let usual = routes(&emulator).await;
    assert_eq!(usual.len(), 31);
    assert!(usual.iter().all(|(_, route)| *route == 7));
    emulator
        .reply("ModifyNoticeConfig", &[("Project", "webshell"), ("Route", "3"), ("TimeLimit", "1")])
        .await;
    emulator.reply("ModifyNoticeConfig", &[("Project", "webshell"), ("Route", "0")]).await;
    emulator.reply("ModifyNoticeConfig", &[("Project", "agent"), ("Route", "0"), ("DryRun", "true")]).await;
    let cms = [("Project", "Vul_event"), ("BizType", "cms"), ("Route", "1"), ("TimeLimit", "90")];
    emulator.reply("ModifyNoticeConfig", &cms).await;
    let taken = emulator.snapshot().await;
    let changed = routes(&emulator).await;
    assert_eq!((of(&changed, "webshell"), of(&changed, "agent")), (&json!(0), &json!(7)));
    let reply = emulator.reply("DescribeNoticeConfig", &[]).await;
    let webshell =
        reply["NoticeConfigList"].as_array().unwrap().iter().find(|one| one["Project"] == "webshell");
    insta::assert_json_snapshot!(webshell, @r#"
    {
      "Project": "webshell",
      "Route": 0,
      "TimeLimit": 1,
      "AliUid": 1928938411283914,
      "CurrentPage": 1
    }
    "#);
    let cms =
        ask("DescribeNoticeConfig", &[("BizType", "cms")]).with(|call| call.format = Some("XML".into()));
    let xml = emulator.call(cms).await.body;
    let (_, list) = xml.split_once("</RequestId>").unwrap();
    let first = list.split_inclusive("</NoticeConfigList>").next().unwrap();
    insta::assert_snapshot!(first, @"<NoticeConfigList><NoticeConfigList><Project>Vul_event</Project><Route>1</Route><TimeLimit>90</TimeLimit><AliUid>1928938411283914</AliUid><CurrentPage>1</CurrentPage><Category>Vul</Category></NoticeConfigList>");
    for params in [
        [("Project", "webshell"), ("Route", "8")],
        [("Project", "webshell"), ("Route", "-1")],
        [("Project", "webshell"), ("TimeLimit", "2")],
        [("Project", "other"), ("Route", "1")],
        [("Project", "Vul_event"), ("Route", "1")],
        [("Project", "webshell"), ("BizType", "cms")],
    ] {
        assert_eq!(emulator.refusal("ModifyNoticeConfig", &params).await.1, "IllegalParam", "{params:?}");
    }
    assert_eq!(routes(&emulator).await, changed);
    emulator.control("POST", "reset", "").await;
    assert_eq!(routes(&emulator).await, usual);
    emulator.control("PUT", "state", &taken).await;
    assert_eq!(routes(&emulator).await, changed);
}

#[tokio::test]
async fn what_is_looked_for_reads_back_as_it_was_changed() {
    let emulator = Setup::new("default").seed(7).start();
    insta::assert_json_snapshot!(emulator.reply("DescribeVulConfig", &[("Type", "cve")]).await, @r#"
    {
      "RequestId": "3E979803-004A-5F9B-8BA4-2BD3A3F208C9",
      "TargetConfigs": [
        {
          "Type": "cve",
          "Config": "on",
          "OverAllConfig": "on"
        }
      ],
      "TotalCount": 1
    }
    "#);
    assert_eq!(
        emulator.reply("DescribeConcernNecessity", &[]).await["ConcernNecessity"],
        json!(["asap", "later", "nntf"])
    );
    let configs = async || listed(&emulator, "DescribeVulConfig", "TargetConfigs", ["Type", "Config"]).await;
    for (kind, value) in [("yum", "off"), ("scanMode", "real")] {
        emulator.reply("ModifyVulConfig", &[("Type", kind), ("Config", value)]).await;
        assert_eq!(*of(&configs().await, kind), value);
    }
    emulator.reply("ModifyVulConfig", &[("Type", "cve"), ("Config", "off"), ("DryRun", "true")]).await;
    assert_eq!(*of(&configs().await, "cve"), "on");
    let one = emulator.reply("DescribeVulConfig", &[("Type", "yum")]).await;
    assert_eq!((&one["TotalCount"], &one["TargetConfigs"][0]["Config"]), (&json!(1), &json!("off")));
    for (kind, value) in
        [("cve", "real"), ("scanMode", "on"), ("imageVulClean", "30"), ("other", "on"), ("cve", "")]
    {
        let refused = emulator.refusal("ModifyVulConfig", &[("Type", kind), ("Config", value)]).await;
        assert_eq!(refused.1, "IllegalParam", "{kind} {value}");
    }
    emulator.reply("ModifyConcernNecessity", &[("ConcernNecessity", "nntf, asap")]).await;
    assert_eq!(
        emulator.reply("DescribeConcernNecessity", &[]).await["ConcernNecessity"],
        json!(["asap", "nntf"])
    );
    emulator.reply("ModifyConcernNecessity", &[]).await;
    assert_eq!(emulator.reply("DescribeConcernNecessity", &[]).await["ConcernNecessity"], json!([]));
    assert_eq!(
        emulator.refusal("ModifyConcernNecessity", &[("ConcernNecessity", "high")]).await.1,
        "IllegalParam"
    );
}

#[tokio::test]
async fn logs_read_back_as_they_were_changed() {
    let emulator = Setup::new("default").seed(7).start();
    let logs = async || listed(&emulator, "DescribeLogMeta", "LogMetaList", ["LogStore", "Status"]).await;
    assert!(logs().await.len() == 11 && logs().await.iter().all(|(_, status)| status == "enabled"));
    insta::assert_json_snapshot!(emulator.reply("DescribeLogMeta", &[]).await["LogMetaList"][0], @r#"
    {
      "LogStore": "aegis-log-client",
      "LogDesc": "Events of agents",
      "Category": "host",
      "Status": "enabled",
      "Topic": "aegis-log-client",
      "Project": "aegis-log",
      "UserProject": "sasnew-log-1928938411283914-cn-hangzhou",
      "UserLogStore": "sas-log",
      "UserRegion": "cn-hangzhou",
      "Ttl": 180,
      "HotTtl": -1
    }
    "#);
    let change = |store, status| [("LogStore", store), ("Status", status)];
    emulator.reply("ModifyLogMetaStatus", &change("sas-vul-log", "disabled")).await;
    assert_eq!(*of(&logs().await, "sas-vul-log"), "disabled");
    let one = emulator.reply("GetLogMeta", &[("LogStore", "sas-vul-log")]).await;
    assert_eq!(
        one["LogMeta"],
        json!({"Project": "aegis-log", "LogStore": "sas-vul-log", "Status": "disabled"})
    );
    for wrong in [change("other", "enabled"), change("sas-vul-log", "on")] {
        assert_eq!(emulator.refusal("ModifyLogMetaStatus", &wrong).await.1, "IllegalParam");
    }
    assert_eq!(emulator.refusal("GetLogMeta", &[("LogStore", "other")]).await.1, "IllegalParam");
    let paths = emulator.reply("DescribeWebPath", &[("CurrentPage", "2")]).await;
    assert_eq!(
        (&paths["ConfigList"], &paths["CurrentPage"], &paths["TotalCount"]),
        (&json!([]), &json!(2), &json!(0))
    );
}

/// What a published program (prowler) reads: it finds `Route` 0, `Config` off and a level that is missing.
#[tokio::test]
async fn a_scenario_says_how_accounts_are_set_up() {
    let emulator = TestEmulator::new(
        "world:
  configuration:
    notices: { '*': 4, sas_suspicious: 0, Rasp_event: 1 }
    vulnerabilities: { yum: off, imageVulClean: '90' }
    necessities: [asap]
    logs: { sas-vul-log: disabled }
",
    );
    let routes = routes(&emulator).await;
    assert_eq!((of(&routes, "sas_suspicious"), of(&routes, "webshell")), (&json!(0), &json!(4)));
    let cms = emulator.reply("DescribeNoticeConfig", &[("BizType", "cms")]).await;
    assert_eq!(
        (&cms["NoticeConfigList"][6]["Route"], &cms["NoticeConfigList"][0]["Route"]),
        (&json!(1), &json!(0))
    );
    let configs = listed(&emulator, "DescribeVulConfig", "TargetConfigs", ["Type", "Config"]).await;
    assert_eq!((of(&configs, "yum"), of(&configs, "imageVulClean")), (&json!("off"), &json!("90")));
    assert_eq!(emulator.reply("DescribeConcernNecessity", &[]).await["ConcernNecessity"], json!(["asap"]));
    let logs = listed(&emulator, "DescribeLogMeta", "LogMetaList", ["LogStore", "Status"]).await;
    assert_eq!(*of(&logs, "sas-vul-log"), "disabled");
    emulator.reply("ModifyNoticeConfig", &[("Project", "sas_suspicious"), ("Route", "1")]).await;
    assert!(!emulator.snapshot().await.contains("sas-vul-log\":"), "an account keeps what it changed");
}
