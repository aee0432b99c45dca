//! One task: an id, a start, targets and a plan. Its state is computed, never stored.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::overrides::{Override, OverrideChain, OverrideError};
use super::plan::{Plan, Transition, share};
use super::state::{State, Status};
use super::task_id::TaskId;
use super::task_type::{Source, TargetKind, TaskType};

/// One scan task, a root in the vendor's words. Its subtasks, one for each target, follow from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub id: TaskId,
    /// A number to show instead of the one derived from the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    pub task_type: TaskType,
    /// Its `TaskName` where that is not its type, as it is in every documented sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Box<str>>,
    pub source: Source,
    /// `Param`, a JSON text; tasks with the same text share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub param: Option<Arc<str>>,
    /// Its start, by the task clock; `CollectTime` on the wire.
    pub born: Timestamp,
    pub plan: Plan,
    /// Where the plan has more targets than are listed, the rest have no name.
    pub targets: Targets,
    /// In a snapshot: its targets are those of the list of servers that its account has, and are not written here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_all: bool,
    /// How often a caller has seen it, for plans that advance by looks.
    pub looks: u32,
    /// When a caller first saw it ended, where its plan does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// What replaces its plan from some time on.
    #[serde(default, rename = "forced", skip_serializing_if = "OverrideChain::is_empty")]
    pub overrides: OverrideChain,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub id: Box<str>,
    pub kind: TargetKind,
    /// Whether its subtask fails, as that of a server that was offline when the task started.
    pub fails: bool,
}

/// The targets of a task. Tasks that scan everything share one list, which keeps a million tasks small.
pub(crate) type Targets = Arc<[Target]>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTask {
    pub task_type: TaskType,
    pub name: String,
    pub source: Source,
    pub param: Option<String>,
    /// UUIDs or digests; none for all there are.
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

impl Task {
    /// A task named after its type, from the console, without targets.
    pub fn new(id: TaskId, task_type: TaskType, born: Timestamp, plan: Plan) -> Self {
        Self {
            id,
            number: None,
            task_type,
            name: None,
            source: Source::CONSOLE,
            param: None,
            born,
            plan,
            targets: Targets::default(),
            on_all: false,
            looks: 0,
            ended: None,
            overrides: OverrideChain::default(),
        }
    }

    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.task_type.as_str())
    }

    /// `Param`, parsed; null if there is none or it is no JSON.
    pub fn param_json(&self) -> serde_json::Value {
        self.param.as_deref().and_then(|param| serde_json::from_str(param).ok()).unwrap_or_default()
    }

    /// Its state at `now`, without counting as a look.
    pub fn state_at(&self, now: Timestamp) -> State {
        match self.overrides.iter().find(|overridden| overridden.at <= now) {
            Some(overridden) => overridden.state,
            None => self.plan.state_at(self.born, now, self.looks),
        }
    }

    /// When it ended, if it did by `now`.
    pub fn ended_at(&self, now: Timestamp) -> Option<Timestamp> {
        let has_ended = self.state_at(now).status.is_terminal();
        let overridden = self.overrides.iter().next().map(|overridden| overridden.at);
        // What has no end of its own had ended from the first: a fixed state.
        has_ended.then(|| overridden.or(self.ended).or(self.plan.end(self.born)).unwrap_or(self.born))
    }

    /// The changes of status that time brings about in `(after, until]`, in order; the first override ends them.
    pub fn transitions(&self, after: Timestamp, until: Timestamp) -> Vec<Transition> {
        let first_override = self.overrides.iter().last().map(|overridden| overridden.at);
        let mut changes = self.plan.transitions(self.born, after, until);
        changes.retain(|change| first_override.is_none_or(|at| change.at < at));
        changes
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
        self.overrides.push(now, State { status, progress, finish_count, result, ..shown });
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
        if state.status.is_terminal() && self.ended.is_none() && self.plan.end(self.born).is_none() {
            self.ended = Some(now);
        }
        state
    }

    /// How many of its subtasks have succeeded, and how many have ended with FAIL or TIMEOUT.
    pub fn counts_at(&self, now: Timestamp) -> (u32, u32) {
        let State { status, finish_count, total_count, .. } = self.state_at(now);
        let finished = self.targets.iter().take(finish_count as usize);
        let failed = u32::try_from(finished.filter(|target| target.fails).count()).unwrap_or(finish_count);
        let succeeded = finish_count.saturating_sub(failed);
        match status {
            Status::Init | Status::Start | Status::Success => (succeeded, failed),
            // Unfinished targets fail with the task.
            Status::Fail | Status::Timeout => (succeeded, total_count.saturating_sub(succeeded)),
        }
    }

    /// The statuses of its subtasks at `now`: the first ones are finished, the rest have the status of the task.
    pub fn statuses(&self, now: Timestamp) -> impl ExactSizeIterator<Item = Status> {
        let state = self.state_at(now);
        (0..state.total_count as usize).map(move |index| {
            let is_finished = index < state.finish_count as usize;
            match (is_finished, self.targets.get(index)) {
                (true, Some(Target { fails: true, .. })) => Status::Fail,
                (true, _) => Status::Success,
                (false, _) => state.status,
            }
        })
    }

    pub fn subtasks(&self, now: Timestamp) -> impl ExactSizeIterator<Item = Subtask<'_>> {
        let finish_count = self.state_at(now).finish_count;
        let ended = self.ended_at(now);
        self.statuses(now).enumerate().map(move |(index, status)| {
            let place = u32::try_from(index).unwrap_or(u32::MAX);
            let progress = if status == Status::Success { 100 } else { 0 };
            let ended = if place < finish_count { Some(self.finished_at(place, now)) } else { ended };
            Subtask { id: self.id.nth(place), target: self.targets.get(index), status, progress, ended }
        })
    }

    /// When the target at a place was finished, which it is at `now`. A task that advances by looks does not tell: then
    /// all are finished when it ended, or started.
    fn finished_at(&self, place: u32, now: Timestamp) -> Timestamp {
        if let Some(ended) = self.ended {
            return ended;
        }
        let mut before = self.born.as_millisecond() - 1;
        let mut after = now.as_millisecond();
        if let Some(end) = self.plan.end(self.born) {
            // All are by then, so the search takes as long for an old task as for a young one.
            after = after.min(end.as_millisecond().saturating_add(1));
        }
        // The count never falls, so halving finds the first millisecond that has it.
        while before + 1 < after {
            let middle = before + (after - before) / 2;
            let moment = Timestamp::from_millisecond(middle).unwrap_or(now);
            let is_finished = self.state_at(moment).finish_count > place;
            *(if is_finished { &mut after } else { &mut before }) = middle;
        }
        Timestamp::from_millisecond(after).unwrap_or(now)
    }

    /// Its `TaskId` on the wire where that is an integer.
    pub fn shown_number(&self) -> u64 {
        self.number.unwrap_or_else(|| self.id.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::at;
    use crate::domain::plan::Ending;
    use crate::domain::state::ScanResult;

    #[test]
    fn the_end_of_a_subtask_never_changes() {
        let plan = Plan::timed(2, 8, 4, Ending::Success(ScanResult::Success));
        let mut task = Task::new(TaskId::new(5), TaskType::new("VUL_CHECK_TASK"), at(0), plan);
        let ends = |task: &Task, second| -> Vec<Option<i64>> {
            task.subtasks(at(second)).map(|subtask| subtask.ended.map(Timestamp::as_second)).collect()
        };
        assert_eq!(ends(&task, 1), [None; 4]);
        assert_eq!(ends(&task, 7), [Some(4), Some(6), None, None]);
        assert_eq!(ends(&task, 1_000_000), [Some(4), Some(6), Some(8), Some(10)]);
        task.cancel(at(7));
        assert_eq!(ends(&task, 1_000_000), [Some(4), Some(6), Some(7), Some(7)]);
        assert_eq!(ends(&task, 6), [Some(4), Some(6), None, None], "the past stays");
        assert_eq!(task.counts_at(at(7)), (2, 2));
        let transitions = task.transitions(at(0), Timestamp::MAX);
        assert_eq!(transitions.len(), 1, "the cancellation ends the plan");
    }
}
