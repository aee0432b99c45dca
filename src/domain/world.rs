//! What a scenario makes of the service: plain data that the gateway is built from.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, Error};

use super::assumptions::Assumptions;
use super::keyring::Keyring;
use super::lifecycle::Lifecycle;
use super::server::Server;
use super::state::State;
use super::task_type::TaskType;
use crate::text::duration;

/// The service at its first instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    /// Who may call.
    pub keyring: Keyring,
    /// How tasks of a type behave.
    pub lifecycles: Lifecycles,
    /// Types of which `GetLastOnceTaskInfo` itself starts a task if there is none.
    pub start_on_first_poll: StartOnFirstPoll,
    /// The tasks every account has at the first instant.
    pub tasks: Vec<SeedTask>,
    /// The servers every account has at the first instant.
    pub servers: Vec<Server>,
    /// How many tasks an account may run and keeps.
    pub limits: TaskLimits,
    /// The answers to what documents leave open.
    pub assumptions: Assumptions,
}

impl Default for World {
    fn default() -> Self {
        Self {
            keyring: Keyring::default(),
            lifecycles: Lifecycles::default(),
            start_on_first_poll: StartOnFirstPoll::default(),
            tasks: Vec::new(),
            servers: Server::usual(),
            limits: TaskLimits::default(),
            assumptions: Assumptions::default(),
        }
    }
}

/// How many tasks an account may run, how many it keeps, and how many cycle tasks it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskLimits {
    /// Most running at once (documented: 10, spec/api.md §1.3).
    pub running: usize,
    /// Most kept; beyond that the oldest finished ones are forgotten.
    pub kept: usize,
    /// Most cycle tasks; a further one is refused.
    pub cycles: usize,
}

impl Default for TaskLimits {
    fn default() -> Self {
        Self { running: 10, kept: 10_000, cycles: 100 }
    }
}

/// Templates by type, and one for the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lifecycles {
    /// By type.
    pub by_type: BTreeMap<TaskType, Lifecycle>,
    /// For types not listed.
    pub rest: Lifecycle,
}

impl Lifecycles {
    /// The template for a type.
    pub fn of(&self, task_type: &TaskType) -> &Lifecycle {
        self.by_type.get(task_type).unwrap_or(&self.rest)
    }
}

/// Which types a first look starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StartOnFirstPoll {
    /// Every documented type. Undocumented names start only if listed, or callers could fill memory with new ones.
    pub documented: bool,
    /// These types.
    pub listed: BTreeSet<TaskType>,
}

impl StartOnFirstPoll {
    /// Whether a look at `task_type` starts one.
    pub fn covers(&self, task_type: &TaskType) -> bool {
        (self.documented && task_type.is_documented()) || self.listed.contains(task_type)
    }
}

/// A task that exists at the first instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedTask {
    /// What it scans.
    pub task_type: TaskType,
    /// `TaskName`.
    pub name: String,
    /// Who started it.
    pub source: String,
    /// When.
    pub started: Started,
    /// A number to show as its `TaskId`.
    pub number: Option<u64>,
    /// Its own template instead of its type's.
    pub lifecycle: Option<Lifecycle>,
    /// One state for ever instead of a life cycle.
    pub fixed: Option<State>,
}

/// When a task that exists at the start time was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// So long after the start time; before it, if negative.
    Offset(SignedDuration),
    /// At this time.
    At(Timestamp),
}

impl Default for Started {
    fn default() -> Self {
        Self::Offset(SignedDuration::ZERO)
    }
}

/// A time, or a length of time from the start time.
impl<'de> Deserialize<'de> for Started {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(Self::default()) };
        match text.parse() {
            Ok(time) => Ok(Self::At(time)),
            Err(_) => duration::parse(&text).map(Self::Offset).map_err(|error| {
                D::Error::custom(format!("{error}, or a time such as 2026-11-24T00:00:00Z"))
            }),
        }
    }
}

impl Started {
    /// The moment, given the first instant.
    pub fn resolve(self, first_instant: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Offset(offset) => first_instant.saturating_add(offset).unwrap_or(first_instant),
        }
    }
}

#[cfg(test)]
crate::text::schema::described! {
    Started = schemars::json_schema!({ "anyOf": [
        crate::text::schema::text(&format!("-{}|0 ?[a-z]+", crate::text::schema::LENGTH), &["-3m"]),
        crate::text::schema::text(crate::text::schema::TIME, &["2026-11-24T00:00:00Z"]),
    ] });
}
