//! Snapshots of the whole session: taking and restoring.

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::harness::{Setup, TestCall, TestEmulator};

/// Everything that a snapshot must contain: random state, polls, schedules, orders that are not due, evicted tasks,
/// counts of faults.
const SCENARIO: &str = "
lifecycles:
  '*': { queued: { range: [1s, 9s] }, running: { range: [1s, 300s] } }
  CLIENT_PROBLEM_CHECK: { advance: per_poll, polls: { init: 1, start: 3 } }
  IMAGE_SCAN: { outcome: timeout, progress: { stall_at: 69 } }
start_on_first_poll: ['*']
tasks: [{ type: VUL_CHECK_TASK, source: schedule, started: -3m, number: 7 }]
assets: [{}, {}, { online: false }]
limits: { kept_tasks: 12 }
assumptions: { registration_delay: 20s }
faults:
  - { id: third, match: { action: GetLastOnceTaskInfo }, trigger: { calls: 3..4 }, effect: { error: Throttling.User } }
  - { id: some, trigger: { probability: 0.3, times: 4 }, effect: { headers: { set: { x-fault: 'yes' } } } }
  - { id: fifth, match: { task: { status: START } }, trigger: { every: 5 }, effect: { lie: ServiceUnavailable } }
  - { id: late, trigger: { window: { from: 300s, to: 2h } }, effect: { patch: { late: true } } }
";
const TYPES: [&str; 4] = ["CLIENT_PROBLEM_CHECK", "IMAGE_SCAN", "VUL_CHECK_TASK", "ASSETS_COLLECTION"];
const ACCOUNTS: [&str; 3] = ["a", "b", "c"];

/// One action of the history.
#[derive(Debug, Clone)]
enum Act {
    Call { account: &'static str, action: &'static str, task_type: &'static str },
    Refused,
    Clock { account: Option<&'static str>, order: Value },
    Start { account: &'static str, task_type: &'static str },
    Force { account: &'static str, action: &'static str },
}

fn acts() -> impl Strategy<Value = Act> {
    let (account, task_type) =
        (|| proptest::sample::select(&ACCOUNTS[..]), || proptest::sample::select(&TYPES[..]));
    let actions = [
        "GetLastOnceTaskInfo",
        "GetLastOnceTaskInfo",
        "GenerateOnceTask",
        "CancelOnceTask",
        "CreateCycleTask",
        "DescribeCycleTaskList",
        "ModifyPushAllTask",
        "DescribeOnceTask",
        "ExportVul",
        "OperateAgentClientInstall",
        "DescribeAgentInstallStatus",
    ];
    let order = prop_oneof![
        4 => (0i64..400).prop_map(|seconds| json!({"action": "advance", "by": format!("{seconds}s")})),
        1 => (0i64..9).prop_map(|hours| json!({"action": "advance", "by": format!("{hours}h")})),
        1 => (4i64..9).prop_map(|hour| json!({"action": "set", "to": format!("2026-01-02T0{hour}:00:00Z")})),
        1 => (0.001f64..1000.0).prop_map(|rate| json!({"action": "scale", "rate": rate})),
    ];
    prop_oneof![
        8 => (account(), proptest::sample::select(actions.to_vec()), task_type())
            .prop_map(|(account, action, task_type)| Act::Call { account, action, task_type }),
        1 => Just(Act::Refused),
        3 => (proptest::option::of(account()), order).prop_map(|(account, order)| Act::Clock { account, order }),
        1 => (account(), task_type()).prop_map(|(account, task_type)| Act::Start { account, task_type }),
        1 => (account(), proptest::sample::select(vec!["finish", "fail", "timeout", "stall"]))
            .prop_map(|(account, action)| Act::Force { account, action }),
    ]
}

/// Performs the action; returns everything that was seen, ids of requests included.
async fn perform(emulator: &TestEmulator, act: &Act) -> String {
    let query =
        |account: Option<&str>| account.map(|account| format!("?account={account}")).unwrap_or_default();
    let answer = match act {
        Act::Call { account, action, task_type } => {
            let call = match *action {
                "CancelOnceTask" => {
                    TestCall::new(action).param("TaskId", &first_task(emulator, account).await)
                }
                "ModifyPushAllTask" => TestCall::new(action)
                    .param("Tasks", "OVAL_ENTITY,HEALTH")
                    .param("Uuids", "00000000-0000-4000-8000-000000000001"),
                "ExportVul" => TestCall::new(action).param("Type", "cve").param("Lang", "en"),
                "OperateAgentClientInstall" | "DescribeAgentInstallStatus" => {
                    TestCall::new(action).param("InstanceIds", "i-emulated0001").param("Uuids", "x")
                }
                _ => TestCall::new(action)
                    .param("TaskType", task_type)
                    .param("TaskName", task_type)
                    .param("Param", "{}")
                    .param("Enable", "1")
                    .param("FirstDateStr", "1767312000000")
                    .param("IntervalPeriod", "1")
                    .param("PeriodUnit", "hour")
                    .param("TargetStartTime", "0")
                    .param("TargetEndTime", "6"),
            };
            emulator.call(call.with(|call| call.key = (*account).into())).await
        }
        Act::Refused => {
            let wrong = |call: &mut TestCall| {
                call.secret = "wrong".into();
                call.nonce = "quoted in the refusal".into();
            };
            emulator.call(TestCall::latest("X").with(wrong)).await
        }
        Act::Clock { account, order } => {
            emulator.control("PUT", &format!("clock{}", query(*account)), &order.to_string()).await
        }
        Act::Start { account, task_type } => {
            let body = json!({"account": account, "type": task_type, "source": "console_batch"});
            emulator.control("POST", "tasks", &body.to_string()).await
        }
        Act::Force { account, action } => {
            let path = format!("tasks/{}{}", first_task(emulator, account).await, query(Some(account)));
            emulator.control("PATCH", &path, &json!({ "action": action }).to_string()).await
        }
    };
    // A hint is for a person who watches, once: which were given is in no snapshot.
    let headers: Vec<_> = answer.headers.iter().filter(|(name, _)| *name != "x-emulator-hint").collect();
    format!("{act:?}: {} {headers:?} {}", answer.status, answer.body)
}

/// The first task of an account that is not over, else an id that no task has.
async fn first_task(emulator: &TestEmulator, account: &str) -> String {
    let tasks = emulator.control("GET", &format!("tasks?account={account}"), "").await.json();
    let mut tasks = tasks["tasks"].as_array().unwrap().iter();
    let found = tasks.find(|task| ["INIT", "START"].contains(&task["status"].as_str().unwrap()));
    found.map_or("none".to_owned(), |task| task["id"].as_str().unwrap().to_owned())
}

async fn restored(snapshot: &str) -> TestEmulator {
    // Another seed, for the snapshot's must count.
    let emulator = Setup::new(SCENARIO).seed(99).start();
    let answer = emulator.control("PUT", "state", snapshot).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    emulator
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn restore_and_continue_equals_an_uninterrupted_run(
        before in proptest::collection::vec(acts(), 0..25),
        after in proptest::collection::vec(acts(), 1..25),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let uninterrupted = TestEmulator::new(SCENARIO);
            for act in &before {
                perform(&uninterrupted, act).await;
            }
            let taken = uninterrupted.snapshot().await;
            let again = restored(&taken).await;
            assert_eq!(again.snapshot().await, taken);
            for act in &after {
                assert_eq!(perform(&again, act).await, perform(&uninterrupted, act).await);
            }
            assert_eq!(again.snapshot().await, uninterrupted.snapshot().await);
        });
    }

    #[test]
    fn a_damaged_snapshot_is_refused_or_restored_without_a_panic(
        before in proptest::collection::vec(acts(), 5..25),
        place in any::<proptest::sample::Index>(),
        instead in proptest::sample::select(&["0", "-1", "9", "null", "\"", "{", "]", "99999999999999999999", ""][..]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let emulator = TestEmulator::new(SCENARIO);
            for act in &before {
                perform(&emulator, act).await;
            }
            let taken = emulator.snapshot().await;
            let digits: Vec<usize> = taken.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
            let at = *place.get(&digits);
            let spoilt = format!("{}{instead}{}", &taken[..at], &taken[at + 1..]);
            let answer = emulator.control("PUT", "state", &spoilt).await;
            assert!([200, 400].contains(&answer.status), "{}", answer.body);
            if answer.status == 400 {
                assert_eq!(emulator.snapshot().await, taken, "what is refused changes nothing");
            }
            for account in ACCOUNTS {
                for action in ["DescribeOnceTask", "GetLastOnceTaskInfo", "DescribeCycleTaskList"] {
                    let task_type = TYPES[0];
                    let seen = perform(&emulator, &Act::Call { account, action, task_type }).await;
                    assert!(!seen.contains(": 500 "), "{seen}");
                }
            }
        });
    }
}

#[tokio::test]
async fn the_format_of_a_snapshot() {
    let emulator = TestEmulator::new("empty");
    emulator
        .reply("GenerateOnceTask", &[("TaskType", "IMAGE_SCAN"), ("TaskName", "n"), ("Param", "{}")])
        .await;
    emulator.control("PUT", "clock?account=b", r#"{"action":"advance","by":"1d"}"#).await;
    let mut taken: Value = serde_json::from_str(&emulator.snapshot().await).unwrap();
    taken["program"] = json!("its version");
    taken["servers"][0] = json!("five servers");
    // When this changes, existing snapshot files can no longer be read: the version of the format must change, too.
    insta::assert_snapshot!(serde_json::to_string_pretty(&taken).unwrap(), @r#"
    {
      "format": "sas-emulator-state",
      "version": 3,
      "program": "its version",
      "scenario": "empty",
      "seed": 0,
      "first_instant": "2026-01-02T03:04:05Z",
      "clock": {
        "now": "2026-01-02T03:04:05Z",
        "rate": 1.0,
        "paused": true
      },
      "dice": {
        "request_ids": 8,
        "task_ids": 0,
        "plans": 0
      },
      "servers": [
        "five servers"
      ],
      "accounts": {
        "b": {
          "clock": {
            "now": "2026-01-03T03:04:05Z",
            "rate": 1.0,
            "paused": true
          },
          "dice": {
            "request_ids": 0,
            "task_ids": 0,
            "plans": 0
          },
          "servers": 0,
          "configured": true,
          "holds": {
            "tasks": [],
            "cycles": [],
            "orders": []
          }
        },
        "test": {
          "dice": {
            "request_ids": 0,
            "task_ids": 4,
            "plans": 0
          },
          "servers": 0,
          "holds": {
            "texts": [
              "{}"
            ],
            "tasks": [
              {
                "id": "a34c4f122094d2e906d5b1efd2491882",
                "task_type": "IMAGE_SCAN",
                "name": "n",
                "source": "openapi",
                "text": 0,
                "born": "2026-01-02T03:04:05Z",
                "plan": {
                  "course": {
                    "pace": {
                      "time": {
                        "queued": "PT2S",
                        "running": "PT8S"
                      }
                    },
                    "targets": 5,
                    "curve": "linear",
                    "ending": {
                      "success": "SUCCESS"
                    }
                  }
                },
                "looks": 0
              }
            ],
            "cycles": [],
            "orders": []
          }
        }
      },
      "faults": {},
      "answers": {}
    }
    "#);
}

#[tokio::test]
async fn a_snapshot_of_a_newer_format_or_a_broken_one_is_refused_and_changes_nothing() {
    let emulator = TestEmulator::new("default");
    emulator.poll("IMAGE_SCAN").await;
    let taken = emulator.snapshot().await;
    let account = r#""test":{"dice""#;
    for (from, to, error, said) in [
        (
            r#""version":3"#,
            r#""version":4"#,
            "snapshot_version",
            "is of version 4; this program reads 1 to 3",
        ),
        (r#""format":"sas-"#, r#""format":"a-"#, "no_snapshot", r#"its format is "a-emulator-state""#),
        (r#""seed":0"#, r#""seed":"0""#, "broken_snapshot", "expected u64 at line 1 column"),
        (r#""rate":1.0"#, r#""rate":0.0"#, "broken_snapshot", "a rate is a number from"),
        (account, r#""te st":{"dice""#, "broken_snapshot", r#"an account "te st""#),
        (
            r#""servers":0"#,
            r#""servers":1"#,
            "broken_snapshot",
            "test: it has the list of servers 1, but there are 1 lists",
        ),
        (r#""servers":0,"#, "", "broken_snapshot", "test: it does not say which list of servers it has"),
        (r#""holds""#, r#""holdz""#, "broken_snapshot", "unknown field `holdz`"),
    ] {
        assert!(taken.contains(from), "{from}: {taken}");
        let answer = emulator.control("PUT", "state", &taken.replacen(from, to, 1)).await;
        let body = answer.json();
        assert_eq!((answer.status, body["error"].as_str().unwrap()), (400, error), "{body}");
        assert!(body["message"].as_str().unwrap().contains(said), "{body}");
        assert_eq!(emulator.snapshot().await, taken);
    }
    let small = Setup::new("default").max_accounts(1).start();
    emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = "b".into())).await;
    let answer = small.control("PUT", "state", &emulator.snapshot().await).await;
    assert!(answer.json()["message"].as_str().unwrap().contains("has 2 accounts; --max-accounts allows 1"));
}

#[tokio::test]
async fn a_snapshot_holds_no_secret_and_says_under_which_scenario_it_was_taken() {
    let emulator =
        Setup::new("default").keys(&[("test", "s3cret", None), ("sts", "hush", Some("t0ken"))]).start();
    emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.secret = "s3cret".into())).await;
    let taken = emulator.snapshot().await;
    for secret in ["s3cret", "hush", "t0ken"] {
        assert!(!taken.contains(secret));
    }
    let other = TestEmulator::new("stuck");
    let answer = other.control("PUT", "state", &taken).await.json();
    assert_eq!(
        answer["note"],
        "it was taken under the scenario default: its tasks continue as they would have, new ones follow stuck"
    );
    assert!(emulator.control("PUT", "state", &taken).await.json()["note"].is_null());
}

#[tokio::test]
async fn a_running_clock_runs_on_and_signatures_stay_valid() {
    let emulator = TestEmulator::new("default");
    emulator.advance(SignedDuration::from_hours(24 * 3650));
    emulator.control("PUT", "clock", r#"{"action":"resume"}"#).await;
    let taken = emulator.snapshot().await;
    let again = TestEmulator::new("default");
    again.control("PUT", "state", &taken).await;
    let clock = again.control("GET", "clock", "").await.json();
    assert_eq!(clock["paused"], false);
    let shown: jiff::Timestamp = clock["now"].as_str().unwrap().parse().unwrap();
    assert!(shown >= "2035-12-31T03:04:05Z".parse().unwrap(), "{clock}");
    again.poll("IMAGE_SCAN").await;
}
