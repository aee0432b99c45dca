//! Every built-in scenario, and the situation it reproduces. What official SDKs make of some is in tests/sdk.

use jiff::SignedDuration;
use sas_emulator::scenario::builtin;
use serde_json::{Value, json};

use crate::harness::tasks::{generate, roots, subtasks};
use crate::harness::{Ask, Break, Setup, World};

const TYPE: &str = "ASSETS_COLLECTION";

/// One test a scenario, named after it.
macro_rules! scenarios {
    ($($(#[$attribute:meta])* $name:literal $test:ident($world:ident) $body:block)*) => {
        $(#[tokio::test]
        async fn $test() {
            let $world = World::new($name);
            $body
        })*

        const TESTED: &[&str] = &[$($name),*];
    };
}

/// What polls a second apart show, repeats left out.
async fn course(world: &World, seconds: i64, task_type: &str) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..=seconds {
        let info = world.poll(task_type).await["TaskInfo"].clone();
        let shown = format!("{} {}", info["Status"].as_str().unwrap(), info["Progress"]);
        if seen.last() != Some(&shown) {
            seen.push(shown);
        }
        world.advance(SignedDuration::from_secs(1));
    }
    seen
}

/// Status and code of so many polls; `reset`, `close` or `hang` where there is no answer.
async fn polls(world: &World, count: usize) -> Vec<String> {
    let mut seen = Vec::new();
    for _ in 0..count {
        seen.push(match world.try_send(Ask::latest(TYPE).request()).await {
            Err(breaks) => breaks.as_str().to_owned(),
            Ok(answer) if answer.status == 200 => "200".to_owned(),
            Ok(answer) => format!("{} {}", answer.status, answer.code()),
        });
    }
    seen
}

scenarios! {
    "default" default(world) {
        let course = course(&world, 12, TYPE).await;
        assert_eq!((course[0].as_str(), course.last().unwrap().as_str()), ("INIT 0", "SUCCESS 100"));
        assert!(course.contains(&"START 50".to_owned()), "{course:?}");
    }
    "instant" instant(world) {
        assert_eq!(course(&world, 1, TYPE).await, ["SUCCESS 100"]);
    }
    "slow" slow(world) {
        let course = course(&world, 6 * 60, TYPE).await;
        assert_eq!((course[0].as_str(), course.last().unwrap().as_str()), ("INIT 0", "SUCCESS 100"));
        assert_eq!(course.len(), 102);
    }
    "timeout" timeout(world) {
        assert_eq!(course(&world, 12, TYPE).await.last().unwrap(), "TIMEOUT 69");
    }
    "fail" fail(world) {
        assert_eq!(course(&world, 12, TYPE).await.last().unwrap(), "FAIL 69");
        assert_eq!(world.list(roots(TYPE)).await[0]["TaskStatus"], 3);
    }
    "stuck" stuck(world) {
        world.poll(TYPE).await;
        world.advance(SignedDuration::from_hours(24 * 365));
        assert_eq!(course(&world, 1, TYPE).await, ["START 69"]);
    }
    "empty" empty(world) {
        assert_eq!(world.poll(TYPE).await["TaskInfo"], json!({"Progress": 0, "Result": "TASK_NOT_EXISTS"}));
    }
    "sample" sample(world) {
        let body = world.poll(TYPE).await;
        assert_eq!((&body["TaskInfo"]["Progress"], &body["FinishCount"], &body["TotalCount"]), (&json!(69), &json!(67), &json!(44)));
    }
    "denied" denied(world) {
        assert_eq!(polls(&world, 1).await, ["403 NoPermission"]);
        assert_eq!(world.ask(generate(TYPE)).await.status, 200);
    }
    "outage" outage(world) {
        assert_eq!(polls(&world, 2).await, ["500 ServerError", "500 ServerError"]);
    }
    "flaky" flaky(world) {
        let seen = polls(&world, 100).await;
        let failed = seen.iter().filter(|seen| *seen == "500 ServerError").count();
        assert_eq!((failed, seen.iter().filter(|seen| *seen == "200").count()), (25, 75));
        // The same calls fail in every run.
        assert_eq!(polls(&World::new("flaky"), 100).await, seen);
    }
    "throttled" throttled(world) {
        assert_eq!(polls(&world, 3).await, ["200", "400 Throttling.User", "400 Throttling.User"]);
        let wait: u64 = world.ask(Ask::latest(TYPE)).await.header("x-acs-retry-after").parse().unwrap();
        assert!((1..=1000).contains(&wait));
    }
    "latency" latency(world) {
        // How long it takes is not measured here, but that it waits for a timer and then answers.
        let answer = world.ask(Ask::latest(TYPE));
        tokio::time::pause();
        let begun = tokio::time::Instant::now();
        assert_eq!(answer.await.status, 200);
        assert!(!begun.elapsed().is_zero());
    }
    "unsupported-region" unsupported_region(world) {
        assert_eq!(course(&world, 12, "IMAGE_SCAN").await.last().unwrap(), "SUCCESS 100");
        assert_eq!(world.poll("IMAGE_SCAN").await["TaskInfo"]["Result"], "TASK_NOT_SUPPORT_REGION");
    }
    "disconnects" disconnects(world) {
        let seen = polls(&world, 10).await;
        assert_eq!(seen[..5], ["200", "reset", "close", "hang", "200"]);
        assert_eq!(seen[9], Break::Reset.as_str());
    }
    "garbled" garbled(world) {
        let mut shown = Vec::new();
        for _ in 0..7 {
            let answer = world.try_text(Ask::latest(TYPE).request()).await;
            let read = serde_json::from_str::<Value>(&answer.1).is_ok();
            shown.push(format!("{} {}", answer.0, if read { "JSON" } else { "no JSON" }));
        }
        assert_eq!(shown, ["200 no JSON", "503 no JSON", "200 no JSON", "200 no JSON", "200 JSON", "500 JSON", "200 JSON"]);
    }
    "expired-token" expired_token(world) {
        let temporary = Ask::latest(TYPE).with(|ask| {
            ask.key = "STS.mine".into();
            ask.token = Some("token".into());
        });
        assert_eq!(world.ask(temporary).await.verdict(), (403, "InvalidSecurityToken.Expired".into()));
        assert_eq!(polls(&world, 1).await, ["200"]);
    }
    "clock-skew" clock_skew(_world) {
        // Worlds of tests pin the clock that judges freshness: here the scenario's own skew counts.
        let skewed = Setup::new("clock-skew").skewed_as_in_the_scenario().start();
        assert_eq!(polls(&skewed, 1).await, ["400 InvalidTimeStamp.Expired"]);
    }
    "busy" busy(world) {
        assert_eq!(world.body(generate(TYPE)).await["CanCreate"], false);
        let one = world.list(roots("IMAGE_SCAN")).await[0]["TaskId"].as_str().unwrap().to_owned();
        world.body(Ask::new("CancelOnceTask").param("TaskId", &one)).await;
        assert_eq!(world.body(generate(TYPE)).await["CanCreate"], true);
    }
    "partial-failure" partial_failure(world) {
        assert_eq!(course(&world, 12, TYPE).await.last().unwrap(), "SUCCESS 100");
        let root = world.list(roots(TYPE)).await.remove(0);
        assert_eq!((&root["TaskStatus"], &root["SuccessCount"], &root["FailCount"]), (&json!(2), &json!(3), &json!(2)));
        let failed = world.list(subtasks(root["TaskId"].as_str().unwrap())).await;
        assert_eq!(failed.iter().filter(|task| task["TaskStatus"] == 3).count(), 2);
    }
    "recovering" recovering(world) {
        assert_eq!(polls(&world, 2).await, ["503 ServiceUnavailable", "503 ServiceUnavailable"]);
        world.advance(SignedDuration::from_secs(10));
        assert_eq!(polls(&world, 2).await, ["200", "200"]);
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
