//! One task: an id, a start, targets and a plan. Its state is computed, never stored.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::bounds::NAMED_TARGETS;
use super::overrides::{Overridden, Override, OverrideChain, OverrideError};
use super::plan::{Plan, Transition, share};
use super::state::{State, Status};
use super::targets::Targets;
use super::task_id::TaskId;
use super::task_type::{Source, TaskType};
use crate::text::limited::list;

/// One scan task, a root in the vendor's words. Its subtasks, one for each target, follow from it. Accounts may have a
/// million, so what many tasks have in common is shared, and what few have is in a place of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: TaskId,
    pub(super) label: Arc<Label>,
    /// `Param`, a JSON text; tasks with the same text share it.
    pub param: Option<Arc<str>>,
    /// Its start, by the task clock; `CollectTime` on the wire.
    pub born: Timestamp,
    /// Tasks that follow one another share an equal one.
    pub plan: Arc<Plan>,
    /// Where the plan has more targets than are listed, the rest have no name.
    pub targets: Targets,
    /// How often a caller has seen it, for plans that advance by looks.
    pub looks: u32,
    pub(super) rare: Option<Box<Rare>>,
}

/// What a task is called. Tasks that follow one another share an equal one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) task_type: TaskType,
    /// Its `TaskName` where that is not its type, as it is in every documented sample.
    pub(super) name: Option<Box<str>>,
    pub(super) source: Source,
}

/// What few tasks have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rare {
    /// A number to show instead of the one derived from the id.
    pub(super) number: Option<u64>,
    /// When a caller first saw it ended, where its plan does not tell.
    pub(super) ended: Option<Timestamp>,
    /// What replaces its plan from some time on.
    pub(super) overrides: OverrideChain,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTask {
    pub task_type: TaskType,
    pub name: String,
    pub source: Source,
    pub param: Option<String>,
    /// UUIDs or digests; none for all there are.
    #[serde(deserialize_with = "list::<NAMED_TARGETS, _, _, _>")]
    pub targets: Vec<String>,
}

impl NewTask {
    /// Of a type and named after it, from the API, on everything there is.
    pub fn of(task_type: &str) -> Self {
        Self {
            task_type: TaskType::new(task_type),
            name: task_type.to_owned(),
            source: Source::OPENAPI,
            param: None,
            targets: Vec::new(),
        }
    }
}

/// A task accepted but not yet started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingTask {
    pub due: Timestamp,
    #[serde(rename = "birth")]
    pub task: NewTask,
}

impl Rare {
    /// None if it has nothing.
    pub(super) fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

impl Task {
    /// A task named after its type, from the console, without targets.
    pub fn new(id: TaskId, task_type: TaskType, born: Timestamp, plan: impl Into<Arc<Plan>>) -> Self {
        Self {
            id,
            label: Arc::new(Label { task_type, name: None, source: Source::CONSOLE }),
            param: None,
            born,
            plan: plan.into(),
            targets: Targets::default(),
            looks: 0,
            rare: None,
        }
    }

    #[must_use]
    pub fn named(mut self, name: Option<Box<str>>) -> Self {
        Arc::make_mut(&mut self.label).name = name;
        self
    }

    #[must_use]
    pub fn from_source(mut self, source: Source) -> Self {
        Arc::make_mut(&mut self.label).source = source;
        self
    }

    /// With a number to show instead of the one derived from the id, if there is one.
    #[must_use]
    pub fn numbered(mut self, number: Option<u64>) -> Self {
        self.rare = Rare { number, ..Rare::default() }.boxed();
        self
    }

    pub(super) fn give_number(&mut self, number: u64) {
        self.rare.get_or_insert_default().number = Some(number);
    }

    pub fn task_type(&self) -> &TaskType {
        &self.label.task_type
    }

    pub fn source(&self) -> &Source {
        &self.label.source
    }

    pub fn name(&self) -> &str {
        self.own_name().unwrap_or(self.task_type().as_str())
    }

    /// Its name where that is not its type.
    pub(super) fn own_name(&self) -> Option<&str> {
        self.label.name.as_deref().filter(|name| *name != self.task_type().as_str())
    }

    /// The number that it was given.
    pub(super) fn own_number(&self) -> Option<u64> {
        self.rare.as_ref()?.number
    }

    /// When a caller first saw it ended, where its plan does not tell.
    pub(super) fn seen_ended(&self) -> Option<Timestamp> {
        self.rare.as_ref()?.ended
    }

    /// The states that it was put into, the newest first.
    pub(super) fn overrides(&self) -> impl Iterator<Item = &Overridden> {
        self.rare.iter().flat_map(|rare| rare.overrides.iter())
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Shares with another task what is equal.
    pub(super) fn share(&mut self, other: &Self) {
        if self.label == other.label {
            self.label = Arc::clone(&other.label);
        }
        if self.plan == other.plan {
            self.plan = Arc::clone(&other.plan);
        }
    }

    /// `Param`, parsed; null if there is none or it is no JSON.
    pub fn param_json(&self) -> serde_json::Value {
        self.param.as_deref().and_then(|param| serde_json::from_str(param).ok()).unwrap_or_default()
    }

    /// Its state at `now`, without counting as a look.
    pub fn state_at(&self, now: Timestamp) -> State {
        match self.overrides().find(|overridden| overridden.at <= now) {
            Some(overridden) => overridden.state,
            None => self.plan.state_at(self.born, now, self.looks),
        }
    }

    /// When it ended, if it did by `now`.
    pub fn ended_at(&self, now: Timestamp) -> Option<Timestamp> {
        let has_ended = self.state_at(now).status.is_terminal();
        let overridden = self.overrides().next().map(|overridden| overridden.at);
        // What has no end of its own had ended from the first: a fixed state.
        has_ended.then(|| overridden.or(self.seen_ended()).or(self.plan.end(self.born)).unwrap_or(self.born))
    }

    /// The changes of status that time brings about in `(after, until]`, in order; the first override ends them.
    pub fn transitions(&self, after: Timestamp, until: Timestamp) -> impl Iterator<Item = Transition> {
        let first_override = self.overrides().last().map(|overridden| overridden.at);
        let changes = self.plan.transitions(self.born, after, until);
        changes.filter(move |change| first_override.is_none_or(|at| change.at < at))
    }

    /// The statuses that it had by `now`, each with the time from which on it had it. Of a plan that advances by looks, only
    /// the first one and those that it was forced into.
    pub fn statuses(&self, now: Timestamp) -> Vec<(Timestamp, Status)> {
        let mut statuses = vec![(self.born, self.plan.state_at(self.born, self.born, 0).status)];
        statuses.extend(self.transitions(self.born, now).map(|change| (change.at, change.to)));
        let mut forced: Vec<_> =
            self.overrides().filter(|forced| forced.at <= now).map(|it| (it.at, it.state.status)).collect();
        forced.reverse();
        statuses.extend(forced);
        statuses.dedup_by_key(|(_, status)| *status);
        statuses
    }

    /// Puts it into another state from `now` on.
    pub fn override_at(&mut self, now: Timestamp, change: Override) -> Result<(), OverrideError> {
        let shown = self.state_at(now);
        if let Some(at) = self.ended_at(now) {
            return Err(OverrideError::Ended { status: shown.status, at });
        }
        let (status, progress) = change.turns(shown.progress)?;
        // A task whose progress stays keeps its count, for a fixed state may count in its own way.
        let finish_count =
            if progress == shown.progress { shown.finish_count } else { share(shown.total_count, progress) };
        let result = if status == Status::Success { self.plan.result() } else { shown.result };
        self.rare().overrides.push(now, State { status, progress, finish_count, result, ..shown });
        Ok(())
    }

    /// Ends it now as failed, with Progress where it is; a task that has ended stays as it is.
    pub fn cancel(&mut self, now: Timestamp) {
        // The only refusal there can be: it has ended.
        let _ = self.override_at(now, Override::Fail(None));
    }

    /// Its state as a caller sees it: one more look.
    pub fn look(&mut self, now: Timestamp) -> State {
        self.looks = self.looks.saturating_add(1);
        let state = self.state_at(now);
        if state.status.is_terminal() && self.seen_ended().is_none() && self.plan.end(self.born).is_none() {
            self.rare().ended = Some(now);
        }
        state
    }

    /// From when on it shows an end, as far as is known by now; none if only a look or an override can tell.
    pub(super) fn expiry(&self) -> Option<Timestamp> {
        match self.overrides().next() {
            Some(last) => last.state.status.is_terminal().then_some(last.at),
            // By the end of the calendar it has not ended.
            None => self.plan.end(self.born).filter(|end| *end < Timestamp::MAX).or_else(|| {
                let has_ended = self.state_at(Timestamp::MIN).status.is_terminal();
                has_ended.then(|| self.seen_ended().unwrap_or(self.born))
            }),
        }
    }

    pub(super) fn ends_by(&self, now: Timestamp) -> bool {
        self.expiry().is_some_and(|end| end <= now)
    }

    /// From when on its state stays as it is, unless a look or an override changes it; not before it is known to end.
    pub(super) fn still_from(&self) -> Timestamp {
        let last = self.overrides().next().map(|last| last.at);
        self.expiry().or(last).unwrap_or_else(|| self.plan.still_from(self.born))
    }

    /// Its `TaskId` on the wire where that is an integer.
    pub fn shown_number(&self) -> u64 {
        self.own_number().unwrap_or_else(|| self.id.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::at;
    use crate::domain::plan::{Curve, Ending, Pace};
    use crate::domain::state::ScanResult;
    use crate::domain::tasks::Tasks;

    #[test]
    fn a_task_is_small_and_shares_with_its_neighbour_what_is_equal() {
        assert!(size_of::<Task>() <= 88, "{}", size_of::<Task>());
        let plan = |targets| Plan::timed(2, 8, targets, Ending::Fail);
        let mut tasks = Tasks::default();
        for (place, targets) in [(0, 4), (1, 4), (2, 4), (3, 4), (4, 5)] {
            let source = if place % 2 == 0 { Source::CONSOLE } else { Source::OPENAPI };
            let task = Task::new(TaskId::new(place), TaskType::new("VUL_CHECK_TASK"), at(0), plan(targets));
            tasks.add(task.from_source(source), at(0), 100);
        }
        let tasks: Vec<_> = tasks.iter().collect();
        let shares = |one: usize, other: usize| {
            let (one, other) = (tasks[one], tasks[other]);
            (Arc::ptr_eq(&one.label, &other.label), Arc::ptr_eq(&one.plan, &other.plan))
        };
        assert_eq!([shares(0, 2), shares(1, 3), shares(2, 4)], [(true, true), (true, true), (true, false)]);
        assert!(tasks[0].rare.is_none() && tasks[0].clone().numbered(None).rare.is_none());
    }

    #[test]
    fn the_end_of_a_subtask_never_changes() {
        let plan = Plan::timed(2, 8, 4, Ending::Success(ScanResult::Success));
        let mut task = Task::new(TaskId::new(5), TaskType::new("VUL_CHECK_TASK"), at(0), plan);
        let ends = |task: &Task, second| -> Vec<Option<i64>> {
            task.subtasks(at(second)).iter().map(|subtask| subtask.ended.map(Timestamp::as_second)).collect()
        };
        assert_eq!(ends(&task, 1), [None; 4]);
        assert_eq!(ends(&task, 7), [Some(4), Some(6), None, None]);
        assert_eq!(ends(&task, 1_000_000), [Some(4), Some(6), Some(8), Some(10)]);
        task.cancel(at(7));
        assert_eq!(ends(&task, 1_000_000), [Some(4), Some(6), Some(7), Some(7)]);
        assert_eq!(ends(&task, 6), [Some(4), Some(6), None, None], "the past stays");
        assert_eq!(task.subtasks(at(7)).counts(), (2, 2));
        let transitions = task.transitions(at(0), Timestamp::MAX);
        assert_eq!(transitions.count(), 1, "the cancellation ends the plan");
    }

    #[test]
    fn a_task_had_statuses_by_its_plan_until_one_was_forced() {
        let had = |task: &Task, second| {
            let statuses = task.statuses(at(second)).into_iter();
            statuses.map(|(at, status)| format!("{} {}", at.as_second(), status.as_str())).collect::<Vec<_>>()
        };
        let plan = Plan::timed(2, 8, 4, Ending::Success(ScanResult::Success));
        let mut task = Task::new(TaskId::new(5), TaskType::new("VUL_CHECK_TASK"), at(5), plan);
        assert_eq!(had(&task, 5), ["5 INIT"]);
        assert_eq!(had(&task, 99), ["5 INIT", "7 START", "15 SUCCESS"]);
        task.override_at(at(8), Override::Stall(None)).unwrap();
        task.override_at(at(20), Override::Fail(None)).unwrap();
        assert_eq!(had(&task, 99), ["5 INIT", "7 START", "20 FAIL"]);
        assert_eq!(had(&task, 19), ["5 INIT", "7 START"]);
    }

    #[test]
    fn the_end_of_a_task_is_known_in_advance_if_time_decides() {
        let task = |plan| Task::new(TaskId::new(5), TaskType::new("VUL_CHECK_TASK"), at(5), plan);
        let mut timed = task(Plan::timed(2, 8, 4, Ending::Fail));
        assert_eq!(timed.expiry(), Some(at(15)));
        timed.override_at(at(7), Override::Stall(None)).unwrap();
        assert_eq!((timed.expiry(), timed.still_from()), (None, at(7)));
        timed.override_at(at(9), Override::Finish).unwrap();
        assert_eq!(timed.expiry(), Some(at(9)));
        let endless = task(Plan::timed(2, 8, 4, Ending::Never));
        assert_eq!(
            (endless.expiry(), endless.still_from()),
            (None, at(15)),
            "it stays as it is from then on"
        );
        assert_eq!(
            task(Plan::timed(0, i64::MAX, 4, Ending::Fail)).expiry(),
            None,
            "not before the calendar ends"
        );
        let pace = Pace::Polls { init: 0, start: 1 };
        let mut polled = task(Plan::Course { pace, targets: 1, curve: Curve::Linear, ending: Ending::Fail });
        polled.look(at(6));
        assert_eq!(
            (polled.expiry(), polled.still_from()),
            (None, Timestamp::MIN),
            "time alone changes nothing"
        );
        polled.look(at(7));
        assert_eq!(polled.expiry(), Some(at(7)));
        let state = polled.state_at(at(7));
        assert_eq!(task(Plan::Fixed(state)).expiry(), Some(at(5)));
        assert_eq!(task(Plan::Fixed(State { status: Status::Start, ..state })).expiry(), None);
    }
}
