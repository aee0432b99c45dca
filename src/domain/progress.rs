//! How Progress and `FinishCount` of a running task are computed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// How Progress rises while a task runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Curve {
    /// In proportion to elapsed time (or looks).
    Linear,
    /// These percentages, each for an equal share of the run; they never fall and are below 100.
    Steps(Arc<[u8]>),
    /// Linear up to this percentage, then constant.
    StallAt(u8),
}

impl Curve {
    /// Percent when `elapsed` of `total` has passed (both positive, `elapsed <= total`); never 100.
    pub(super) fn at(&self, elapsed: i128, total: i128) -> u8 {
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
