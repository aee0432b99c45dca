//! Every built-in scenario, and the situation it reproduces. What official SDKs make of some is in tests/sdk.

use jiff::SignedDuration;
use sas_emulator::internals::scenario::builtin;
use serde_json::{Value, json};

use crate::harness::tasks::{generate, roots, subtasks};
use crate::harness::{Break, Setup, TestCall, TestEmulator};

const TYPE: &str = "ASSETS_COLLECTION";

/// One test a scenario, named after it.
macro_rules! scenarios {
    ($($(#[$attribute:meta])* $name:literal $test:ident($world:ident) $body:block)*) => {
        $(#[tokio::test]
        async fn $test() {
            let $world = TestEmulator::new($name);
            $body
        })*

        const TESTED: &[&str] = &[$($name),*];
    };
}

/// What polls a second apart show, repeats left out.
async fn course(emulator: &TestEmulator, seconds: i64, task_type: &str) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..=seconds {
        let info = emulator.poll(task_type).await["TaskInfo"].clone();
        let shown = format!("{} {}", info["Status"].as_str().unwrap(), info["Progress"]);
        if seen.last() != Some(&shown) {
            seen.push(shown);
        }
        emulator.advance(SignedDuration::from_secs(1));
    }
    seen
}

/// Status and code of so many polls; `reset`, `close` or `hang` where there is no answer.
async fn polls(emulator: &TestEmulator, count: usize) -> Vec<String> {
    let mut seen = Vec::new();
    for _ in 0..count {
        seen.push(match emulator.try_send(TestCall::latest(TYPE).request()).await {
            Err(breaks) => breaks.as_str().to_owned(),
            Ok(answer) if answer.status == 200 => "200".to_owned(),
            Ok(answer) => format!("{} {}", answer.status, answer.code()),
        });
    }
    seen
}

scenarios! {
    "default" default(emulator) {
        let course = course(&emulator, 12, TYPE).await;
        assert_eq!((course[0].as_str(), course.last().unwrap().as_str()), ("INIT 0", "SUCCESS 100"));
        assert!(course.contains(&"START 50".to_owned()), "{course:?}");
    }
    "instant" instant(emulator) {
        assert_eq!(course(&emulator, 1, TYPE).await, ["SUCCESS 100"]);
    }
    "slow" slow(emulator) {
        let course = course(&emulator, 6 * 60, TYPE).await;
        assert_eq!((course[0].as_str(), course.last().unwrap().as_str()), ("INIT 0", "SUCCESS 100"));
        assert_eq!(course.len(), 102);
    }
    "timeout" timeout(emulator) {
        assert_eq!(course(&emulator, 12, TYPE).await.last().unwrap(), "TIMEOUT 69");
    }
    "fail" fail(emulator) {
        assert_eq!(course(&emulator, 12, TYPE).await.last().unwrap(), "FAIL 69");
        assert_eq!(emulator.list(roots(TYPE)).await[0]["TaskStatus"], 3);
    }
    "stuck" stuck(emulator) {
        emulator.poll(TYPE).await;
        emulator.advance(SignedDuration::from_hours(24 * 365));
        assert_eq!(course(&emulator, 1, TYPE).await, ["START 69"]);
    }
    "empty" empty(emulator) {
        assert_eq!(emulator.poll(TYPE).await["TaskInfo"], json!({"Progress": 0, "Result": "TASK_NOT_EXISTS"}));
    }
    "sample" sample(emulator) {
        let body = emulator.poll(TYPE).await;
        assert_eq!((&body["TaskInfo"]["Progress"], &body["FinishCount"], &body["TotalCount"]), (&json!(69), &json!(67), &json!(44)));
    }
    "denied" denied(emulator) {
        assert_eq!(polls(&emulator, 1).await, ["403 NoPermission"]);
        assert_eq!(emulator.call(generate(TYPE)).await.status, 200);
    }
    "outage" outage(emulator) {
        assert_eq!(polls(&emulator, 2).await, ["500 ServerError", "500 ServerError"]);
    }
    "flaky" flaky(emulator) {
        let seen = polls(&emulator, 100).await;
        let failed = seen.iter().filter(|seen| *seen == "500 ServerError").count();
        assert_eq!((failed, seen.iter().filter(|seen| *seen == "200").count()), (25, 75));
        // The same calls fail in every run.
        assert_eq!(polls(&TestEmulator::new("flaky"), 100).await, seen);
    }
    "throttled" throttled(emulator) {
        assert_eq!(polls(&emulator, 3).await, ["200", "400 Throttling.User", "400 Throttling.User"]);
        let wait: u64 = emulator.call(TestCall::latest(TYPE)).await.header("x-acs-retry-after").parse().unwrap();
        assert!((1..=1000).contains(&wait));
    }
    "latency" latency(emulator) {
        // How long it takes is not measured here, but that it waits for a timer and then answers.
        let answer = emulator.call(TestCall::latest(TYPE));
        tokio::time::pause();
        let begun = tokio::time::Instant::now();
        assert_eq!(answer.await.status, 200);
        assert!(!begun.elapsed().is_zero());
    }
    "unsupported-region" unsupported_region(emulator) {
        assert_eq!(course(&emulator, 12, "IMAGE_SCAN").await.last().unwrap(), "SUCCESS 100");
        assert_eq!(emulator.poll("IMAGE_SCAN").await["TaskInfo"]["Result"], "TASK_NOT_SUPPORT_REGION");
    }
    "disconnects" disconnects(emulator) {
        let seen = polls(&emulator, 10).await;
        assert_eq!(seen[..5], ["200", "reset", "close", "hang", "200"]);
        assert_eq!(seen[9], Break::Reset.as_str());
    }
    "garbled" garbled(emulator) {
        let mut shown = Vec::new();
        for _ in 0..7 {
            let answer = emulator.try_text(TestCall::latest(TYPE).request()).await;
            let read = serde_json::from_str::<Value>(&answer.1).is_ok();
            shown.push(format!("{} {}", answer.0, if read { "JSON" } else { "no JSON" }));
        }
        assert_eq!(shown, ["200 no JSON", "503 no JSON", "200 no JSON", "200 no JSON", "200 JSON", "500 JSON", "200 JSON"]);
    }
    "expired-token" expired_token(emulator) {
        let temporary = TestCall::latest(TYPE).with(|call| {
            call.key = "STS.mine".into();
            call.token = Some("token".into());
        });
        assert_eq!(emulator.call(temporary).await.verdict(), (403, "InvalidSecurityToken.Expired".into()));
        assert_eq!(polls(&emulator, 1).await, ["200"]);
    }
    "clock-skew" clock_skew(_world) {
        // Test setups usually pin the clock for time stamps: here the scenario's own skew counts.
        let skewed = Setup::new("clock-skew").skewed_as_in_the_scenario().start();
        assert_eq!(polls(&skewed, 1).await, ["400 InvalidTimeStamp.Expired"]);
    }
    "busy" busy(emulator) {
        assert_eq!(emulator.body(generate(TYPE)).await["CanCreate"], false);
        let one = emulator.list(roots("IMAGE_SCAN")).await[0]["TaskId"].as_str().unwrap().to_owned();
        emulator.body(TestCall::new("CancelOnceTask").param("TaskId", &one)).await;
        assert_eq!(emulator.body(generate(TYPE)).await["CanCreate"], true);
    }
    "partial-failure" partial_failure(emulator) {
        assert_eq!(course(&emulator, 12, TYPE).await.last().unwrap(), "SUCCESS 100");
        let root = emulator.list(roots(TYPE)).await.remove(0);
        assert_eq!((&root["TaskStatus"], &root["SuccessCount"], &root["FailCount"]), (&json!(2), &json!(3), &json!(2)));
        let failed = emulator.list(subtasks(root["TaskId"].as_str().unwrap())).await;
        assert_eq!(failed.iter().filter(|task| task["TaskStatus"] == 3).count(), 2);
    }
    "vulnerable" vulnerable(emulator) {
        let fields = emulator.reply("DescribeFieldStatistics", &[]).await["GroupedFields"].clone();
        assert_eq!((&fields["InstanceCount"], &fields["RegionCount"], &fields["GroupCount"]), (&json!(30), &json!(3), &json!(3)));
        assert_eq!((&fields["UnprotectedInstanceCount"], &fields["NotBindMachineInstanceCount"]), (&json!(6), &json!(3)));
        assert!(fields["RiskInstanceCount"].as_u64().unwrap() >= 27, "{fields}");
        let vulnerabilities = emulator.reply("DescribeVulList", &[("Type", "cve")]).await["TotalCount"].clone();
        assert!(vulnerabilities.as_u64().unwrap() > 50, "{vulnerabilities}");
        let settings = emulator.reply("DescribeVulConfig", &[]).await["TargetConfigs"].clone();
        assert!(settings.as_array().unwrap().iter().any(|one| one["Type"] == "cms" && one["Config"] == "off"));
    }
    "mass-infection" mass_infection(emulator) {
        let fields = emulator.reply("DescribeFieldStatistics", &[]).await["GroupedFields"].clone();
        assert_eq!((&fields["InstanceCount"], &fields["UnprotectedInstanceCount"]), (&json!(50), &json!(0)));
        let risen = async || {
            let servers = emulator.reply("DescribeCloudCenterInstances", &[("PageSize", "50")]).await;
            let of = |server: &Value| server["SafeEventCount"].as_u64().unwrap();
            servers["Instances"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
        };
        let mut sums = Vec::new();
        for minutes in [0, 30, 31] {
            emulator.advance(SignedDuration::from_mins(minutes));
            sums.push(risen().await.iter().sum::<u64>());
        }
        assert!(sums[0] <= 1 && (240..260).contains(&sums[1]) && sums[2] == 500, "{sums:?}");
        assert!(risen().await.iter().all(|count| *count > 0), "on every server");
        assert_eq!(emulator.reply("DescribeSuspEvents", &[]).await["TotalCount"], 500);
    }
    "agents-offline" agents_offline(emulator) {
        let fields = emulator.reply("DescribeFieldStatistics", &[]).await["GroupedFields"].clone();
        assert_eq!((&fields["UnprotectedInstanceCount"], &fields["OfflineInstanceCount"]), (&json!(30), &json!(20)));
        assert_eq!(emulator.reply("ListUninstallAegisMachines", &[]).await["TotalCount"], 10);
    }
    "free-edition" free_edition(emulator) {
        let config = emulator.reply("DescribeVersionConfig", &[]).await;
        assert_eq!((&config["Version"], &config["MVAuthCount"], &config["VulFixCapacity"]), (&json!(1), &json!(0), &json!(0)));
        assert_eq!(emulator.refusal("ExportVul", &[("Type", "cve")]).await, (400, "FreeVersionNotPermit".to_owned()));
    }
    "clean" clean(emulator) {
        let fields = emulator.reply("DescribeFieldStatistics", &[]).await["GroupedFields"].clone();
        for name in ["UnprotectedInstanceCount", "RiskInstanceCount", "ExposedInstanceCount", "NotBindMachineInstanceCount"] {
            assert_eq!(fields[name], 0, "{name}");
        }
        assert_eq!(fields["NoRiskInstanceCount"], 10);
        for (action, params) in [
            ("DescribeVulList", &[("Type", "cve")][..]),
            ("DescribeSuspEvents", &[]),
            ("DescribeExposedInstanceList", &[]),
        ] {
            let found = emulator.reply(action, params).await;
            let total = found.get("TotalCount").or(found["PageInfo"].get("TotalCount"));
            assert_eq!(total.unwrap(), 0, "{action}");
        }
    }
    "large-fleet" large_fleet(emulator) {
        let page = emulator.reply("DescribeCloudCenterInstances", &[("CurrentPage", "500")]).await["PageInfo"].clone();
        assert_eq!((&page["TotalCount"], &page["Count"]), (&json!(10_000), &json!(20)));
        let fields = emulator.reply("DescribeFieldStatistics", &[]).await["GroupedFields"].clone();
        assert_eq!((&fields["RegionCount"], &fields["GroupCount"]), (&json!(6), &json!(6)));
    }
    "recovering" recovering(emulator) {
        assert_eq!(polls(&emulator, 2).await, ["503 ServiceUnavailable", "503 ServiceUnavailable"]);
        emulator.advance(SignedDuration::from_secs(10));
        assert_eq!(polls(&emulator, 2).await, ["200", "200"]);
    }
}

#[test]
fn every_built_in_scenario_is_tested() {
    let mut known: Vec<&str> = builtin::names().collect();
    let mut tested = TESTED.to_vec();
    known.sort_unstable();
    tested.sort_unstable();
    assert_eq!(tested, known);
}
