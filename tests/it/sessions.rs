//! Calls that race with reset, load and restore: every reply and every record belongs to exactly one session.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use proptest::prelude::*;
use serde_json::Value;

use crate::harness::tasks::generate;
use crate::harness::{TestCall, TestEmulator, TestResponse, request_ids};

#[derive(Debug, Clone, Copy)]
enum Step {
    /// A call of that account arrives and waits.
    Arrive(usize),
    /// One of the calls that wait is performed and answered.
    Finish(usize),
    Reset,
    ResetAccount(usize),
    ForgetAccount(usize),
    Load,
    Snapshot,
    Restore,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3usize).prop_map(Step::Arrive),
        6 => (0..20usize).prop_map(Step::Finish),
        1 => Just(Step::Reset),
        1 => (0..3usize).prop_map(Step::ResetAccount),
        1 => (0..3usize).prop_map(Step::ForgetAccount),
        1 => Just(Step::Load),
        1 => Just(Step::Snapshot),
        1 => Just(Step::Restore),
    ]
}

const ACCOUNTS: [&str; 3] = ["a", "b", "c"];
const SCENARIO: &str = "limits: { running_tasks: 1000 }\n\
    faults: [{ id: wait, match: { action: GenerateOnceTask }, effect: { delay: 5s } }]\n";

/// What an account must look like: calls in the journal, tasks, and how often it was replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Account {
    calls: usize,
    tasks: usize,
    matched: u64,
    epoch: usize,
}

struct Waiting<'w> {
    call: Pin<Box<dyn Future<Output = TestResponse> + 'w>>,
    account: usize,
    epoch: usize,
}

async fn run(steps: &[Step]) {
    let emulator = TestEmulator::new(SCENARIO);
    let mut accounts = [Account::default(); 3];
    let mut saved = (emulator.snapshot().await, accounts);
    let mut waiting: Vec<Waiting<'_>> = Vec::new();
    for step in steps.iter().copied().chain(std::iter::repeat_n(Step::Finish(0), 40)) {
        match step {
            Step::Arrive(account) => {
                let call = generate("IMAGE_SCAN").with(|call| call.key = ACCOUNTS[account].into());
                let mut call: Pin<Box<dyn Future<Output = TestResponse> + '_>> =
                    Box::pin(emulator.call(call));
                assert!(call.as_mut().now_or_never().is_none(), "it waits");
                accounts[account].calls += 1;
                accounts[account].matched += 1;
                waiting.push(Waiting { call, account, epoch: accounts[account].epoch });
            }
            Step::Finish(_) if waiting.is_empty() => (),
            Step::Finish(place) => {
                let Waiting { call, account, epoch } = waiting.remove(place % waiting.len());
                // Every delay is over then; the other calls are not polled.
                tokio::time::advance(Duration::from_secs(6)).await;
                assert_eq!(call.await.status, 200);
                accounts[account].tasks += usize::from(accounts[account].epoch == epoch);
            }
            Step::Reset | Step::Load => {
                let (method, path, body) = if matches!(step, Step::Reset) {
                    ("POST", "reset", "")
                } else {
                    ("PUT", "scenario", LOAD)
                };
                assert_eq!(emulator.control(method, path, body).await.status, 200);
                accounts = accounts.map(|account| Account { epoch: account.epoch + 1, ..Account::default() });
            }
            Step::ResetAccount(place) | Step::ForgetAccount(place) => {
                let id = ACCOUNTS[place];
                let (method, path) = match step {
                    Step::ResetAccount(_) => ("POST", format!("reset?account={id}")),
                    _ => ("DELETE", format!("accounts/{id}")),
                };
                assert_eq!(emulator.control(method, &path, "").await.status, 200);
                accounts[place] = Account { epoch: accounts[place].epoch + 1, ..Account::default() };
            }
            Step::Snapshot => saved = (emulator.snapshot().await, accounts),
            Step::Restore => {
                assert_eq!(emulator.control("PUT", "state", &saved.0).await.status, 200);
                for (account, saved) in accounts.iter_mut().zip(saved.1) {
                    // The journal starts empty; tasks and counters are those of the snapshot.
                    *account = Account { epoch: account.epoch + 1, calls: 0, ..saved };
                }
            }
        }
        check(&emulator, &accounts, step).await;
    }
}

/// The same scenario under another name, as a document of its own.
const LOAD: &str = r#"{"version":1,"name":"other","limits":{"running_tasks":1000},"clock":{"start":"2026-01-02T03:04:05Z","paused":true},"faults":[{"id":"wait","match":{"action":"GenerateOnceTask"},"effect":{"delay":"5s"}}]}"#;

async fn check(emulator: &TestEmulator, accounts: &[Account; 3], step: Step) {
    for (id, account) in ACCOUNTS.iter().zip(accounts) {
        let get = async |path: String| emulator.control("GET", &path, "").await.json();
        let calls = get(format!("requests/count?account={id}")).await["count"].as_u64().unwrap();
        let tasks = get(format!("tasks?account={id}")).await["total"].as_u64().unwrap();
        let matched = get(format!("faults?account={id}")).await["faults"][0]["matched"].as_u64().unwrap();
        assert_eq!(
            (usize::try_from(calls).unwrap(), usize::try_from(tasks).unwrap(), matched),
            (account.calls, account.tasks, account.matched),
            "account {id} after {step:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn every_call_belongs_to_the_session_in_which_it_arrived(
        steps in proptest::collection::vec(step(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(&steps));
    }
}

/// Sessions with distinguishable replies: the seed shows in request ids, the number of targets in `TotalCount`.
fn numbered(number: u64) -> String {
    format!(
        r#"{{"version":1,"name":"n{number}","seed":{number},"start_on_first_poll":["*"],"lifecycles":{{"*":{{"targets":{number}}}}}}}"#
    )
}

/// The session of a reply or record, by its request id.
struct Sessions(BTreeMap<String, u64>);

impl Sessions {
    fn of(&self, id: &Value) -> u64 {
        self.0[id.as_str().unwrap()]
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replies_under_load_of_64_clients_belong_to_one_session() {
    const LAST: u64 = 25;
    let ids = (1..=LAST).flat_map(|seed| request_ids(seed).take(20_000).map(move |id| (id, seed)));
    let sessions = Arc::new(Sessions(ids.collect()));
    let emulator = Arc::new(TestEmulator::new("default"));
    assert_eq!(emulator.control("PUT", "scenario", &numbered(1)).await.status, 200);
    let is_over = Arc::new(AtomicBool::new(false));

    let clients: Vec<_> = (0..64)
        .map(|number| {
            let (emulator, sessions, is_over) =
                (Arc::clone(&emulator), Arc::clone(&sessions), Arc::clone(&is_over));
            tokio::spawn(async move {
                let mut last = BTreeSet::new();
                while !is_over.load(Ordering::Relaxed) {
                    let call =
                        TestCall::latest("IMAGE_SCAN").with(|call| call.key = format!("client-{number}"));
                    let answer = emulator.call(call).await;
                    assert_eq!(answer.status, 200, "{}", answer.body);
                    let reply = answer.json();
                    let session = sessions.of(&reply["RequestId"]);
                    assert_eq!(reply["TotalCount"], session, "one session for id and task: {reply}");
                    if session == LAST {
                        last.insert(reply["RequestId"].as_str().unwrap().to_owned());
                    }
                    tokio::task::yield_now().await;
                }
                last
            })
        })
        .collect();

    for session in 2..=LAST {
        assert_eq!(emulator.control("PUT", "scenario", &numbered(session)).await.status, 200);
        let snapshot = emulator.snapshot().await;
        if session != LAST {
            match session % 3 {
                0 => assert_eq!(emulator.control("POST", "reset", "").await.status, 200),
                1 => assert_eq!(emulator.control("PUT", "state", &snapshot).await.status, 200),
                _ => (),
            }
        }
        assert_eq!(emulator.control("GET", "await?count=100&timeout=60s", "").await.status, 200);
        let listed = emulator.control("GET", "requests?limit=2000", "").await.json();
        for record in listed["requests"].as_array().unwrap() {
            assert_eq!(sessions.of(&record["request_id"]), session, "{record}");
        }
    }
    is_over.store(true, Ordering::Relaxed);
    let mut replies = BTreeSet::new();
    for client in clients {
        replies.extend(client.await.unwrap());
    }

    let listed = emulator.control("GET", "requests?limit=100000", "").await.json();
    let records = listed["requests"].as_array().unwrap();
    assert!(records.iter().all(|record| record["in_flight"].is_null() && record["status"] == 200));
    let recorded: BTreeSet<String> =
        records.iter().map(|record| record["request_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(recorded.len(), records.len(), "each call is recorded once");
    assert_eq!(recorded, replies, "replies of the last session, and records of it");
    let callers: BTreeSet<&str> = records.iter().map(|record| record["account"].as_str().unwrap()).collect();
    let tasks = emulator.control("GET", "tasks", "").await.json();
    assert_eq!(tasks["total"], callers.len(), "one task for each account that called in it");
}

/// A call that meets a reset of its account arrives after it; it is not refused, and its nonce counts once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_that_race_with_resets_of_their_account_are_answered_and_recorded_once() {
    let emulator = Arc::new(TestEmulator::new(&SCENARIO[..SCENARIO.find("faults").unwrap()]));
    let is_over = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (emulator, is_over) = (Arc::clone(&emulator), Arc::clone(&is_over));
            tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    let answer = emulator.call(generate("IMAGE_SCAN")).await;
                    assert_eq!(answer.status, 200, "{}", answer.body);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for round in 0..300 {
        let (method, path) =
            if round % 2 == 0 { ("POST", "reset?account=test") } else { ("DELETE", "accounts/test") };
        assert_eq!(emulator.control(method, path, "").await.status, 200);
        assert_eq!(emulator.control("GET", "await?count=1&timeout=60s", "").await.status, 200);
    }
    is_over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    let get = async |path| emulator.control("GET", path, "").await.json();
    let (calls, tasks) = (get("requests/count").await["count"].clone(), get("tasks").await["total"].clone());
    assert_eq!(calls, tasks, "each call that is recorded since the last reset has made its task");
}
