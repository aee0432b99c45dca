//! The cost of a call in an account with ten, ten thousand and a million tasks: the operations themselves, without
//! gateway and socket. `cargo bench --bench tasks`, or as a short table `scripts/bench tasks`
//!
//! A page has as many items in a large account as in a small one, five for most cases, so that only the number of searched
//! tasks differs. Each case makes sure of that before it is measured.

#![expect(clippy::unwrap_used, reason = "a measurement that fails says so")]

#[path = "support/filled.rs"]
mod filled;

use std::sync::{Mutex, OnceLock, PoisonError};

use divan::Bencher;
use jiff::SignedDuration;
use sas_emulator::internals::domain::plan::Ending;
use sas_emulator::internals::domain::{Lifecycle, Params, Task, Value, World};

use self::filled::{Filled, TYPE, operation, params};

const COUNTS: [usize; 3] = [10, 10_000, 1_000_000];

fn main() {
    divan::main();
}

/// An account with this many tasks, every second one from the console; filled on first use.
fn with<T>(count: usize, act: impl FnOnce(&mut Filled) -> T) -> T {
    static ACCOUNTS: [OnceLock<Mutex<Filled>>; COUNTS.len()] = [const { OnceLock::new() }; COUNTS.len()];
    let place = COUNTS.iter().position(|known| *known == count).unwrap();
    let account = ACCOUNTS[place].get_or_init(|| Mutex::new(Filled::new(World::default(), count, pairs)));
    act(&mut account.lock().unwrap_or_else(PoisonError::into_inner))
}

fn pairs(place: usize) -> Vec<(&'static str, String)> {
    let source = if place.is_multiple_of(2) { "console" } else { "openapi" };
    vec![("Param", "{}".to_owned()), ("Source", source.to_owned())]
}

/// Measures `action` with the parameters that `ask` makes of the task in the middle and of how many there are.
fn bench(
    bencher: Bencher<'_, '_>,
    count: usize,
    action: &str,
    ask: fn(&Task, usize) -> Vec<(&'static str, String)>,
) {
    let operation = operation(action);
    let of_few = with(COUNTS[0], |filled| {
        let params = asked(filled, COUNTS[0], action, ask);
        filled.call(operation, &params)
    });
    with(count, |filled| {
        let params = asked(filled, count, action, ask);
        assert_eq!(items(&filled.call(operation, &params)), items(&of_few), "pages of equal size");
        bencher.bench_local(|| filled.call(operation, &params));
    });
}

fn asked(
    filled: &mut Filled,
    count: usize,
    action: &str,
    ask: fn(&Task, usize) -> Vec<(&'static str, String)>,
) -> Params {
    // All tasks have ended: the reply about a running task is cheaper.
    filled.now += SignedDuration::from_secs(60);
    let mut pairs = ask(filled.account.tasks.iter().nth(count / 2).unwrap(), count);
    pairs.push(("TaskType", TYPE.to_owned()));
    if action != "DescribeOnceTask" && !pairs.iter().any(|(name, _)| *name == "TaskName") {
        pairs.push(("TaskName", TYPE.to_owned()));
    }
    if action.starts_with("Describe") {
        pairs.push(("PageSize", "5".to_owned()));
    }
    params(&pairs)
}

/// How many items the lists of a reply have.
fn items(reply: &Value) -> usize {
    let Value::Map(members) = reply else { return 0 };
    let lengths = members
        .iter()
        .map(|(_, value)| if let Value::List { values, .. } = value { values.len() } else { 0 });
    lengths.sum()
}

macro_rules! cases {
    ($($name:ident: $action:literal, $ask:expr;)*) => {
        $(
            #[divan::bench(args = COUNTS)]
            fn $name(bencher: Bencher<'_, '_>, count: usize) {
                bench(bencher, count, $action, $ask);
            }
        )*
    };
}

fn text(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

fn leaves(more: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    let page = if more.iter().any(|(name, _)| *name == "CurrentPage") {
        None
    } else {
        Some(text("CurrentPage", "1"))
    };
    [text("RelateInfo", "false")].into_iter().chain(page).chain(more).collect()
}

/// This long after the start of a task, in the milliseconds of the wire.
fn after(task: &Task, seconds: i64) -> String {
    (task.born.as_millisecond() + seconds * 1000).to_string()
}

cases! {
    latest: "GetLastOnceTaskInfo", |_, _| vec![];
    latest_of_no_such_source: "GetLastOnceTaskInfo", |_, _| vec![text("Source", "schedule")];
    latest_of_no_such_name: "GetLastOnceTaskInfo", |_, _| vec![text("TaskName", "Other")];
    result_by_hex: "GetOnceTaskResultInfo", |task, _| vec![("TaskId", task.id.to_string())];
    result_by_number: "GetOnceTaskResultInfo", |task, _| vec![("TaskId", task.shown_number().to_string())];
    roots_first_page: "DescribeOnceTask", |_, _| vec![];
    roots_last_page: "DescribeOnceTask", |_, count| vec![("CurrentPage", (count / 5).to_string())];
    roots_by_id: "DescribeOnceTask", |task, _| vec![("TaskId", task.id.to_string())];
    roots_by_source: "DescribeOnceTask", |_, _| vec![text("Source", "console")];
    roots_since: "DescribeOnceTask", |task, _| vec![("StartTimeQuery", after(task, -5))];
    roots_of_15_s: "DescribeOnceTask",
        |task, _| vec![("StartTimeQuery", after(task, -5)), ("EndTimeQuery", after(task, 10))];
    // Ten seconds after its start, the task in the middle and all before it have ended.
    roots_until: "DescribeOnceTask", |task, _| vec![("EndTimeQuery", after(task, 10))];
    subtasks: "DescribeOnceTask", |task, _| vec![("RootTaskId", task.id.to_string())];
    leaves_first_page: "DescribeOnceTaskLeafRecordPage", |_, _| leaves(vec![]);
    leaves_last_page: "DescribeOnceTaskLeafRecordPage", |_, count| leaves(vec![("CurrentPage", count.to_string())]);
    leaves_by_id: "DescribeOnceTaskLeafRecordPage", |task, _| leaves(vec![("TaskId", task.id.to_string())]);
    leaves_since: "DescribeOnceTaskLeafRecordPage", |task, _| leaves(vec![("StartTime", after(task, -5))]);
    leaves_that_failed: "DescribeOnceTaskLeafRecordPage", |_, _| leaves(vec![text("StatusList.1", "FAIL")]);
}

/// While nine run.
#[divan::bench(args = COUNTS)]
fn unfinished(bencher: Bencher<'_, '_>, count: usize) {
    with(count, |filled| {
        (0..9).for_each(|place| drop(filled.start(&pairs(place))));
        let target = filled.account.servers.iter().next().unwrap().uuid.clone();
        let params = params(&[("TaskType", TYPE.to_owned()), ("Target", target)]);
        bencher.bench_local(|| filled.call(operation("ListUnfinishedOnceTask"), &params));
    });
}

/// Into a full account: the oldest task is evicted. A hundred in a row, as in an account that starts tasks all the time: the
/// first after a pause waits for memory that other work has pushed out of the caches.
#[divan::bench(args = COUNTS, sample_size = 100)]
fn start_one_more(bencher: Bencher<'_, '_>, count: usize) {
    with(count, |filled| bencher.bench_local(|| filled.start(&[("Param", "{}".to_owned())])));
}

/// A year passes while a hundred cycle tasks start something every hour: 876,000 times in all.
#[divan::bench(args = [10_000, 1_000_000], sample_count = 10, sample_size = 1)]
fn jump_of_a_year(bencher: Bencher<'_, '_>, kept: usize) {
    let mut filled = Filled::new(World::default(), 10, pairs);
    filled.world.limits.kept = kept;
    let cycle = [
        ("TaskType", TYPE),
        ("TaskName", TYPE),
        ("Enable", "1"),
        ("FirstDateStr", "0"),
        ("IntervalPeriod", "1"),
        ("PeriodUnit", "hour"),
        ("TargetStartTime", "0"),
        ("TargetEndTime", "6"),
    ];
    let cycle = params(&cycle.map(|(name, value)| text(name, value)));
    (0..100).for_each(|_| drop(filled.call(operation("CreateCycleTask"), &cycle)));
    let latest = params(&[text("TaskType", TYPE), text("TaskName", TYPE)]);
    bencher.bench_local(|| {
        filled.now += SignedDuration::from_hours(24 * 365);
        filled.call(operation("GetLastOnceTaskInfo"), &latest)
    });
}

/// While so many run without an end.
#[divan::bench(args = [10, 10_000, 100_000], sample_count = 10, sample_size = 10)]
fn start_while_others_run(bencher: Bencher<'_, '_>, running: usize) {
    let mut world = World::default();
    world.lifecycles.rest = Some(Lifecycle { ending: Ending::Never, ..Lifecycle::default() });
    world.limits.running = usize::MAX;
    let mut filled = Filled::new(world, running, pairs);
    filled.world.limits.kept = usize::MAX;
    bencher.bench_local(|| filled.start(&[text("Param", "{}")]));
}
