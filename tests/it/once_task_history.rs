//! Concurrent callers see one history of the once-tasks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use serde_json::Value;

use crate::harness::tasks::{cancel, generate, id, ids, result, roots, seconds};
use crate::harness::{TestCall, TestEmulator};

const TYPE: &str = "VUL_CHECK_TASK";
const SCENARIO: &str = "lifecycles: { '*': { queued: { range: [0s, 3s] }, running: { range: [1s, 12s] } } }
assets: [{}, {}, {}, { online: false }]
";
const CALLERS: usize = 64;
const MOST_RUNNING: usize = 10;

/// What a caller does next.
#[derive(Debug, Clone, Copy)]
enum Act {
    Generate,
    Cancel,
    Latest,
    Result,
    List,
    /// Lets a second of the task clock go by.
    Tick,
}

/// What one caller saw of one task. Moments are counted, not measured: the call lay between two of them.
#[derive(Debug, Clone)]
struct Sight {
    task: u64,
    status: Stage,
    progress: Option<u64>,
    finished: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Waiting,
    Running,
    Over(String),
}

/// One call, and what it showed.
#[derive(Debug)]
struct Call {
    from: u64,
    to: u64,
    sights: Vec<Sight>,
    /// The ids of a list of all tasks, newest first.
    list: Option<Vec<String>>,
    attempt: Option<Attempt>,
}

/// The result of an attempt to start a task.
#[derive(Debug, PartialEq, Eq)]
enum Attempt {
    Started(String),
    Refused,
}

impl Call {
    /// The id of the task it started.
    fn started(&self) -> Option<&String> {
        match &self.attempt {
            Some(Attempt::Started(id)) => Some(id),
            _ => None,
        }
    }
}

/// The number that stands for an id.
fn number(id: &str) -> u64 {
    u64::try_from(u128::from_str_radix(id, 16).unwrap() >> 79).unwrap() + 1
}

fn stage(word: &Value) -> Stage {
    match word.as_str().unwrap() {
        "INIT" => Stage::Waiting,
        "START" | "PROCESSING" => Stage::Running,
        end => Stage::Over(end.to_owned()),
    }
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))
}

impl Sight {
    fn root(item: &Value) -> Self {
        let progress = item["Progress"].as_str().unwrap().trim_end_matches('%').parse().unwrap();
        // Of a root that failed, the targets that failed with it were counted too, though they were never finished.
        let is_comparable = item["TaskStatus"] != 3;
        let finished = is_comparable.then(|| count(&item["SuccessCount"]) + count(&item["FailCount"]));
        Self {
            task: number(&id(item)),
            status: stage(&item["TaskStatusText"]),
            progress: Some(progress),
            finished,
        }
    }

    fn info(body: &Value) -> Self {
        Self {
            task: count(&body["TaskId"]),
            status: stage(&body["TaskInfo"]["Status"]),
            progress: body["TaskInfo"]["Progress"].as_u64(),
            finished: Some(count(&body["FinishCount"])),
        }
    }
}

/// Everything one caller does, in order.
async fn caller(world: Arc<TestEmulator>, moments: Arc<AtomicU64>, acts: Vec<Act>) -> Vec<Call> {
    let mut calls = Vec::new();
    // The last task that this caller saw.
    let mut known: Option<String> = None;
    for act in acts {
        tokio::task::yield_now().await;
        let call = match (act, &known) {
            (Act::Generate, _) => generate(TYPE),
            (Act::Latest, _) => TestCall::latest(TYPE),
            (Act::Cancel, Some(id)) => cancel(id),
            (Act::Result, Some(id)) => result(TYPE, id),
            (Act::List | Act::Cancel | Act::Result, _) => roots(TYPE),
            (Act::Tick, _) => {
                world.advance(seconds(1));
                continue;
            }
        };
        let action = call.action.clone();
        let from = moments.fetch_add(1, Ordering::SeqCst);
        let body = world.body(call).await;
        let to = moments.fetch_add(1, Ordering::SeqCst);
        let mut call = Call { from, to, sights: Vec::new(), list: None, attempt: None };
        match action.as_str() {
            "GenerateOnceTask" => {
                let is_started = body["CanCreate"] == true;
                let attempt = if is_started { Attempt::Started(id(&body)) } else { Attempt::Refused };
                call.attempt = Some(attempt);
                known = call.started().cloned().or(known);
            }
            "DescribeOnceTask" => {
                let items = body["TaskManageResponseList"].as_array().unwrap();
                known = items.first().map(id).or(known);
                call.sights = items.iter().map(Sight::root).collect();
                call.list = Some(ids(items));
            }
            "GetLastOnceTaskInfo" if body["TaskInfo"]["Result"] == "TASK_NOT_EXISTS" => {}
            "CancelOnceTask" => {}
            _ => call.sights = vec![Sight::info(&body)],
        }
        calls.push(call);
    }
    calls
}

/// Whatever was seen later is later in a task's life.
fn check_that_nothing_goes_back(calls: &[Call]) {
    let mut by_task: BTreeMap<u64, Vec<(&Call, &Sight)>> = BTreeMap::new();
    for (call, sight) in calls.iter().flat_map(|call| call.sights.iter().map(move |sight| (call, sight))) {
        by_task.entry(sight.task).or_default().push((call, sight));
    }
    for sights in by_task.values() {
        for (one, before) in sights {
            for (other, after) in sights.iter().filter(|(other, _)| one.to < other.from) {
                let counts = before.finished.zip(after.finished);
                let is_later = match &before.status {
                    Stage::Over(_) => {
                        after.status == before.status && counts.is_none_or(|(before, after)| before == after)
                    }
                    _ => {
                        after.status >= before.status && counts.is_none_or(|(before, after)| before <= after)
                    }
                };
                let rises = before.progress.zip(after.progress).is_none_or(|(before, after)| before <= after);
                assert!(is_later && rises, "{before:?} in {one:?}, then {after:?} in {other:?}");
            }
        }
    }
}

/// Every list ends in every earlier one, and holds what was started before it.
fn check_that_nothing_is_lost(calls: &[Call], listed: &[String]) {
    let started: BTreeSet<&String> = calls.iter().filter_map(Call::started).collect();
    assert_eq!(listed.iter().collect::<BTreeSet<_>>(), started);
    assert_eq!(listed.len(), started.len(), "a task is listed twice");
    for call in calls {
        for later in calls.iter().filter(|later| call.to < later.from) {
            let Some(ids) = &later.list else { continue };
            assert!(call.started().is_none_or(|id| ids.contains(id)));
            assert!(call.list.as_ref().is_none_or(|earlier| ids.ends_with(earlier)));
        }
    }
}

/// Neither a list nor the times of birth and end show more tasks at once than may run.
fn check_that_few_run(calls: &[Call], last: &[Value]) {
    for call in calls.iter().filter(|call| call.list.is_some()) {
        let running = call.sights.iter().filter(|sight| !matches!(sight.status, Stage::Over(_))).count();
        assert!(running <= MOST_RUNNING, "{running} run at once in {call:?}");
    }
    let lives: Vec<(u64, u64)> =
        last.iter().map(|task| (count(&task["TaskStartTime"]), count(&task["TaskEndTime"]))).collect();
    for (moment, _) in &lives {
        let running = lives.iter().filter(|(born, ended)| born <= moment && moment < ended).count();
        assert!(running <= MOST_RUNNING, "{running} run at {moment}");
    }
    let refused = calls.iter().filter(|call| call.attempt == Some(Attempt::Refused)).count();
    assert!(refused > 0 && lives.len() > MOST_RUNNING, "the limit was never reached");
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => Just(Act::Generate),
        1 => Just(Act::Cancel),
        2 => Just(Act::Latest),
        2 => Just(Act::Result),
        2 => Just(Act::List),
        1 => Just(Act::Tick),
    ];
    proptest::collection::vec(act, 6..12)
}

proptest! {
    // What a thread does when is not drawn from the seed, so that shrinking would lead nowhere.
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn callers_at_once_see_one_history(plans in proptest::collection::vec(acts(), CALLERS)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().unwrap();
        runtime.block_on(async {
            let (world, moments) = (Arc::new(TestEmulator::new(SCENARIO)), Arc::new(AtomicU64::new(0)));
            let callers: Vec<_> = plans
                .into_iter()
                .map(|plan| tokio::spawn(caller(Arc::clone(&world), Arc::clone(&moments), plan)))
                .collect();
            let mut calls = Vec::new();
            for caller in callers {
                calls.extend(caller.await.unwrap());
            }
            world.advance(seconds(3600));
            let last = world.list(roots(TYPE)).await;
            check_that_nothing_goes_back(&calls);
            check_that_nothing_is_lost(&calls, &ids(&last));
            check_that_few_run(&calls, &last);
        });
    }
}
