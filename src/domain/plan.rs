//! A task's whole future, fixed when it is created, and its state at any time: pure functions.
//!
//! Nothing ticks. A jump of ten years costs as much as one of a second, and a late look misses nothing. The facts are
//! in spec/api.md §3; what they leave open is listed in docs/fidelity.md.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::bounds::{POLLS, STEPS, TARGETS};
use super::state::{ScanResult, State, Status};
use crate::text::limited::{list, number};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace<T = SignedDuration> {
    /// The task clock: first time in INIT, then time in START.
    Time { queued: T, running: T },
    /// Looks at it: the first `init` looks see INIT, the next `start` see START, the one after sees the end.
    Polls {
        #[serde(deserialize_with = "number::<POLLS, _>")]
        init: u32,
        #[serde(deserialize_with = "number::<POLLS, _>")]
        start: u32,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Success(ScanResult),
    /// With Progress where it was.
    Fail,
    /// With Progress where it was.
    Timeout,
    /// It stays in START.
    Never,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Curve {
    /// In proportion to elapsed time (or looks).
    Linear,
    /// These percentages, each for an equal share of the run; they never fall and are below 100.
    Steps(#[serde(deserialize_with = "list::<STEPS, _, _, _>")] Arc<[u8]>),
    /// Linear up to this percentage, then constant.
    StallAt(u8),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// INIT, then START, then an end.
    Course {
        #[serde(deserialize_with = "not_negative")]
        pace: Pace,
        /// `TotalCount` on the wire.
        #[serde(deserialize_with = "number::<TARGETS, _>")]
        targets: u32,
        curve: Curve,
        ending: Ending,
    },
    /// One state at all times, for samples that no life cycle produces.
    Fixed(State),
}

fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pace, D::Error> {
    match Pace::<SignedDuration>::deserialize(deserializer)? {
        Pace::Time { queued, running } if queued.is_negative() || running.is_negative() => {
            Err(D::Error::custom("a task waits and runs for a length of time of 0 or more"))
        }
        pace => Ok(pace),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    pub at: Timestamp,
    pub from: Status,
    pub to: Status,
}

impl Plan {
    /// The state at `now` of a task born at `born`, seen by its `looks`-th look (0: none yet).
    pub fn state_at(&self, born: Timestamp, now: Timestamp, looks: u32) -> State {
        let (pace, targets, curve, ending) = match self {
            Self::Fixed(state) => return *state,
            Self::Course { pace, targets, curve, ending } => (pace, *targets, curve, *ending),
        };
        let (elapsed, run) = match *pace {
            Pace::Time { queued, running } => {
                (now.duration_since(born).as_nanos() - queued.as_nanos(), 0..running.as_nanos())
            }
            // Before the first look, it is where that look will find it.
            Pace::Polls { init, start } => {
                (i128::from(looks.max(1)) - i128::from(init), 1..i128::from(start) + 1)
            }
        };
        let (status, progress) = match ending {
            _ if elapsed < run.start => (Status::Init, 0),
            _ if elapsed < run.end => (Status::Start, curve.at(elapsed, run.end)),
            Ending::Success(_) => (Status::Success, 100),
            Ending::Fail => (Status::Fail, curve.at(1, 1)),
            Ending::Timeout => (Status::Timeout, curve.at(1, 1)),
            Ending::Never => (Status::Start, curve.at(1, 1)),
        };
        let result = if status == Status::Success { self.result() } else { ScanResult::Success };
        State { status, progress, finish_count: share(targets, progress), total_count: targets, result }
    }

    pub fn targets(&self) -> u32 {
        match self {
            Self::Course { targets, .. } => *targets,
            Self::Fixed(state) => state.total_count,
        }
    }

    /// When it ends, if the clock alone decides that.
    pub fn end(&self, born: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Course { pace: Pace::Time { queued, running }, ending, .. } if *ending != Ending::Never => {
                Some(later(later(born, *queued), *running))
            }
            _ => None,
        }
    }

    /// From when on time alone changes nothing.
    pub(super) fn still_from(&self, born: Timestamp) -> Timestamp {
        match self {
            Self::Course { pace: Pace::Time { queued, running }, .. } => {
                later(later(born, *queued), *running)
            }
            Self::Course { pace: Pace::Polls { .. }, .. } | Self::Fixed(_) => Timestamp::MIN,
        }
    }

    /// `TaskInfo.Result` of a task that ends with SUCCESS.
    pub fn result(&self) -> ScanResult {
        match self {
            Self::Fixed(state) => state.result,
            Self::Course { ending: Ending::Success(result), .. } => *result,
            Self::Course { .. } => ScanResult::Success,
        }
    }

    /// The changes of status in `(after, until]`, in order; none for a plan that advances by looks.
    pub fn transitions(
        &self,
        born: Timestamp,
        after: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = Transition> {
        let times = match self {
            Self::Course { pace: Pace::Time { queued, running }, .. } => {
                let start = later(born, *queued);
                Some([start, later(start, *running)])
            }
            _ => None,
        };
        let mut from = self.state_at(born, after, 0).status;
        let times = times.into_iter().flatten().filter(move |at| after < *at && *at <= until);
        times.filter_map(move |at| {
            let to = self.state_at(born, at, 0).status;
            let change = Transition { at, from, to };
            from = to;
            (change.from != to).then_some(change)
        })
    }
}

impl Curve {
    /// Percent when `elapsed` of `total` has passed (both positive, `elapsed <= total`); never 100.
    fn at(&self, elapsed: i128, total: i128) -> u8 {
        let percent = match self {
            Self::Linear => (elapsed * 100 / total).min(99),
            Self::StallAt(limit) => (elapsed * 100 / total).min(i128::from(*limit)),
            Self::Steps(steps) => {
                let last = steps.len().saturating_sub(1);
                let index = usize::try_from(elapsed * steps.len() as i128 / total).unwrap_or(last).min(last);
                steps.get(index).copied().map_or(0, i128::from)
            }
        };
        u8::try_from(percent.clamp(0, 99)).unwrap_or(99)
    }
}

/// How many of `targets` are finished at `progress` percent: rounded down, so all of them only at 100.
pub(super) fn share(targets: u32, progress: u8) -> u32 {
    u32::try_from(u64::from(targets) * u64::from(progress) / 100).unwrap_or(targets)
}

fn later(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::at as after;

    const BORN: Timestamp = Timestamp::UNIX_EPOCH;

    fn timed(queued: i64, running: i64, curve: Curve, ending: Ending) -> Plan {
        let (queued, running) = (SignedDuration::from_secs(queued), SignedDuration::from_secs(running));
        Plan::Course { pace: Pace::Time { queued, running }, targets: 44, curve, ending }
    }

    fn polled(init: u32, start: u32) -> Plan {
        Plan::Course { pace: Pace::Polls { init, start }, targets: 4, curve: Curve::Linear, ending: DONE }
    }

    impl Plan {
        /// A plan of so many seconds in INIT and in START, for the tests of other files.
        pub(in crate::domain) fn timed(queued: i64, running: i64, targets: u32, ending: Ending) -> Self {
            let (queued, running) = (SignedDuration::from_secs(queued), SignedDuration::from_secs(running));
            Self::Course { pace: Pace::Time { queued, running }, targets, curve: Curve::Linear, ending }
        }
    }

    fn seen(plan: &Plan, seconds: i64) -> (&'static str, u8, u32) {
        let state = plan.state_at(BORN, after(seconds), 0);
        (state.status.as_str(), state.progress, state.finish_count)
    }

    const DONE: Ending = Ending::Success(ScanResult::Success);

    #[test]
    fn a_scan_that_succeeds() {
        let plan = timed(2, 10, Curve::Linear, DONE);
        assert_eq!(seen(&plan, 0), ("INIT", 0, 0));
        assert_eq!(seen(&plan, 2), ("START", 0, 0));
        assert_eq!(seen(&plan, 7), ("START", 50, 22));
        assert_eq!(seen(&plan, 11), ("START", 90, 39));
        assert_eq!(seen(&plan, 12), ("SUCCESS", 100, 44));
        assert_eq!(seen(&plan, 315_360_000), ("SUCCESS", 100, 44));
    }

    #[test]
    fn progress_freezes_where_a_task_times_out_or_stalls() {
        let timeout = timed(0, 100, Curve::StallAt(69), Ending::Timeout);
        assert_eq!(seen(&timeout, 50), ("START", 50, 22));
        assert_eq!(seen(&timeout, 99), ("START", 69, 30));
        assert_eq!(seen(&timeout, 100), ("TIMEOUT", 69, 30));
        let stuck = timed(0, 100, Curve::StallAt(69), Ending::Never);
        assert_eq!(seen(&stuck, 1_000_000), ("START", 69, 30));
    }

    #[test]
    fn steps_share_the_run_evenly() {
        let plan = timed(0, 4, Curve::Steps([0, 30, 70, 99].into()), DONE);
        let shown: Vec<u8> = (0..=4).map(|second| seen(&plan, second).1).collect();
        assert_eq!(shown, [0, 30, 70, 99, 100]);
    }

    #[test]
    fn polls_move_a_task_whatever_the_clock_says() {
        let seen = |plan: Plan, look| plan.state_at(BORN, BORN, look);
        let shown: Vec<_> = (0..=6).map(|look| seen(polled(1, 3), look)).collect();
        let statuses: Vec<_> = shown.iter().map(|state| state.status.as_str()).collect();
        assert_eq!(statuses, ["INIT", "INIT", "START", "START", "START", "SUCCESS", "SUCCESS"]);
        let progress: Vec<u8> = shown.iter().map(|state| state.progress).collect();
        assert_eq!(progress, [0, 0, 25, 50, 75, 100, 100]);
        assert_eq!(seen(polled(0, 0), 0).status, Status::Success);
        assert_eq!(seen(polled(0, 1), 1).status, Status::Start);
        assert_eq!(seen(polled(0, 1), 2).status, Status::Success);
    }

    #[test]
    fn transitions_name_every_change_once() {
        let plan = timed(2, 10, Curve::Linear, DONE);
        let words = |after_s, until_s| -> Vec<_> {
            plan.transitions(BORN, after(after_s), after(until_s))
                .map(|t| (t.at.as_second(), t.from.as_str(), t.to.as_str()))
                .collect()
        };
        assert_eq!(words(0, 100), [(2, "INIT", "START"), (12, "START", "SUCCESS")]);
        assert_eq!(words(2, 11), []);
        assert_eq!(words(11, 12), [(12, "START", "SUCCESS")]);
        let instant = timed(0, 0, Curve::Linear, DONE);
        assert_eq!(instant.transitions(BORN, BORN, after(9)).count(), 0);
        let stuck = timed(1, 1, Curve::StallAt(5), Ending::Never);
        assert_eq!(stuck.transitions(BORN, BORN, after(9)).count(), 1);
    }

    fn curves() -> impl Strategy<Value = Curve> {
        prop_oneof![
            Just(Curve::Linear),
            (0u8..100).prop_map(Curve::StallAt),
            proptest::collection::vec(0u8..100, 1..8).prop_map(|mut steps| {
                steps.sort_unstable();
                Curve::Steps(steps.into())
            }),
        ]
    }

    fn endings() -> impl Strategy<Value = Ending> {
        prop_oneof![Just(DONE), Just(Ending::Fail), Just(Ending::Timeout), Just(Ending::Never)]
    }

    proptest! {
        #[test]
        fn progress_never_falls_and_status_never_goes_back(
            queued in 0i64..500, running in 0i64..500, curve in curves(), ending in endings(),
            mut moments in proptest::collection::vec(0i64..1500, 2..20),
        ) {
            let plan = timed(queued, running, curve, ending);
            moments.sort_unstable();
            let states: Vec<State> = moments.iter().map(|at| plan.state_at(BORN, after(*at), 0)).collect();
            for (before, later) in states.iter().zip(&states[1..]) {
                prop_assert!(before.progress <= later.progress);
                prop_assert!(before.finish_count <= later.finish_count);
                prop_assert!(before.status <= later.status);
                prop_assert!(!before.status.is_terminal() || before == later);
            }
            for state in states {
                prop_assert_eq!(state.progress == 100, state.status == Status::Success);
                prop_assert_eq!(state.finish_count == state.total_count, state.status == Status::Success);
            }
        }
    }
}
