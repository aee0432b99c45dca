//! Configuration checks of cloud products: what each check item finds, when it looked last, and which of them the policy
//! has.

mod catalogue;
mod changes;
mod results;

pub use self::catalogue::{
    CHECK_ITEMS, CHECK_SECTIONS, CheckItem, CheckSection, CheckStandard, check_standards,
};
pub use self::changes::{CheckChanges, CheckPolicy};
pub use self::results::{CheckResult, CheckResults, CheckStatus, CheckedProducts};

/// What a scenario says of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CheckSettings {
    /// How many of a million check items fail, on average.
    pub failing: u32,
}

impl Default for CheckSettings {
    fn default() -> Self {
        Self { failing: 300_000 }
    }
}
