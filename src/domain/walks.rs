//! Tests that the tasks of an account answer as a walk over all of them does, whatever was done to them.

use std::ops::Range;

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

use super::state::Status;
use super::task::Task;
use super::task_type::TaskType;
use crate::domain::account::Account;
use crate::domain::plan::{Curve, Ending, Pace, Plan};
use crate::domain::state::{ScanResult, State};
use crate::domain::{Override, SavedAccount, Source, Target, TargetKind, Targets, TaskFilter, TaskId, at};

const KEPT: usize = 24;
const TYPES: [&str; 4] = ["IMAGE_SCAN", "VUL_CHECK_TASK", "VIRUS_SCAN", "OWN"];
const SOURCES: [&str; 2] = ["console", "own"];
const NAMES: [&str; 4] = ["IMAGE_SCAN", "VUL_CHECK_TASK", "OWN", "another"];
const STATUSES: [Status; 5] = [Status::Init, Status::Start, Status::Success, Status::Fail, Status::Timeout];

/// What is done to an account.
#[derive(Debug, Clone)]
enum Act {
    Add { kind: [usize; 3], plan: Plan, failing: Vec<bool> },
    Pass(i64),
    Look(Index),
    Force(Index, Override),
    Restore,
}

fn plans() -> impl Strategy<Value = Plan> {
    let endings = prop_oneof![
        Just(Ending::Success(ScanResult::Success)),
        Just(Ending::Fail),
        Just(Ending::Timeout),
        Just(Ending::Never)
    ];
    let courses = (endings, 0..9u32, 0..3u32, 0..20u32, any::<bool>()).prop_map(
        |(ending, targets, init, start, is_polled)| {
            let Plan::Course { pace: timed, .. } = Plan::timed(init.into(), start.into(), targets, ending)
            else {
                unreachable!()
            };
            let pace = if is_polled { Pace::Polls { init, start: start / 8 } } else { timed };
            Plan::Course { pace, targets, curve: Curve::StallAt(70), ending }
        },
    );
    let fixed = (0..5usize, 0..9u32, 0..12u32).prop_map(|(status, total_count, finish_count)| {
        let status = STATUSES[status];
        Plan::Fixed(State { status, progress: 40, finish_count, total_count, result: ScanResult::Success })
    });
    prop_oneof![8 => courses, 1 => fixed]
}

fn acts() -> impl Strategy<Value = Act> {
    let overrides = prop_oneof![
        Just(Override::Finish),
        Just(Override::Fail(None)),
        Just(Override::Timeout(None)),
        Just(Override::Stall(None))
    ];
    let kinds = [0..TYPES.len(), 0..SOURCES.len(), 0..NAMES.len() + 1];
    prop_oneof![
        9 => (kinds, plans(), proptest::collection::vec(any::<bool>(), 0..6))
            .prop_map(|(kind, plan, failing)| Act::Add { kind, plan, failing }),
        3 => (0i64..6).prop_map(Act::Pass),
        1 => (6i64..60).prop_map(Act::Pass),
        3 => any::<Index>().prop_map(Act::Look),
        2 => (any::<Index>(), overrides).prop_map(|(place, change)| Act::Force(place, change)),
        1 => Just(Act::Restore),
    ]
}

/// The tasks of an account, and the same ones as a plain list.
#[derive(Default)]
struct Both {
    account: Account,
    list: Vec<Task>,
    second: i64,
    next: u32,
}

impl Both {
    fn now(&self) -> Timestamp {
        at(self.second)
    }

    fn act(&mut self, act: Act) {
        let now = self.now();
        match act {
            Act::Add { kind: [kind, source, name], plan, failing } => {
                self.next += 1;
                // Neighbours in the order of ids are no neighbours in that of age, and many begin alike.
                let id = TaskId::new(u128::from(self.next.wrapping_mul(0x9e37_79b9)) << 66);
                let target = |fails| Target { id: "t".into(), kind: TargetKind::Server, fails };
                let task = Task::new(id, TaskType::new(TYPES[kind]), now, plan)
                    .named(NAMES.get(name).map(|name| (*name).into()))
                    .from_source(Source::new(SOURCES[source]));
                let targets = Targets::new(failing.into_iter().map(target).collect());
                let task = Task { targets, ..task };
                self.list.push(task.clone());
                while self.list.len() > KEPT
                    && let Some(place) = self.list.iter().position(|task| task.ended_at(now).is_some())
                {
                    self.list.remove(place);
                }
                self.account.tasks.add(task, now, KEPT);
            }
            Act::Pass(seconds) => self.second += seconds,
            Act::Look(place) => self.change(place, |task| {
                task.look(now);
            }),
            Act::Force(place, change) => {
                self.change(place, |task| task.override_at(now, change).unwrap_or_default());
            }
            Act::Restore => {
                let saved = SavedAccount::of(&self.account);
                self.account = saved.into_account(self.account.servers.list().clone()).unwrap();
            }
        }
    }

    fn change(&mut self, place: Index, change: impl Fn(&mut Task)) {
        if !self.list.is_empty() {
            let task = place.get(&self.list).id;
            self.list.iter_mut().filter(|one| one.id == task).for_each(&change);
            self.account.tasks.change(task, change).unwrap();
        }
    }
}

/// A question to an account.
#[derive(Debug, Clone)]
struct Ask {
    task_type: &'static str,
    source: Option<&'static str>,
    name: &'static str,
    born: [Option<i64>; 2],
    ended: i64,
    statuses: Vec<Status>,
    page: Range<usize>,
    since: i64,
}

fn questions() -> impl Strategy<Value = Ask> {
    use proptest::option;
    use proptest::sample::select;
    let times = || option::of(-1_000i64..200_000);
    let page = (0..60usize, 0..8usize).prop_map(|(start, length)| start..start + length);
    (
        select(&TYPES[..]),
        option::of(select(&SOURCES[..])),
        select(&NAMES[..]),
        [times(), times()],
        0i64..200_000,
        subsequence(&STATUSES[..], 0..=5),
        page,
        0i64..200,
    )
        .prop_map(|(task_type, source, name, born, ended, statuses, page, since)| Ask {
            task_type,
            source,
            name,
            born,
            ended,
            statuses,
            page,
            since,
        })
}

fn ids<'a>(tasks: impl Iterator<Item = &'a Task>) -> Vec<TaskId> {
    tasks.map(|task| task.id).collect()
}

/// Compares the answers of the index with those of a walk over all tasks.
fn compare(both: &mut Both, ask: &Ask) -> Result<(), TestCaseError> {
    let (now, list) = (both.now(), &both.list);
    let task_type = TaskType::new(ask.task_type);
    let tasks = &mut both.account.tasks;
    let running: Vec<_> = list.iter().filter(|task| task.ended_at(now).is_none()).collect();
    // Before the index has seen this time.
    let since = at(ask.since.min(both.second));
    let changed = |task: &&Task| task.transitions(since, now).next().is_some();
    let walked = list.iter().filter(|task| task.born <= since).filter(changed);
    prop_assert_eq!(ids(tasks.running_since(since).filter(changed)), ids(walked));
    prop_assert_eq!(ids(tasks.born_after(since)), ids(list.iter().filter(|task| task.born > since)));

    prop_assert_eq!(tasks.running(now), running.len());
    let once = running.iter().filter(|task| !task.task_type().is_internal());
    prop_assert_eq!(tasks.running_once_tasks(now), once.count());
    prop_assert_eq!(ids(tasks.unfinished(now)), ids(running.into_iter()));
    prop_assert_eq!(ids(tasks.iter()), ids(list.iter()));
    let of_type = |task: &&Task| *task.task_type() == task_type;
    let counts = tasks.counts_by_type(now, true);
    let of_any = counts.iter().map(|(_, counts)| counts);
    let of_one = counts.iter().filter(|(one, _)| *one == task_type).map(|(_, counts)| counts);
    for status in std::iter::once(None).chain(Status::ALL.map(Some)) {
        let has_status = |task: &&Task| status.is_none_or(|status| status == task.state_at(now).status);
        let walked = list.iter().filter(has_status);
        prop_assert_eq!(
            of_any.clone().map(|counts| counts.of(status)).sum::<usize>(),
            walked.clone().count()
        );
        prop_assert_eq!(tasks.count(&TaskFilter { task_type: None, status }, now), walked.clone().count());
        let walked = walked.filter(of_type);
        prop_assert_eq!(
            of_one.clone().map(|counts| counts.of(status)).sum::<usize>(),
            walked.clone().count()
        );
        let wanted = TaskFilter { task_type: Some(task_type.clone()), status };
        prop_assert_eq!(tasks.count(&wanted, now), walked.clone().count());
        let listed = |age| {
            let mut found = Vec::new();
            tasks.visit_wanted(&wanted, age, now, |age, task| {
                found.push((age, task.id));
                true
            });
            found
        };
        let all = listed(0);
        prop_assert_eq!(all.iter().map(|(_, id)| *id).collect::<Vec<_>>(), ids(walked));
        for (place, (age, _)) in all.iter().enumerate().step_by(5) {
            prop_assert_eq!(&listed(*age)[..], &all[place..]);
        }
    }

    let of_source = |task: &&Task| ask.source.is_none_or(|source| source == task.source().as_str());
    let row: Vec<&Task> = list.iter().rev().filter(of_type).filter(of_source).collect();
    let latest = tasks.latest(&task_type, ask.source, ask.name).map(|task| task.id);
    prop_assert_eq!(latest, row.iter().find(|task| task.name() == ask.name).map(|task| task.id));
    let [from, to] = ask.born;
    let is_in = |task: &&&Task| {
        let born = task.born.as_millisecond();
        from.is_none_or(|from| from <= born) && to.is_none_or(|to| born <= to)
    };
    let born: Vec<&Task> = row.iter().filter(is_in).copied().collect();
    let newest = tasks.newest(&task_type, ask.source).between(from, to);
    prop_assert_eq!(ids(newest.clone()), ids(born.iter().copied()));

    let ended = |task: &&&Task| task.ended_at(now).is_none_or(|end| end.as_millisecond() <= ask.ended);
    let walked: Vec<TaskId> = ids(born.iter().filter(ended).copied());
    let (total, found) = newest.clone().not_ended_after(now, ask.ended, ask.page.clone());
    prop_assert_eq!(total, walked.len());
    let end = ask.page.end.min(total);
    prop_assert_eq!(&ids(found.iter().map(|(task, _)| *task))[..], &walked[ask.page.start.min(end)..end]);

    let is_wanted = |status: Status| ask.statuses.contains(&status);
    let leaves = |task: &&Task| ids_of_leaves(task, now, is_wanted);
    let walked: Vec<TaskId> = born.iter().flat_map(leaves).collect();
    let (total, found) = newest.leaves(now, is_wanted, ask.page.clone());
    prop_assert_eq!(total, walked.len());
    let parts = found.iter().flat_map(|(task, part)| leaves(task)[part.clone()].to_vec());
    let end = ask.page.end.min(total);
    prop_assert_eq!(&parts.collect::<Vec<_>>()[..], &walked[ask.page.start.min(end)..end]);
    Ok(())
}

fn ids_of_leaves(task: &Task, now: Timestamp, is_wanted: impl Fn(Status) -> bool) -> Vec<TaskId> {
    let leaves = task.subtasks(now).iter().filter(|leaf| is_wanted(leaf.status));
    leaves.map(|leaf| leaf.id).collect()
}

proptest! {
    #[test]
    fn an_index_answers_as_a_walk_over_all_tasks_does(
        steps in proptest::collection::vec((acts(), questions()), 1..90),
    ) {
        let mut both = Both::default();
        for (place, (act, ask)) in steps.into_iter().enumerate() {
            both.act(act);
            // Not after each act, so that several come between two looks.
            if place % 3 == 0 {
                compare(&mut both, &ask)?;
            }
        }
    }
}
