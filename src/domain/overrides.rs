//! The states that override the plan of a task.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{State, Status};

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
pub(super) struct Overridden {
    pub(super) at: Timestamp,
    pub(super) state: State,
    /// The override before it, so that the past stays as it was. There are few: a task that has ended takes no more, and
    /// until then its Progress rises with each.
    #[serde(default, skip_serializing_if = "OverrideChain::is_empty")]
    earlier: OverrideChain,
}

/// The overrides of a task, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct OverrideChain(Option<Box<Overridden>>);

impl Override {
    /// The status and Progress of a task that showed a Progress until now.
    pub(super) fn turns(self, shown: u8) -> Result<(Status, u8), OverrideError> {
        let (status, wanted) = match self {
            Self::Finish => (Status::Success, Some(100)),
            Self::Fail(wanted) => (Status::Fail, wanted),
            Self::Timeout(wanted) => (Status::Timeout, wanted),
            Self::Stall(wanted) => (Status::Start, wanted),
        };
        match wanted {
            None => Ok((status, shown)),
            Some(wanted) if wanted > 99 && self != Self::Finish => Err(OverrideError::NotUnfinished(wanted)),
            Some(wanted) if wanted < shown => Err(OverrideError::Falls { shown, wanted }),
            Some(wanted) => Ok((status, wanted)),
        }
    }
}

impl OverrideChain {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Adds a state from `at` on; one that changes nothing is not kept.
    pub(super) fn push(&mut self, at: Timestamp, state: State) {
        if self.iter().next().is_some_and(|last| last.state == state) {
            return;
        }
        let earlier = match self.0.take() {
            Some(last) if last.at == at => last.earlier,
            last => Self(last),
        };
        self.0 = Some(Box::new(Overridden { at, state, earlier }));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Overridden> {
        std::iter::successors(self.0.as_deref(), |newer| newer.earlier.0.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::{Ending, Plan};
    use crate::domain::state::ScanResult;
    use crate::domain::{Task, TaskId, TaskType, at};

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
            assert_eq!(task.transitions(at(1), at(1_000)).count(), 0, "the plan no longer counts");
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
        assert_eq!(task.overrides().count(), 3, "an override that changes nothing is not kept");
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
        assert_eq!(task.overrides().count(), 0);
    }
}
