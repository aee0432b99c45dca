//! `lifecycles:`, and the `lifecycle:` of a task.

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::domain::Lifecycle;
use crate::domain::bounds::{POLLS, STEPS, TARGETS};
use crate::domain::lifecycle::{Advance, Span};
use crate::domain::plan::{Curve, Ending};
use crate::domain::state::ScanResult;
use crate::text::limited::{AtMost, too_long};

/// A life cycle, checked as a whole.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "LifecycleKeys"))]
#[serde(try_from = "LifecycleKeys")]
pub(super) struct LifecycleKey(pub(super) Lifecycle);

/// How tasks of a type behave.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a life cycle such as { queued: 2s, running: 8s }")]
struct LifecycleKeys {
    /// Time in INIT.
    queued: Option<Span>,
    /// Time in START.
    running: Option<Span>,
    /// What moves tasks along.
    #[serde(default)]
    advance: AdvanceKey,
    /// With `advance: per_poll`: how many looks see INIT, then START.
    polls: Option<PollsKeys>,
    /// `TotalCount`; `FinishCount` follows Progress.
    targets: Option<AtMost<TARGETS>>,
    /// How Progress rises.
    #[serde(default = "linear", deserialize_with = "curve")]
    #[cfg_attr(test, schemars(schema_with = "super::schema::progress"))]
    progress: Curve,
    /// How tasks end; SUCCESS if left out, or never if they stall.
    outcome: Option<OutcomeKey>,
}

/// What moves tasks along.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum AdvanceKey {
    /// The task clock.
    #[default]
    Time,
    /// Looks.
    PerPoll,
    /// Nothing: they are born finished.
    Instant,
}

/// How many looks see INIT, then START.
#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "numbers of looks such as { init: 1, start: 3 }")]
struct PollsKeys {
    /// Looks that see INIT.
    init: AtMost<POLLS>,
    /// Looks that see START.
    start: AtMost<POLLS>,
}

fn linear() -> Curve {
    Curve::Linear
}

/// `linear`, a list of percentages, or `{ stall_at: 69 }`.
fn curve<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Curve, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    #[serde(
        expecting = "expected linear, a list of percentages such as [0, 30, 70, 99], or { stall_at: 69 }"
    )]
    enum Written {
        Word(Word),
        Steps(Vec<u8>),
        Stall { stall_at: u8 },
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        Linear,
    }
    let is_rising = |steps: &[u8]| steps.is_sorted() && steps.last().is_some_and(|last| *last < 100);
    match Written::deserialize(deserializer)? {
        Written::Word(Word::Linear) => Ok(Curve::Linear),
        Written::Stall { stall_at } if stall_at < 100 => Ok(Curve::StallAt(stall_at)),
        Written::Steps(steps) if steps.len() > STEPS as usize => Err(D::Error::custom(too_long(STEPS))),
        Written::Steps(steps) if is_rising(&steps) => Ok(Curve::Steps(steps.into())),
        Written::Stall { .. } | Written::Steps(_) => Err(D::Error::custom(
            "expected percentages from 0 to 99 that never fall; 100 is what a finished task shows by itself",
        )),
    }
}

/// How they end.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum OutcomeKey {
    /// SUCCESS, with Progress 100.
    Success,
    /// TIMEOUT.
    Timeout,
    /// FAIL.
    Fail,
    /// SUCCESS, with another word in `TaskInfo.Result`.
    Result(ScanResult),
}

impl TryFrom<LifecycleKeys> for LifecycleKey {
    type Error = &'static str;

    fn try_from(keys: LifecycleKeys) -> Result<Self, Self::Error> {
        if keys.advance != AdvanceKey::Time && (keys.queued.is_some() || keys.running.is_some()) {
            return Err("queued: and running: go with advance: time");
        }
        if keys.advance != AdvanceKey::PerPoll && keys.polls.is_some() {
            return Err("polls: goes with advance: per_poll");
        }
        if keys.advance == AdvanceKey::Instant && keys.progress != Curve::Linear {
            return Err(
                "a task that is born finished has no progress; leave progress: out, or advance by time",
            );
        }
        let advance = match keys.advance {
            AdvanceKey::Time => Advance::Time {
                queued: keys.queued.unwrap_or(Lifecycle::QUEUED),
                running: keys.running.unwrap_or(Lifecycle::RUNNING),
            },
            AdvanceKey::PerPoll => {
                let usual = Advance::Polls { init: 1, start: 3 };
                let given =
                    |keys: PollsKeys| Advance::Polls { init: keys.init.into(), start: keys.start.into() };
                keys.polls.map_or(usual, given)
            }
            AdvanceKey::Instant => {
                let nothing = Span::exactly(SignedDuration::ZERO);
                Advance::Time { queued: nothing, running: nothing }
            }
        };
        let stalls = matches!(keys.progress, Curve::StallAt(_));
        let ending = match keys.outcome {
            None if stalls => Ending::Never,
            Some(OutcomeKey::Success | OutcomeKey::Result(_)) if stalls => {
                return Err("a task that stalls cannot succeed; leave outcome: out, or say timeout or fail");
            }
            None | Some(OutcomeKey::Success) => Ending::Success(ScanResult::Success),
            Some(OutcomeKey::Result(result)) => Ending::Success(result),
            Some(OutcomeKey::Timeout) => Ending::Timeout,
            Some(OutcomeKey::Fail) => Ending::Fail,
        };
        Ok(Self(Lifecycle { advance, targets: keys.targets.map(Into::into), ending, curve: keys.progress }))
    }
}
