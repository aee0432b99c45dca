//! What somebody does to a task from outside its plan: end it, or let it stand.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan::share;
use super::state::{State, Status};
use super::task::Task;

/// The state that a task was put into from outside: by a cancellation, or by whoever holds the emulator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forced {
    /// From when on.
    pub at: Timestamp,
    /// What it shows from then on, until it is forced again.
    pub state: State,
    /// What it was put into before, so that the past stays as it was. There are few: a task that is over is not forced
    /// again, and until then its Progress rises with each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Box<Self>>,
}

/// What a task is to show from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// SUCCESS, with all targets finished.
    Finish,
    /// FAIL, at this percentage or where it is.
    Fail(Option<u8>),
    /// TIMEOUT, at this percentage or where it is.
    Timeout(Option<u8>),
    /// START, at this percentage or where it is, until something else is done to it.
    Stall(Option<u8>),
}

/// Why a task was not forced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForceError {
    /// What is over stays as it is.
    #[error("the task ended with {} at {at}; what is over is not changed", status.as_str())]
    Over {
        /// How.
        status: Status,
        /// When.
        at: Timestamp,
    },
    /// Progress never falls.
    #[error("the task shows {shown} %, and Progress never falls to {wanted} %")]
    Falls {
        /// What it shows.
        shown: u8,
        /// What it should have shown.
        wanted: u8,
    },
    /// Only SUCCESS shows 100.
    #[error("{0} is no percentage of an unfinished task; expected 0 to 99")]
    NotUnfinished(u8),
}

impl Forced {
    /// What it shows at `now`, if that is not before it was first forced.
    pub(super) fn state_at(&self, now: Timestamp) -> Option<State> {
        let mut forced = Some(self);
        while let Some(found) = forced.filter(|forced| forced.at > now) {
            forced = found.earlier.as_deref();
        }
        forced.map(|forced| forced.state)
    }

    /// When its plan ceased to count.
    pub(super) fn first(&self) -> Timestamp {
        self.earlier.as_deref().map_or(self.at, Self::first)
    }
}

impl Task {
    /// Puts it into another state from `now` on.
    pub fn force(&mut self, now: Timestamp, force: Force) -> Result<(), ForceError> {
        let shown = self.state_at(now);
        if let Some(at) = self.ended_at(now) {
            return Err(ForceError::Over { status: shown.status, at });
        }
        let (status, progress) = match force {
            Force::Finish => (Status::Success, 100),
            Force::Fail(at) => (Status::Fail, unfinished(at, shown)?),
            Force::Timeout(at) => (Status::Timeout, unfinished(at, shown)?),
            Force::Stall(at) => (Status::Start, unfinished(at, shown)?),
        };
        // A task that stays where it is keeps what it counted, which a given state may count in its own way.
        let finish_count =
            if progress == shown.progress { shown.finish_count } else { share(shown.total_count, progress) };
        let result = if status == Status::Success { self.plan.result() } else { shown.result };
        let state = State { status, progress, finish_count, result, ..shown };
        if self.forced.as_ref().is_some_and(|last| last.state == state) {
            return Ok(());
        }
        let earlier = match self.forced.take() {
            Some(last) if last.at == now => last.earlier,
            last => last,
        };
        self.forced = Some(Box::new(Forced { at: now, state, earlier }));
        Ok(())
    }

    /// Ends it now as failed, with Progress where it is; one that is over stays as it is.
    pub fn cancel(&mut self, now: Timestamp) {
        // The only refusal there can be: it is over.
        let _ = self.force(now, Force::Fail(None));
    }
}

fn unfinished(wanted: Option<u8>, State { progress: shown, .. }: State) -> Result<u8, ForceError> {
    match wanted {
        None => Ok(shown),
        Some(wanted) if wanted > 99 => Err(ForceError::NotUnfinished(wanted)),
        Some(wanted) if wanted < shown => Err(ForceError::Falls { shown, wanted }),
        Some(wanted) => Ok(wanted),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::domain::plan::{Curve, Ending, Pace, Plan};
    use crate::domain::state::ScanResult;
    use crate::domain::{Source, Targets, TaskId, TaskType};

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    /// Born at 0, it runs for a hundred seconds.
    fn task() -> Task {
        let pace = Pace::Time { queued: SignedDuration::ZERO, running: SignedDuration::from_secs(100) };
        let ending = Ending::Success(ScanResult::NotSupportRegion);
        Task {
            id: TaskId::new(5),
            number: None,
            task_type: TaskType::new("IMAGE_SCAN"),
            name: None,
            source: Source::CONSOLE,
            param: None,
            born: at(0),
            plan: Plan::Course { pace, targets: 10, curve: Curve::Linear, ending },
            targets: Targets::default(),
            looks: 0,
            ended: None,
            forced: None,
        }
    }

    fn shown(task: &Task, second: i64) -> (&'static str, u8, u32) {
        let State { status, progress, finish_count, .. } = task.state_at(at(second));
        (status.as_str(), progress, finish_count)
    }

    #[test]
    fn each_force_shows_from_now_on_and_leaves_the_past() {
        for (force, then) in [
            (Force::Finish, ("SUCCESS", 100, 10)),
            (Force::Fail(None), ("FAIL", 30, 3)),
            (Force::Timeout(Some(69)), ("TIMEOUT", 69, 6)),
            (Force::Stall(Some(69)), ("START", 69, 6)),
            (Force::Stall(None), ("START", 30, 3)),
        ] {
            let mut task = task();
            task.force(at(30), force).unwrap();
            assert_eq!((shown(&task, 30), shown(&task, 1_000_000)), (then, then), "{force:?}");
            assert_eq!(shown(&task, 29), ("START", 29, 2));
            assert_eq!(task.transitions(at(1), at(1_000)), [], "what its plan foresaw does not happen");
        }
        let mut task = task();
        task.force(at(30), Force::Finish).unwrap();
        assert_eq!(
            task.state_at(at(30)).result,
            ScanResult::NotSupportRegion,
            "as its plan would have ended"
        );
        assert_eq!(task.ended_at(at(99)), Some(at(30)));
    }

    #[test]
    fn what_stalls_can_be_forced_again_and_its_past_stays() {
        let mut task = task();
        task.force(at(30), Force::Stall(Some(40))).unwrap();
        task.force(at(35), Force::Stall(Some(40))).unwrap();
        task.force(at(50), Force::Stall(Some(60))).unwrap();
        task.force(at(50), Force::Stall(Some(61))).unwrap();
        task.force(at(70), Force::Fail(None)).unwrap();
        let seen = [29, 30, 49, 50, 69, 70].map(|second| shown(&task, second).1);
        assert_eq!(seen, [29, 40, 40, 61, 61, 61]);
        assert_eq!((shown(&task, 69).0, shown(&task, 70).0), ("START", "FAIL"));
        let links = std::iter::successors(task.forced.as_deref(), |forced| forced.earlier.as_deref());
        assert_eq!(links.count(), 3, "what changes nothing is not kept");
    }

    #[test]
    fn what_is_over_or_would_fall_is_refused() {
        let mut task = task();
        let falls = ForceError::Falls { shown: 30, wanted: 29 };
        assert_eq!(task.force(at(30), Force::Stall(Some(29))), Err(falls));
        assert_eq!(task.force(at(30), Force::Fail(Some(100))), Err(ForceError::NotUnfinished(100)));
        let over = ForceError::Over { status: Status::Success, at: at(100) };
        assert_eq!(task.force(at(200), Force::Fail(None)), Err(over));
        assert_eq!(
            over.to_string(),
            "the task ended with SUCCESS at 1970-01-01T00:01:40Z; what is over is not changed"
        );
        task.cancel(at(200));
        assert_eq!(shown(&task, 200), ("SUCCESS", 100, 10));
        assert_eq!(task.forced, None);
    }
}
