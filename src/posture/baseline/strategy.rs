//! Strategies: which baselines are checked, how often, and at what time of day. Each is for all servers.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::catalogue::{BASELINES, Baseline};
use crate::posture::schedule::last_run;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strategy {
    pub name: String,
    /// Whether it is a custom one; else it is a standard one.
    #[serde(default)]
    pub is_custom: bool,
    pub cycle_days: u32,
    /// `hh:mm:ss`
    pub start: String,
    pub end: String,
    /// The subtypes of its baselines; none for all.
    #[serde(default)]
    pub subtypes: Vec<String>,
    /// None for the one that every account has and did not change.
    #[serde(default)]
    pub modified: Option<Timestamp>,
}

/// Why a strategy cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrategyChange {
    Unknown,
    /// An account has as many as it may have.
    TooMany,
    /// The one that every account has stays.
    Lasting,
}

impl Strategy {
    /// The strategy that every account has.
    pub const USUAL: u32 = 1;
    /// The most that an account has.
    pub const MOST: usize = 20;
    pub const LONGEST_NAME: usize = 256;

    pub fn usual() -> Self {
        Self {
            name: "Default policy".to_owned(),
            is_custom: false,
            cycle_days: 1,
            start: "00:00:00".to_owned(),
            end: "06:00:00".to_owned(),
            subtypes: Vec::new(),
            modified: None,
        }
    }

    pub fn covers(&self, baseline: &Baseline) -> bool {
        self.subtypes.is_empty() || self.subtypes.iter().any(|subtype| subtype == baseline.subtype)
    }

    pub fn baselines(&self) -> impl Iterator<Item = &'static Baseline> {
        BASELINES.iter().filter(|baseline| self.covers(baseline))
    }

    /// When it last ran by itself: its start, and its end ten minutes later.
    pub fn last_scheduled(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        const LENGTH: u32 = 600;
        let end = last_run(now, self.cycle_days, self.start_second() + LENGTH);
        (end.saturating_sub(SignedDuration::from_secs(LENGTH.into())).unwrap_or(end), end)
    }

    /// Seconds into the day; 0 for what is no time of day.
    pub fn start_second(&self) -> u32 {
        second_of_day(&self.start).unwrap_or_default()
    }
}

/// Seconds into the day of a time as callers write it.
pub(crate) fn second_of_day(time: &str) -> Option<u32> {
    let parts: Vec<u32> = time.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let &[hour, minute, second] = &parts[..] else { return None };
    // A time of day may end at midnight.
    let at = hour.checked_mul(3_600)?.checked_add(minute.checked_mul(60)?)?.checked_add(second)?;
    (minute < 60 && second < 60 && at <= 86_400).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read() {
        assert_eq!(second_of_day("06:10:05"), Some(22_205));
        assert_eq!(second_of_day("24:00:00"), Some(86_400));
        for wrong in ["", "6", "6:0", "24:00:01", "1:60:0", "a:b:c", "-1:0:0", "4294967295:0:0"] {
            assert_eq!(second_of_day(wrong), None, "{wrong}");
        }
    }
}
