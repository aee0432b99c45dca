//! The subtasks of a task at one time, one for each target. They are derived, so that a task with a million costs no more
//! than one with five.

use std::ops::Range;

use jiff::Timestamp;

use super::state::{State, Status};
use super::summary::STATUSES;
use super::targets::Target;
use super::task::Task;
use super::task_id::TaskId;

/// One target of a task and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtask<'a> {
    pub id: TaskId,
    /// None for a target without a name.
    pub target: Option<&'a Target>,
    pub status: Status,
    pub progress: u8,
    pub ended: Option<Timestamp>,
}

impl Subtask<'_> {
    /// The id of its target; for an image without a name, 64 hex digits of its own.
    pub fn target_id(&self) -> String {
        self.target.map_or_else(|| format!("{0}{0}", self.id), |target| target.id.to_string())
    }
}

/// The subtasks, each at its place: the first ones are finished, the rest have the status of the task.
#[derive(Debug, Clone, Copy)]
pub struct Subtasks<'a> {
    task: &'a Task,
    now: Timestamp,
    state: State,
}

impl Task {
    /// Its subtasks as they are at `now`.
    pub fn subtasks(&self, now: Timestamp) -> Subtasks<'_> {
        Subtasks { task: self, now, state: self.state_at(now) }
    }
}

impl<'a> Subtasks<'a> {
    pub fn len(&self) -> usize {
        self.state.total_count as usize
    }

    /// How many have each status, by its number.
    pub(super) fn by_status(&self) -> [u32; STATUSES] {
        let State { status, finish_count, total_count, .. } = self.state;
        let finished = finish_count.min(total_count);
        let failed = number(self.task.targets.failing_before(finished).len());
        let mut counts = [0; STATUSES];
        counts[Status::Success as usize] = finished - failed;
        counts[Status::Fail as usize] = failed;
        counts[status as usize] += total_count - finished;
        counts
    }

    /// How many have succeeded, and how many have ended with FAIL or TIMEOUT.
    pub fn counts(&self) -> (u32, u32) {
        let State { status, finish_count, total_count, .. } = self.state;
        let failed = number(self.task.targets.failing_before(finish_count).len());
        let succeeded = finish_count.saturating_sub(failed);
        match status {
            Status::Init | Status::Start | Status::Success => (succeeded, failed),
            // Unfinished targets fail with the task.
            Status::Fail | Status::Timeout => (succeeded, total_count.saturating_sub(succeeded)),
        }
    }

    pub fn iter(self) -> impl Iterator<Item = Subtask<'a>> {
        self.range(0..self.len())
    }

    /// Those from one place to another.
    pub fn range(self, places: Range<usize>) -> impl Iterator<Item = Subtask<'a>> {
        places.filter_map(move |place| Some(self.at(u32::try_from(place).ok()?)))
    }

    /// Those on the target of that id.
    pub fn on(self, target_id: &str) -> impl Iterator<Item = Subtask<'a>> {
        let named = self.task.targets.places(target_id).iter().copied();
        // An image without a name has an id that is made from its place.
        let (id, again) = target_id.split_at_checked(target_id.len() / 2).unwrap_or_default();
        let unnamed = (id.len() == 32 && id == again).then(|| id.parse().ok()).flatten();
        let unnamed = unnamed.and_then(|id| self.task.id.index_of(id));
        let unnamed = unnamed.filter(|place| *place as usize >= self.task.targets.len());
        let unnamed = unnamed.filter(|place| self.at(*place).target_id() == target_id);
        named
            .chain(unnamed)
            .filter(move |place| *place < self.state.total_count)
            .map(move |place| self.at(place))
    }

    /// Those whose status is wanted.
    pub fn with(self, is_wanted: impl Fn(Status) -> bool) -> Chosen<'a> {
        let State { status, finish_count, total_count, .. } = self.state;
        let finished = finish_count.min(total_count);
        let failing = self.task.targets.failing_before(finished);
        let pick = |status, count: u32| if is_wanted(status) { count } else { 0 };
        let (failed, succeeded) = (number(failing.len()), finished - number(failing.len()));
        Chosen {
            subtasks: self,
            failing,
            finished: [pick(Status::Success, succeeded), pick(Status::Fail, failed)],
            rest: finished..finished + pick(status, total_count - finished),
        }
    }

    fn at(self, place: u32) -> Subtask<'a> {
        let Self { task, now, state } = self;
        let target = task.targets.get(place as usize);
        let is_finished = place < state.finish_count;
        let status = match target {
            Some(Target { fails: true, .. }) if is_finished => Status::Fail,
            _ if is_finished => Status::Success,
            _ => state.status,
        };
        let progress = if status == Status::Success { 100 } else { 0 };
        let ended = if is_finished { Some(self.finished_at(place)) } else { task.ended_at(now) };
        Subtask { id: task.id.nth(place), target, status, progress, ended }
    }

    /// When the target at a place was finished, which it is now. A task that advances by looks does not tell: then all are
    /// finished when it ended, or started.
    fn finished_at(self, place: u32) -> Timestamp {
        let Self { task, now, .. } = self;
        if let Some(ended) = task.seen_ended() {
            return ended;
        }
        let mut before = task.born.as_millisecond() - 1;
        let mut after = now.as_millisecond();
        if let Some(end) = task.plan.end(task.born) {
            // All are by then, so the search takes as long for an old task as for a young one.
            after = after.min(end.as_millisecond().saturating_add(1));
        }
        // The count never falls, so halving finds the first millisecond that has it.
        while before + 1 < after {
            let middle = before + (after - before) / 2;
            let moment = Timestamp::from_millisecond(middle).unwrap_or(now);
            let is_finished = task.state_at(moment).finish_count > place;
            *(if is_finished { &mut after } else { &mut before }) = middle;
        }
        Timestamp::from_millisecond(after).unwrap_or(now)
    }
}

/// The subtasks of some statuses, in the order of their places.
#[derive(Debug, Clone)]
pub struct Chosen<'a> {
    subtasks: Subtasks<'a>,
    /// The places of the finished ones that failed.
    failing: &'a [u32],
    /// How many of the finished ones are wanted: of those that succeeded, and of those that failed.
    finished: [u32; 2],
    /// The places of the unfinished ones that are wanted.
    rest: Range<u32>,
}

impl<'a> Chosen<'a> {
    pub fn len(&self) -> usize {
        self.finished.iter().map(|count| *count as usize).sum::<usize>() + self.rest.len()
    }

    /// Some of them, counted from the first.
    pub fn range(self, indexes: Range<usize>) -> impl Iterator<Item = Subtask<'a>> {
        indexes.filter_map(move |index| Some(self.subtasks.at(self.place(u32::try_from(index).ok()?)?)))
    }

    fn place(&self, index: u32) -> Option<u32> {
        let [succeeded, failed] = self.finished;
        if index >= succeeded + failed {
            return self.rest.clone().nth((index - succeeded - failed) as usize);
        }
        match (succeeded, failed) {
            (0, _) => self.failing.get(index as usize).copied(),
            (_, 0) => {
                // As far behind as there are failing ones before it.
                let (mut low, mut high) = (0, self.failing.len());
                while low < high {
                    let middle = low + (high - low) / 2;
                    let is_before = self.failing[middle] - number(middle) <= index;
                    (low, high) = if is_before { (middle + 1, high) } else { (low, middle) };
                }
                Some(index + number(low))
            }
            _ => Some(index),
        }
    }
}

/// There are never more targets than fit.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::plan::{Ending, Plan};
    use crate::domain::state::ScanResult;
    use crate::domain::{TargetKind, Targets, TaskType, at};

    /// A task of a hundred seconds; its named targets fail or not.
    fn task(targets: u32, named: &[bool], ending: Ending) -> Task {
        let target = |(place, fails): (usize, &bool)| Target {
            id: format!("t{}", place % 7).into(),
            kind: TargetKind::Server,
            fails: *fails,
        };
        let targets_named = Targets::new(named.iter().enumerate().map(target).collect());
        let plan = Plan::timed(0, 100, targets, ending);
        Task { targets: targets_named, ..Task::new(TaskId::new(5), TaskType::new("IMAGE_SCAN"), at(0), plan) }
    }

    fn endings() -> impl Strategy<Value = Ending> {
        prop_oneof![Just(Ending::Success(ScanResult::Success)), Just(Ending::Fail), Just(Ending::Timeout)]
    }

    proptest! {
        /// What is derived is what a walk over all subtasks finds.
        #[test]
        fn counts_pages_and_targets_are_those_of_a_walk(
            targets in 0u32..30, named in proptest::collection::vec(any::<bool>(), 0..40), ending in endings(),
            second in 0i64..120, wanted in proptest::collection::vec(any::<bool>(), 5),
        ) {
            let task = task(targets, &named, ending);
            let subtasks = task.subtasks(at(second));
            let all: Vec<_> = subtasks.iter().collect();
            prop_assert_eq!(all.len(), subtasks.len());
            let is_wanted = |status: Status| wanted[status as usize];
            let chosen: Vec<_> = all.iter().filter(|one| is_wanted(one.status)).cloned().collect();
            let derived = subtasks.with(is_wanted);
            prop_assert_eq!(derived.len(), chosen.len());
            for start in 0..chosen.len() {
                let page: Vec<_> = derived.clone().range(start..chosen.len()).collect();
                prop_assert_eq!(&page[..], &chosen[start..]);
            }
            for status in Status::ALL {
                let count = all.iter().filter(|one| one.status == status).count();
                prop_assert_eq!(subtasks.by_status()[status as usize] as usize, count);
            }
            let ended = |wanted: fn(Status) -> bool| all.iter().filter(|one| wanted(one.status)).count();
            let (succeeded, failed) = subtasks.counts();
            prop_assert_eq!(succeeded as usize, ended(|status| status == Status::Success));
            prop_assert_eq!(failed as usize, ended(|status| matches!(status, Status::Fail | Status::Timeout)));
            for id in all.iter().map(Subtask::target_id).chain(["t1".to_owned(), "other".to_owned(), "é".repeat(16)]) {
                let found: Vec<_> = subtasks.on(&id).collect();
                let walked: Vec<_> = all.iter().filter(|one| one.target_id() == id).cloned().collect();
                prop_assert_eq!(found, walked);
            }
        }
    }

    #[test]
    fn a_task_of_any_size_is_derived_at_once() {
        let task = task(u32::MAX, &[true, false, true], Ending::Success(ScanResult::Success));
        let subtasks = task.subtasks(at(100));
        assert_eq!(subtasks.counts(), (u32::MAX - 2, 2));
        let last = subtasks.with(|status| status == Status::Success).range(4_294_967_292..4_294_967_293);
        let last: Vec<_> = last.collect();
        assert_eq!(last[0].id, task.id.nth(u32::MAX - 1));
        assert_eq!(subtasks.on(&last[0].target_id()).collect::<Vec<_>>(), last);
    }
}
