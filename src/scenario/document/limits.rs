//! `limits:` — how many tasks run, are kept, and are started by schedules.

use serde::Deserialize;

use super::{filled, overlaid};
use crate::domain::bounds::{CYCLE_TASKS, KEPT_TASKS, RUNNING_TASKS};
use crate::domain::world::TaskLimits;
use crate::text::limited::AtMost;

/// `limits: { running_tasks: 10, kept_tasks: 10000, cycle_tasks: 100 }`
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "limits such as { running_tasks: 10 }")]
pub(super) struct LimitKeys {
    /// Most tasks that run at once; beyond that `GenerateOnceTask` and the starters of image scans say no.
    #[serde(rename = "running_tasks")]
    running: Option<AtMost<RUNNING_TASKS>>,
    /// Most tasks that are kept; beyond that the oldest finished ones are forgotten.
    #[serde(rename = "kept_tasks")]
    kept: Option<AtMost<KEPT_TASKS>>,
    /// Most cycle tasks; a further one is refused.
    #[serde(rename = "cycle_tasks")]
    cycles: Option<AtMost<CYCLE_TASKS>>,
}

overlaid!(LimitKeys { running, kept, cycles });
filled!(LimitKeys { running, kept, cycles } -> TaskLimits);
