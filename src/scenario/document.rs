//! The shape of a scenario file. Unknown keys are refused; what each key means is in docs/scenarios.md.
//!
//! Checks that need one value alone happen here, while the position in the file is known; [`super::build`] turns the
//! document into a world.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::duration;
use crate::domain::plan::State;
use crate::domain::{Assumptions, Code, Secret};

/// A scenario file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Version of the language: 1.
    pub version: Version,
    /// What the scenario is called.
    pub name: String,
    /// The situation it reproduces.
    #[serde(default)]
    pub description: String,
    /// Where chance comes from.
    pub seed: Option<u64>,
    /// The task clock.
    #[serde(default)]
    pub clock: ClockKeys,
    /// The gateway clock.
    #[serde(default)]
    pub gateway_clock: GatewayClockKeys,
    /// The AccessKeys that exist; `"*"` stands for all that are not listed.
    #[serde(default)]
    pub accounts: Vec<AccountKeys>,
    /// What becomes of AccessKeyIds that are not listed.
    pub unknown_access_keys: Option<UnknownAccessKeys>,
    /// How tasks behave, by type; `"*"` for the rest.
    #[serde(default)]
    pub lifecycles: BTreeMap<String, LifecycleKeys>,
    /// The tasks that every account has at the first instant.
    #[serde(default)]
    pub tasks: Vec<TaskKeys>,
    /// Types of which a first look starts a task; `"*"` for every documented one.
    #[serde(default)]
    pub start_on_first_poll: Vec<String>,
    /// What goes wrong.
    #[serde(default)]
    pub faults: Vec<FaultKeys>,
    /// Answers to what public documents leave open.
    #[serde(default)]
    pub assumptions: Assumptions,
}

/// The only version of the language so far.
#[derive(Debug, Clone, Copy)]
pub struct Version;

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            1 => Ok(Self),
            other => Err(D::Error::custom(format!(
                "version {other} is not known here; this program reads version 1"
            ))),
        }
    }
}

/// `clock:`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClockKeys {
    /// A time, or `now`.
    #[serde(deserialize_with = "time_or_now")]
    pub start: Option<Timestamp>,
    /// Seconds per real second.
    pub rate: f64,
    /// Whether it stands still.
    pub paused: bool,
}

impl Default for ClockKeys {
    fn default() -> Self {
        Self { start: None, rate: 1.0, paused: false }
    }
}

/// `gateway_clock:`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatewayClockKeys {
    /// How far ahead of the machine's time.
    #[serde(deserialize_with = "some_length")]
    pub skew: Option<SignedDuration>,
    /// Always this time.
    pub pin: Option<Timestamp>,
}

/// One of `accounts:`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountKeys {
    /// Its id, or `"*"`.
    pub access_key_id: String,
    /// What its requests are signed with.
    #[serde(default = "default_secret", deserialize_with = "secret")]
    pub access_key_secret: Secret,
    /// For a temporary key.
    #[serde(default, deserialize_with = "some_secret")]
    pub security_token: Option<Secret>,
    /// When the token runs out, by the gateway clock.
    pub expires: Option<Timestamp>,
    /// Whether the key is disabled.
    #[serde(default)]
    pub disabled: bool,
    /// RAM actions refused with 403.
    #[serde(default)]
    pub deny: Vec<String>,
}

/// `unknown_access_keys:`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownAccessKeys {
    /// They exist, with the secret `test`.
    Accept,
    /// `InvalidAccessKeyId.NotFound`.
    Reject,
}

/// One of `lifecycles:`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifecycleKeys {
    /// Time in INIT.
    pub queued: Option<Length>,
    /// Time in START.
    pub running: Option<Length>,
    /// What moves tasks.
    #[serde(default)]
    pub advance: AdvanceKey,
    /// Looks that see INIT and START.
    pub polls: Option<PollsKeys>,
    /// `TotalCount`.
    pub targets: Option<u32>,
    /// How Progress rises.
    #[serde(default)]
    pub progress: ProgressKey,
    /// How they end.
    pub outcome: Option<OutcomeKey>,
}

/// `advance:`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdvanceKey {
    /// By the task clock.
    #[default]
    Time,
    /// By looks.
    PerPoll,
    /// Not at all: born finished.
    Instant,
}

/// `polls:`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollsKeys {
    /// Looks that see INIT.
    pub init: u32,
    /// Looks that see START.
    pub start: u32,
}

/// A length of time, or `{ range: [least, most] }`.
#[derive(Debug, Clone, Copy)]
pub struct Length {
    /// At least.
    pub min: SignedDuration,
    /// At most.
    pub max: SignedDuration,
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a length of time such as 2s, or { range: [30s, 50s] }")]
        enum Written {
            One(String),
            Range { range: [String; 2] },
        }
        let (min, max) = match Written::deserialize(deserializer)? {
            Written::One(text) => (text.clone(), text),
            Written::Range { range: [min, max] } => (min, max),
        };
        let read = |text: &str| duration::parse(text).map_err(D::Error::custom);
        let length = Self { min: read(&min)?, max: read(&max)? };
        if length.min.is_negative() || length.min > length.max {
            return Err(D::Error::custom(format!(
                "a range goes from a length to a longer one, not from {min} to {max}"
            )));
        }
        Ok(length)
    }
}

/// `progress:` — `linear`, a list of percentages, or `{ stall_at: 69 }`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ProgressKey {
    /// In proportion to the time gone by.
    #[default]
    Linear,
    /// These, each for an equal share of the run.
    Steps(Vec<u8>),
    /// Up to here and no further.
    StallAt(u8),
}

impl<'de> Deserialize<'de> for ProgressKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "linear, a list of percentages such as [0, 30, 70, 99], or { stall_at: 69 }"
        )]
        enum Written {
            Word(Linear),
            Steps(Vec<u8>),
            Stall { stall_at: u8 },
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Linear {
            Linear,
        }
        match Written::deserialize(deserializer)? {
            Written::Word(Linear::Linear) => Ok(Self::Linear),
            Written::Stall { stall_at } if stall_at < 100 => Ok(Self::StallAt(stall_at)),
            Written::Steps(steps)
                if !steps.is_empty() && steps.is_sorted() && steps.iter().all(|step| *step < 100) =>
            {
                Ok(Self::Steps(steps))
            }
            Written::Stall { .. } | Written::Steps(_) => Err(D::Error::custom(
                "percentages go from 0 to 99 and never fall; 100 is what a finished task shows by itself",
            )),
        }
    }
}

/// `outcome:`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKey {
    /// SUCCESS.
    Success,
    /// TIMEOUT.
    Timeout,
    /// FAIL.
    Fail,
    /// SUCCESS, with another word in `TaskInfo.Result`.
    Result(crate::domain::plan::ScanResult),
}

/// One of `tasks:`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskKeys {
    /// What it scans.
    #[serde(rename = "type")]
    pub task_type: String,
    /// `TaskName`; its type if not given.
    pub name: Option<String>,
    /// Who started it.
    #[serde(default = "default_source")]
    pub source: String,
    /// When: a time, or a length before (`-3m`) the first instant.
    pub started: Option<StartedKey>,
    /// A number to show as its `TaskId`.
    pub number: Option<u64>,
    /// Its own life cycle.
    pub lifecycle: Option<LifecycleKeys>,
    /// One state for ever.
    pub shows: Option<State>,
}

/// When a task was started.
#[derive(Debug, Clone, Copy)]
pub enum StartedKey {
    /// Relative to the first instant.
    Offset(SignedDuration),
    /// At a time.
    At(Timestamp),
}

impl<'de> Deserialize<'de> for StartedKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.parse() {
            Ok(time) => Ok(Self::At(time)),
            Err(_) => duration::parse(&text).map(Self::Offset).map_err(|error| {
                D::Error::custom(format!("{error}; or a time such as 2026-11-24T00:00:00Z"))
            }),
        }
    }
}

/// One of `faults:`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultKeys {
    /// What logs call it.
    pub id: Option<String>,
    /// Which calls; every call if empty.
    #[serde(default, rename = "match")]
    pub matches: MatchKeys,
    /// What happens to them.
    pub effect: EffectKeys,
}

/// `match:`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MatchKeys {
    /// An operation, several, or `"*"`.
    pub action: OneOrMore,
    /// AccessKeyId.
    pub account: Option<String>,
    /// Parameters and patterns for their values.
    pub params: BTreeMap<String, String>,
}

/// A text or a list of texts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged, expecting = "a name or a list of names")]
pub enum OneOrMore {
    /// None.
    #[default]
    None,
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// `effect:`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectKeys {
    /// Refused with this code.
    pub error: CodeKey,
}

/// A code of the error table, by its name.
#[derive(Clone, Copy)]
pub struct CodeKey(pub &'static Code);

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl<'de> Deserialize<'de> for CodeKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Code::find(&name).map(Self).ok_or_else(|| {
            let known = crate::domain::error::CODES.iter().map(|code| code.name);
            D::Error::custom(format!(
                "no error code is called {name:?}{}",
                super::load::did_you_mean(&name, known)
            ))
        })
    }
}

fn default_source() -> String {
    "console".to_owned()
}

fn default_secret() -> Secret {
    Secret::new("test")
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

fn some_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    secret(deserializer).map(Some)
}

fn some_length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SignedDuration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    duration::parse(&text).map(Some).map_err(D::Error::custom)
}

fn time_or_now<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "now" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            D::Error::custom(format!(
                "{text:?} is not a time; expected now, or one such as 2026-11-24T00:00:00Z"
            ))
        }),
    }
}
