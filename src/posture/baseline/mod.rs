//! Baseline checks of servers: what each baseline finds on them, when it looked last, and the strategies that run it.

mod catalogue;
mod changes;
mod results;
mod strategy;

pub use self::catalogue::{
    BASELINE_TYPES, BASELINES, Baseline, BaselineItem, BaselineType, baseline_of_item,
};
pub use self::changes::BaselineChanges;
pub use self::results::{BaselineResult, BaselineResults};
pub use self::strategy::{Strategy, StrategyChange};

/// What a scenario says of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BaselineSettings {
    /// How many check items fail on a server, on average.
    pub per_server: u32,
}

impl BaselineSettings {
    /// The most that a scenario may ask for.
    pub const MOST: u32 = 20;
}

impl Default for BaselineSettings {
    fn default() -> Self {
        Self { per_server: 3 }
    }
}
