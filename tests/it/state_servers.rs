//! Servers in snapshots: lists that accounts share are written once, and the first version is still read.

use serde_json::Value;

use crate::harness::tasks::{NO_FINDINGS, generate, seconds};
use crate::harness::{Setup, TestCall, TestEmulator};

const FIRST_VERSION: &str = include_str!("../../fixtures/snapshots/version-1.json");
/// The scenario that it was taken under.
const ITS_SCENARIO: &str = "assets: [{ name: web }, { name: db, agent: missing }, { online: false }]\n";
const ACCOUNTS: [&str; 3] = ["a", "b", "c"];

async fn servers_of(emulator: &TestEmulator, account: &str) -> Value {
    let call = TestCall::new("DescribeCloudCenterInstances").with(|call| call.key = account.into());
    let mut reply = emulator.body(call).await;
    reply["RequestId"].take();
    reply
}

fn install(account: &str) -> TestCall {
    let call = TestCall::new("OperateAgentClientInstall");
    call.param("Uuids", "00000000-0000-4000-8000-000000000002").with(|call| call.key = account.into())
}

#[tokio::test]
async fn a_snapshot_has_the_servers_of_the_scenario_once() {
    let emulator = TestEmulator::new(&format!("assets: [{}]\n", vec!["{ agent: missing }"; 500].join(", ")));
    for number in 0..50 {
        let account = format!("account-{number}");
        servers_of(&emulator, &account).await;
        // On all servers, which the snapshot need not list again.
        emulator.body(generate("VUL_CHECK_TASK").with(|call| call.key = account)).await;
    }
    let before = emulator.snapshot().await;
    emulator.body(install("account-7")).await;
    let after = emulator.snapshot().await;
    let last = "00000000-0000-4000-8000-000000000500";
    assert_eq!((before.matches(last).count(), after.matches(last).count()), (1, 1));
    assert!(after.len() - before.len() < 500, "one server more");
    assert!(before.len() < 200_000, "{}", before.len());
}

#[tokio::test]
async fn accounts_keep_their_servers_under_another_scenario() {
    let emulator = TestEmulator::new(&format!("{ITS_SCENARIO}{NO_FINDINGS}"));
    emulator.body(install("b")).await;
    servers_of(&emulator, "a").await;
    emulator.advance(seconds(20));
    let mut expected = Vec::new();
    for account in ACCOUNTS {
        expected.push(servers_of(&emulator, account).await);
    }
    assert_eq!(expected[0], expected[2]);
    assert_ne!(expected[0], expected[1]);
    let taken = emulator.snapshot().await;

    let other = TestEmulator::new(&format!("assets: [{{ name: other }}]\n{NO_FINDINGS}"));
    assert_eq!(other.control("PUT", "state", &taken).await.status, 200);
    assert_eq!(servers_of(&other, "new").await["PageInfo"]["TotalCount"], 1);
    for (account, expected) in ACCOUNTS.into_iter().zip(&expected) {
        assert_eq!(servers_of(&other, account).await, *expected);
    }
    // Once more, now with two lists.
    let taken = other.snapshot().await;
    assert_eq!(serde_json::from_str::<Value>(&taken).unwrap()["servers"].as_array().unwrap().len(), 2);
    let third = TestEmulator::new(&format!("assets: []\n{NO_FINDINGS}"));
    assert_eq!(third.control("PUT", "state", &taken).await.status, 200);
    assert_eq!(third.snapshot().await, taken);
    for (account, expected) in ACCOUNTS.into_iter().zip(&expected) {
        assert_eq!(servers_of(&third, account).await, *expected);
    }
}

#[tokio::test]
async fn the_first_version_is_read_and_continues_as_the_session_did() {
    // What is found differs between seeds and accounts.
    let session = TestEmulator::new(&format!("{ITS_SCENARIO}{NO_FINDINGS}"));
    // What was called before it was taken.
    for call in [TestCall::latest("VUL_CHECK_TASK"), TestCall::new("GetAuthSummary")] {
        session.body(call.with(|call| call.key = "a".into())).await;
    }
    session.body(install("b")).await;
    session.body(generate("VUL_CHECK_TASK").with(|call| call.key = "b".into())).await;
    session.advance(seconds(20));
    for scenario in [ITS_SCENARIO, "assets: []\n"] {
        let again = Setup::new(&format!("{scenario}{NO_FINDINGS}")).seed(99).start();
        let answer = again.control("PUT", "state", FIRST_VERSION).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        again.advance(seconds(20));
        for account in ACCOUNTS {
            assert_eq!(servers_of(&again, account).await, servers_of(&session, account).await);
        }
        let tasks =
            async |emulator: &TestEmulator| emulator.control("GET", "tasks?account=b", "").await.json();
        assert_eq!(tasks(&again).await, tasks(&session).await);
        let taken = again.snapshot().await;
        assert!(taken.contains(r#""version":3"#) && taken.len() < FIRST_VERSION.len(), "{taken}");
    }
}
