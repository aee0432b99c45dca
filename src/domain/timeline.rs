//! What a task shows over time: its plan, and the overrides that replace it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan::{Transition, share};
use super::state::{State, Status};
use super::task::Task;

/// What a task is to show from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Override {
    /// SUCCESS, with all targets finished.
    Finish,
    /// FAIL, at this percentage or where it is.
    Fail(Option<u8>),
    /// TIMEOUT, at this percentage or where it is.
    Timeout(Option<u8>),
    /// START, at this percentage or where it is, until the next override.
    Stall(Option<u8>),
}

/// Why an override was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    #[error("the task ended with {} at {at}; a task that has ended cannot be changed", status.as_str())]
    Ended { status: Status, at: Timestamp },
    #[error("the task shows {shown} %, and Progress never falls to {wanted} %")]
    Falls { shown: u8, wanted: u8 },
    /// Only SUCCESS shows 100.
    #[error("{0} is no percentage of an unfinished task; expected 0 to 99")]
    NotUnfinished(u8),
}

/// The state that an override put a task into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Overridden {
    /// From when on.
    at: Timestamp,
    state: State,
    /// The override before it, so that the past stays as it was. There are few: a task that has ended takes no more, and
    /// until then its Progress rises with each.
    #[serde(default, skip_serializing_if = "OverrideChain::is_empty")]
    earlier: OverrideChain,
}

/// The overrides of a task, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OverrideChain(Option<Box<Overridden>>);

impl Task {
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
        let (status, progress) = match change {
            Override::Finish => (Status::Success, 100),
            Override::Fail(at) => (Status::Fail, unfinished(at, shown)?),
            Override::Timeout(at) => (Status::Timeout, unfinished(at, shown)?),
            Override::Stall(at) => (Status::Start, unfinished(at, shown)?),
        };
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
}

impl OverrideChain {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Adds a state from `at` on; one that changes nothing is not kept.
    fn push(&mut self, at: Timestamp, state: State) {
        if self.iter().next().is_some_and(|last| last.state == state) {
            return;
        }
        let earlier = match self.0.take() {
            Some(last) if last.at == at => last.earlier,
            last => Self(last),
        };
        self.0 = Some(Box::new(Overridden { at, state, earlier }));
    }

    fn iter(&self) -> impl Iterator<Item = &Overridden> {
        std::iter::successors(self.0.as_deref(), |newer| newer.earlier.0.as_deref())
    }
}

fn unfinished(wanted: Option<u8>, State { progress: shown, .. }: State) -> Result<u8, OverrideError> {
    match wanted {
        None => Ok(shown),
        Some(wanted) if wanted > 99 => Err(OverrideError::NotUnfinished(wanted)),
        Some(wanted) if wanted < shown => Err(OverrideError::Falls { shown, wanted }),
        Some(wanted) => Ok(wanted),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::domain::plan::{Ending, Plan};
    use crate::domain::{ScanResult, TaskId, TaskType};

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    /// Born at 0, it runs for a hundred seconds.
    fn task() -> Task {
        let plan = Plan::timed(0, 100, 10, Ending::Success(ScanResult::NotSupportRegion));
        Task::new(TaskId::new(5), TaskType::new("IMAGE_SCAN"), at(0), plan)
    }

    fn shown(task: &Task, second: i64) -> (&'static str, u8, u32) {
        let State { status, progress, finish_count, .. } = task.state_at(at(second));
        (status.as_str(), progress, finish_count)
    }

    #[test]
    fn an_override_shows_from_now_on_and_leaves_the_past() {
        for (change, then) in [
            (Override::Finish, ("SUCCESS", 100, 10)),
            (Override::Fail(None), ("FAIL", 30, 3)),
            (Override::Timeout(Some(69)), ("TIMEOUT", 69, 6)),
            (Override::Stall(Some(69)), ("START", 69, 6)),
            (Override::Stall(None), ("START", 30, 3)),
        ] {
            let mut task = task();
            task.override_at(at(30), change).unwrap();
            assert_eq!((shown(&task, 30), shown(&task, 1_000_000)), (then, then), "{change:?}");
            assert_eq!(shown(&task, 29), ("START", 29, 2));
            assert_eq!(task.transitions(at(1), at(1_000)), [], "the plan no longer counts");
        }
        let mut task = task();
        task.override_at(at(30), Override::Finish).unwrap();
        let result = task.state_at(at(30)).result;
        assert_eq!(result, ScanResult::NotSupportRegion, "as its plan would have ended");
        assert_eq!(task.ended_at(at(99)), Some(at(30)));
    }

    #[test]
    fn a_stalled_task_takes_further_overrides() {
        let mut task = task();
        task.override_at(at(30), Override::Stall(Some(40))).unwrap();
        task.override_at(at(35), Override::Stall(Some(40))).unwrap();
        task.override_at(at(50), Override::Stall(Some(60))).unwrap();
        task.override_at(at(50), Override::Stall(Some(61))).unwrap();
        task.override_at(at(70), Override::Fail(None)).unwrap();
        let seen = [29, 30, 49, 50, 69, 70].map(|second| shown(&task, second).1);
        assert_eq!(seen, [29, 40, 40, 61, 61, 61]);
        assert_eq!((shown(&task, 69).0, shown(&task, 70).0), ("START", "FAIL"));
        assert_eq!(task.overrides.iter().count(), 3, "an override that changes nothing is not kept");
    }

    #[test]
    fn overrides_of_ended_tasks_and_falling_progress_are_refused() {
        let mut task = task();
        let falls = OverrideError::Falls { shown: 30, wanted: 29 };
        assert_eq!(task.override_at(at(30), Override::Stall(Some(29))), Err(falls));
        let full = task.override_at(at(30), Override::Fail(Some(100)));
        assert_eq!(full, Err(OverrideError::NotUnfinished(100)));
        let over = OverrideError::Ended { status: Status::Success, at: at(100) };
        assert_eq!(task.override_at(at(200), Override::Fail(None)), Err(over));
        assert_eq!(
            over.to_string(),
            "the task ended with SUCCESS at 1970-01-01T00:01:40Z; a task that has ended cannot be changed"
        );
        task.cancel(at(200));
        assert_eq!(shown(&task, 200), ("SUCCESS", 100, 10));
        assert!(task.overrides.is_empty());
    }
}
