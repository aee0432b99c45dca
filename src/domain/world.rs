//! The service as a scenario describes it, at its start time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::de::{Deserialize, Deserializer, Error};

use super::asset::Server;
use super::assumptions::Assumptions;
use super::keyring::Keyring;
use super::lifecycle::Lifecycle;
use super::servers::ServerList;
use super::state::State;
use super::task_type::TaskType;
use super::unmodelled::{ShapeSettings, Unmodelled};
use crate::posture::Settings;
use crate::text::duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    pub keyring: Keyring,
    pub lifecycles: Lifecycles,
    pub start_on_first_poll: StartOnFirstPoll,
    pub tasks: Vec<SeedTask>,
    pub servers: Arc<ServerList>,
    /// The names of the groups of servers beside the default one, in the order of their ids.
    pub groups: Vec<String>,
    pub limits: TaskLimits,
    pub assumptions: Assumptions,
    pub unmodelled: Unmodelled,
    pub shapes: ShapeSettings,
    /// What findings the servers have.
    pub posture: Settings,
}

impl Default for World {
    fn default() -> Self {
        Self {
            keyring: Keyring::default(),
            lifecycles: Lifecycles::default(),
            start_on_first_poll: StartOnFirstPoll::default(),
            tasks: Vec::new(),
            servers: Arc::new(Server::defaults().into()),
            groups: Vec::new(),
            limits: TaskLimits::default(),
            assumptions: Assumptions::default(),
            unmodelled: Unmodelled::default(),
            shapes: ShapeSettings::default(),
            posture: Settings::default(),
        }
    }
}

impl World {
    /// How the tasks of an account behave, if that is not as for others.
    pub fn own_lifecycles(&self, access_key_id: &str) -> Option<Arc<Lifecycles>> {
        self.keyring.find(access_key_id)?.key.lifecycles.clone()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskLimits {
    /// Tasks running at once (documented: 10, spec/api.md §1.3).
    pub running: usize,
    /// Tasks kept; beyond that the oldest ended ones are evicted.
    pub kept: usize,
    /// Cycle tasks; a further one is refused.
    pub cycles: usize,
}

impl Default for TaskLimits {
    fn default() -> Self {
        Self { running: 10, kept: 10_000, cycles: 100 }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lifecycles {
    pub by_type: BTreeMap<TaskType, Lifecycle>,
    /// Of all other types; without one each has its usual life cycle.
    pub rest: Option<Lifecycle>,
}

impl Lifecycles {
    pub fn of(&self, task_type: &TaskType) -> &Lifecycle {
        let said = self.by_type.get(task_type).or(self.rest.as_ref());
        said.unwrap_or_else(|| task_type.usual_lifecycle())
    }

    /// With the others for what these say nothing of, type by type.
    #[must_use]
    pub fn over(&self, others: &Self) -> Self {
        let mut all = others.clone();
        all.by_type.extend(self.by_type.clone());
        Self { by_type: all.by_type, rest: self.rest.clone().or(all.rest) }
    }
}

/// The types of which `GetLastOnceTaskInfo` itself starts a task if there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StartOnFirstPoll {
    /// Every documented type. Undocumented names start only if listed, or callers could fill memory with new ones.
    pub documented: bool,
    pub listed: BTreeSet<TaskType>,
}

impl StartOnFirstPoll {
    pub fn covers(&self, task_type: &TaskType) -> bool {
        (self.documented && task_type.is_documented()) || self.listed.contains(task_type)
    }
}

/// A task that exists at the start time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedTask {
    pub task_type: TaskType,
    pub name: String,
    pub source: String,
    pub started: Started,
    /// A number to show as its `TaskId`.
    pub number: Option<u64>,
    pub lifecycle: Option<Lifecycle>,
    /// One state at all times instead of a life cycle.
    pub fixed: Option<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// After the start time; before it, if negative.
    Offset(SignedDuration),
    At(Timestamp),
}

impl Default for Started {
    fn default() -> Self {
        Self::Offset(SignedDuration::ZERO)
    }
}

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
    pub fn resolve(self, start: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Offset(offset) => start.saturating_add(offset).unwrap_or(start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::task_type::FILE_DETECTION;
    use super::*;

    #[test]
    fn a_type_has_its_usual_life_cycle_unless_the_scenario_speaks_of_it() {
        let (short, scan) = (TaskType::new(FILE_DETECTION), TaskType::new("VUL_CHECK_TASK"));
        let length = |lifecycles: &Lifecycles, task_type| {
            let plan = lifecycles.of(task_type).plan(None, |span| span.min);
            plan.end(Timestamp::UNIX_EPOCH).map(Timestamp::as_second)
        };
        let mut lifecycles = Lifecycles::default();
        assert_eq!((length(&lifecycles, &short), length(&lifecycles, &scan)), (Some(1), Some(10)));
        lifecycles.rest = Some(Lifecycle::default());
        assert_eq!((length(&lifecycles, &short), length(&lifecycles, &scan)), (Some(10), Some(10)));
    }
}

#[cfg(test)]
crate::text::schema::described! {
    Started = schemars::json_schema!({ "anyOf": [
        crate::text::schema::text(&format!("-{}|0 ?[a-z]+", crate::text::schema::LENGTH), &["-3m"]),
        crate::text::schema::text(crate::text::schema::TIME, &["2026-11-24T00:00:00Z"]),
    ] });
}
