//! `tasks:` — what every account has at the start time.

use std::collections::HashSet;

use serde::Deserialize;

use super::lifecycles::LifecycleKey;
use super::values::TypeName;
use crate::domain::TaskType;
use crate::domain::bounds::SEED_TASKS;
use crate::domain::state::State;
use crate::domain::world::{SeedTask, Started};
use crate::text::limited::ListOf;

/// What every account has at the start time.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "ListOf<TaskKeys, SEED_TASKS>"))]
#[serde(try_from = "ListOf<TaskKey, SEED_TASKS>")]
pub(super) struct Tasks(pub(super) Vec<SeedTask>);

/// A task, checked as a whole.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "TaskKeys"))]
#[serde(try_from = "TaskKeys")]
struct TaskKey(SeedTask);

/// A task that exists at the start time.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(transform = super::schema::not_both))]
#[serde(deny_unknown_fields, expecting = "a task such as { type: VUL_CHECK_TASK, started: -3m }")]
struct TaskKeys {
    /// What it scans: a `TaskType`.
    #[serde(rename = "type")]
    task_type: TypeName,
    /// `TaskName`; its type if not given, as in every documented sample.
    name: Option<String>,
    /// Who started it, as `Source` shows it.
    #[serde(default = "usual_source")]
    source: String,
    /// A time, or a length of time before (`-3m`) the start time.
    #[serde(default)]
    started: Started,
    /// A number to show as its `TaskId`.
    number: Option<u64>,
    /// Its own life cycle instead of its type's.
    lifecycle: Option<LifecycleKey>,
    /// One state, always, instead of a life cycle.
    shows: Option<State>,
}

fn usual_source() -> String {
    "console".to_owned()
}

impl TryFrom<ListOf<TaskKey, SEED_TASKS>> for Tasks {
    type Error = String;

    fn try_from(ListOf(list): ListOf<TaskKey, SEED_TASKS>) -> Result<Self, Self::Error> {
        let tasks: Vec<SeedTask> = list.into_iter().map(|TaskKey(task)| task).collect();
        let mut numbers = HashSet::new();
        match tasks.iter().filter_map(|task| task.number).find(|number| !numbers.insert(*number)) {
            Some(number) => Err(format!("two tasks have the number {number}")),
            None => Ok(Self(tasks)),
        }
    }
}

impl TryFrom<TaskKeys> for TaskKey {
    type Error = &'static str;

    fn try_from(keys: TaskKeys) -> Result<Self, Self::Error> {
        if keys.lifecycle.is_some() && keys.shows.is_some() {
            return Err("a task has either lifecycle: or shows:, not both");
        }
        if matches!(keys.started, Started::Offset(offset) if offset.is_positive()) {
            return Err("a task that exists at the start time was started before it, such as -3m");
        }
        let TypeName(task_type) = keys.task_type;
        Ok(Self(SeedTask {
            task_type: TaskType::new(&task_type),
            name: keys.name.unwrap_or(task_type),
            source: keys.source,
            started: keys.started,
            number: keys.number,
            lifecycle: keys.lifecycle.map(|LifecycleKey(lifecycle)| lifecycle),
            fixed: keys.shows,
        }))
    }
}
