//! `limits:` — how many tasks run, are kept, and are started by schedules.

use serde::Deserialize;

use super::{filled, overlaid, values};
use crate::domain::world::TaskLimits;

/// `limits: { running_tasks: 10, kept_tasks: 10000, cycle_tasks: 100 }`
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "limits such as { running_tasks: 10 }")]
pub(super) struct LimitKeys {
    /// Most tasks that run at once; beyond that `GenerateOnceTask` and the starters of image scans say no.
    #[serde(rename = "running_tasks", deserialize_with = "values::count")]
    running: Option<usize>,
    /// Most tasks that are kept; beyond that the oldest finished ones are forgotten.
    #[serde(rename = "kept_tasks", deserialize_with = "values::count")]
    kept: Option<usize>,
    /// Most cycle tasks; a further one is refused.
    #[serde(rename = "cycle_tasks", deserialize_with = "values::count")]
    cycles: Option<usize>,
}

overlaid!(LimitKeys { running, kept, cycles });
filled!(LimitKeys { running, kept, cycles } -> TaskLimits);
