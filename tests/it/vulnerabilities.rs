//! Vulnerabilities of servers: lists, filters, pages, and counts that agree.

use serde_json::{Value, json};

use crate::harness::findings::{SERVERS, all, number, operate, records};
use crate::harness::tasks::seconds;
use crate::harness::{Setup, TestEmulator};

/// What is done in an account before its sums are compared.
async fn act(emulator: &TestEmulator) {
    let found = all(emulator, &[], 1000).await;
    let hows = ["vul_fix", "vul_ignore", "vul_verify", "vul_delete"];
    for (finding, how) in found.iter().step_by(5).zip(hows.iter().cycle()) {
        let is_repaired = ["cve", "sys", "cms"].contains(&finding["Type"].as_str().unwrap());
        if is_repaired || *how != "vul_fix" {
            operate(emulator, finding, how).await;
        }
    }
    let listed = found.iter().nth_back(1).map(|finding| {
        json!([{"name": finding["Name"], "type": finding["Type"], "aliasName": finding["AliasName"]}])
            .to_string()
    });
    if let Some(listed) = listed {
        emulator.reply("ModifyCreateVulWhitelist", &[("Whitelist", &listed)]).await;
    }
}

/// List, groups, statistics and servers agree.
async fn check_sums(emulator: &TestEmulator) {
    let open = all(emulator, &[("Dealed", "n")], 1000).await;
    let handled = all(emulator, &[("Dealed", "y")], 1000).await;
    let listed = all(emulator, &[], 1000).await;
    assert_eq!(open.len() + handled.len(), listed.len());
    assert_eq!(all(emulator, &[], 7).await, listed, "pages are slices, and the order is stable");
    let levels = ["asap", "later", "nntf"];
    let by_level =
        levels.map(|level| open.iter().filter(|finding| finding["Necessity"] == level).count() as u64);

    let groups = emulator.reply("DescribeGroupedVul", &[("PageSize", "1000")]).await;
    let sum = |member: &str| {
        groups["GroupedVulItems"].as_array().unwrap().iter().map(|group| number(&group[member])).sum::<u64>()
    };
    assert_eq!([sum("AsapCount"), sum("LaterCount"), sum("NntfCount")], by_level);
    assert_eq!(sum("HandledCount"), handled.len() as u64);

    let numbers = emulator.reply("DescribeVulNumStatistics", &[]).await;
    assert_eq!(["VulAsapSum", "VulLaterSum", "VulNntfSum"].map(|sum| number(&numbers[sum])), by_level);
    assert_eq!(number(&numbers["VulDealedTotalNum"]), handled.len() as u64);

    let fixes = emulator.reply("DescribeVulFixStatistics", &[]).await;
    let of = |statuses: &[u64]| {
        let is_one =
            |finding: &&Value| finding["Type"] != "sca" && statuses.contains(&number(&finding["Status"]));
        listed.iter().filter(is_one).count() as u64
    };
    let total = &fixes["FixTotal"];
    let shown = ["NeedFixNum", "FixingNum", "FixedTotalNum"].map(|member| number(&total[member]));
    assert_eq!(shown, [of(&[1, 2, 6]), of(&[4]), of(&[7, 8])]);

    let servers = emulator.reply("DescribeCloudCenterInstances", &[("PageSize", "1000")]).await;
    let servers = servers["Instances"].as_array().unwrap();
    assert_eq!(servers.iter().map(|server| number(&server["VulCount"])).sum::<u64>(), open.len() as u64);
    for (criterion, level) in [("vulStatus", None), ("asapVulStatus", Some("asap"))] {
        let criteria = json!([{"name": criterion, "value": "YES"}]).to_string();
        let listed = emulator.reply("DescribeCloudCenterInstances", &[("Criteria", &criteria)]).await;
        let has_one = |server: &&Value| {
            open.iter().any(|finding| {
                finding["Uuid"] == server["Uuid"] && level.is_none_or(|level| finding["Necessity"] == level)
            })
        };
        assert_eq!(number(&listed["PageInfo"]["TotalCount"]), servers.iter().filter(has_one).count() as u64);
    }
}

#[tokio::test]
async fn sums_agree_in_every_account_and_survive_a_restore() {
    let scenarios = [
        "seed: 3\n",
        SERVERS,
        "world: { servers: 30, uninstalled: 20%, offline: 30%, vulnerabilities: { per_server: 3, types: { sca: 50% } } }\n",
        "world: { servers: 5, vulnerabilities: { per_server: 0 } }\n",
        "world: { servers: 8, vulnerabilities: { per_server: 8, found_by_scan: 2, lost_by_scan: 1, levels: { asap: 100% } } }\n",
        "assets: []\n",
    ];
    for (seed, scenario) in scenarios.iter().enumerate() {
        let emulator = Setup::new(scenario).seed(seed as u64).start();
        check_sums(&emulator).await;
        act(&emulator).await;
        check_sums(&emulator).await;
        emulator.advance(seconds(4));
        check_sums(&emulator).await;
        let state = emulator.snapshot().await;
        emulator.advance(seconds(60));
        let later = all(&emulator, &[], 1000).await;
        assert_eq!(emulator.control("PUT", "state", &state).await.status, 200);
        assert_eq!(emulator.snapshot().await, state);
        check_sums(&emulator).await;
        emulator.advance(seconds(60));
        assert_eq!(all(&emulator, &[], 1000).await, later, "it goes on as it would have");
        emulator.reply("ModifyStartVulScan", &[]).await;
        emulator.advance(seconds(60));
        check_sums(&emulator).await;
    }
}

#[tokio::test]
async fn each_filter_of_the_list_filters() {
    let emulator = TestEmulator::new(
        "world: { servers: 10, groups: { web: 40% }, vulnerabilities: { per_server: 20 } }\n",
    );
    let open = all(&emulator, &[], 1000).await;
    let one = &open[open.len() / 2];
    let text = |member: &str| one[member].as_str().map_or_else(|| one[member].to_string(), str::to_owned);
    for (filter, member) in [
        ("Uuids", "Uuid"),
        ("Name", "Name"),
        ("AliasName", "AliasName"),
        ("Necessity", "Necessity"),
        ("GroupId", "GroupId"),
        ("RaspDefend", "RaspDefend"),
        ("Ids", "PrimaryId"),
        ("Remark", "InstanceId"),
    ] {
        let found = all(&emulator, &[(filter, &text(member))], 1000).await;
        let expected: Vec<Value> =
            open.iter().filter(|other| other[member] == one[member]).cloned().collect();
        assert!(!found.is_empty() && found.len() < open.len(), "{filter}");
        assert_eq!(found, expected, "{filter}");
    }
    for (filter, value, count) in [
        ("StatusList", "1,4", open.len()),
        ("StatusList", "7", 0),
        ("Dealed", "y", 0),
        ("TargetType", "uuid", open.len()),
        ("TargetType", "containerId", 0),
        ("ClusterId", "c1", 0),
        ("Uuids", "unknown", 0),
        ("Necessity", "asap,later,nntf", open.len()),
    ] {
        assert_eq!(all(&emulator, &[(filter, value)], 1000).await.len(), count, "{filter} {value}");
    }
    let both = emulator.reply("DescribeVulList", &[("Type", "app"), ("AttachTypes", "sca")]).await;
    let is_one = |finding: &&Value| ["app", "sca"].contains(&finding["Type"].as_str().unwrap());
    assert_eq!(number(&both["TotalCount"]), open.iter().filter(is_one).count() as u64);

    let related = open[0]["Related"].as_str().unwrap().split(',').next().unwrap();
    let of_cve = emulator.reply("DescribeGroupedVul", &[("CveId", related)]).await;
    assert_eq!((number(&of_cve["TotalCount"]), &of_cve["GroupedVulItems"][0]["Name"]), (1, &open[0]["Name"]));
    let tagged =
        emulator.reply("DescribeGroupedVul", &[("SearchTags", "Exploit Exists"), ("PageSize", "1000")]).await;
    let tagged = tagged["GroupedVulItems"].as_array().unwrap();
    assert!(
        !tagged.is_empty()
            && tagged.iter().all(|group| group["Tags"].as_str().unwrap().contains("Exploit Exists"))
    );
}

#[tokio::test]
async fn pages_by_token_lead_through_the_whole_list() {
    let emulator = TestEmulator::new(SERVERS);
    let whole = emulator.reply("DescribeVulList", &[("Type", "sca"), ("PageSize", "1000")]).await;
    let (mut token, mut found) = (String::new(), Vec::new());
    loop {
        let paging = [("Type", "sca"), ("PageSize", "7"), ("UseNextToken", "true"), ("NextToken", &token)];
        let page = emulator.reply("DescribeVulList", &paging).await;
        assert!(page.get("TotalCount").is_none());
        found.extend(records(&page).iter().cloned());
        token = page["NextToken"].as_str().unwrap().to_owned();
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(&found, records(&whole));
    let wrong = [("Type", "sca"), ("UseNextToken", "true"), ("NextToken", "x")];
    assert_eq!(emulator.refusal("DescribeVulList", &wrong).await.1, "IllegalParam");
}

#[tokio::test]
async fn accounts_and_seeds_have_worlds_of_their_own() {
    let emulator = TestEmulator::new(SERVERS);
    let one = all(&emulator, &[], 1000).await;
    assert_eq!(all(&emulator, &[], 1000).await, one);
    assert_eq!(all(&TestEmulator::new(SERVERS), &[], 1000).await, one);
    assert_ne!(all(&Setup::new(SERVERS).seed(9).start(), &[], 1000).await, one);
    let state: Value = serde_json::from_str(&emulator.snapshot().await).unwrap();
    let (_, account) = state["accounts"].as_object().unwrap().iter().next().unwrap();
    assert!(account["holds"].get("posture").is_none(), "who only reads stores nothing");
}

#[tokio::test]
async fn components_are_those_in_which_vulnerabilities_were_found() {
    let emulator = TestEmulator::new(SERVERS);
    let listed = emulator.reply("DescribeVulList", &[("Type", "sca"), ("PageSize", "1000")]).await;
    let reply = emulator.reply("DescribePropertyScaDetail", &[("PageSize", "1000"), ("Biz", "sca")]).await;
    let components = reply["Propertys"].as_array().unwrap();
    assert_eq!(reply["PageInfo"]["TotalCount"], listed["TotalCount"]);
    for (component, record) in components.iter().zip(records(&listed)) {
        let package = &record["ExtendContentJson"]["RpmEntityList"][0];
        let of_record = [&record["Uuid"], &package["Name"], &package["Version"], &package["Path"]];
        assert_eq!(["Uuid", "Name", "Version", "Path"].map(|member| &component[member]), of_record);
    }
    let one = &components[0];
    let (uuid, name) = (one["Uuid"].as_str().unwrap(), one["Name"].as_str().unwrap());
    for (filters, member) in [
        (&[("Uuid", uuid)][..], "Uuid"),
        (&[("ScaName", name)], "Name"),
        (&[("ScaNamePattern", &name[1..])], "Name"),
        (&[("SearchItem", "name"), ("SearchInfo", name)], "Name"),
        (&[("ScaVersion", one["Version"].as_str().unwrap())], "Version"),
    ] {
        let found =
            emulator.reply("DescribePropertyScaDetail", &[&[("PageSize", "1000")], filters].concat()).await;
        let expected = components.iter().filter(|other| other[member] == one[member]).count() as u64;
        assert_eq!(number(&found["PageInfo"]["TotalCount"]), expected, "{filters:?}");
    }
    for none in [("Biz", "sca_web"), ("BizType", "database")] {
        assert_eq!(emulator.reply("DescribePropertyScaDetail", &[none]).await["PageInfo"]["TotalCount"], 0);
    }
    insta::assert_json_snapshot!(emulator.reply("DescribePropertyScaDetail", &[("PageSize", "1")]).await, @r#"
    {
      "RequestId": "224AB9DF-1939-5F25-AFB7-1F7469185957",
      "PageInfo": {
        "TotalCount": 29,
        "CurrentPage": 1,
        "PageSize": 1,
        "Count": 1
      },
      "Propertys": [
        {
          "Uuid": "00000000-0000-4000-8000-000000000008",
          "InstanceId": "i-emulated0008",
          "InstanceName": "server-8",
          "InternetIp": "203.0.113.8",
          "IntranetIp": "192.168.0.8",
          "Ip": "203.0.113.8",
          "Name": "rowan-http",
          "Version": "4.17-100",
          "Path": "/opt/app/lib/rowan-http-4.17-100.jar",
          "Type": "jar",
          "BizType": "jar",
          "BizTypeDispaly": "jar",
          "CreateTimestamp": 1763509212
        }
      ]
    }
    "#);
}
