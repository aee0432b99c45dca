//! What a scenario says of alarms: how many there are, when they begin, and how serious they are.

use jiff::SignedDuration;

/// `world: { alarms: … }`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AlarmSettings {
    /// How many an account has in the end.
    pub(crate) count: u32,
    /// From the beginning of the account to the first alarm; negative for alarms that are there already.
    pub(crate) from: SignedDuration,
    /// From the first alarm to the last; they are spread evenly.
    pub(crate) over: SignedDuration,
    /// Shares of the levels, in the order of [`AlarmLevel::ALL`](super::AlarmLevel::ALL); without any there are no alarms.
    pub(crate) levels: [u32; 3],
}

impl AlarmSettings {
    /// The most of `count`, and of what an account changed.
    pub(crate) const MOST: u32 = 100_000;
}

impl Default for AlarmSettings {
    fn default() -> Self {
        let hour = SignedDuration::from_hours(1);
        Self { count: 6, from: -hour, over: hour, levels: [3, 5, 2] }
    }
}
