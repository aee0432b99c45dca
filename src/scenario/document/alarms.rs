//! `world: { alarms: … }` — how many alarms an account has, and when they rise.

use serde::Deserialize;

use super::overlaid;
use super::values::Shares;
use crate::domain::bounds::ALARMS;
use crate::posture::{AlarmLevel, AlarmSettings};
use crate::text::duration::TextDuration;
use crate::text::limited::AtMost;
use crate::text::share::Share;

/// `alarms: { count: 200, from: 0s, over: 1h }`
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "alarms such as { count: 200, from: 0s, over: 1h }")]
pub(super) struct AlarmKeys {
    /// How many there are in the end; 6 if left out.
    count: Option<AtMost<ALARMS>>,
    /// When the first one rises, counted from the beginning of the account; `-1h` if left out.
    #[cfg_attr(test, schemars(with = "Option<crate::text::schema::SignedLength>"))]
    from: Option<TextDuration>,
    /// From the first one to the last; `1h` if left out. They rise evenly.
    over: Option<TextDuration>,
    /// How many are of each level; the other levels have the rest.
    levels: Option<Shares<AlarmLevel>>,
}

overlaid!(AlarmKeys { count, from, over, levels });

impl AlarmKeys {
    pub(super) fn over(self, usual: AlarmSettings) -> AlarmSettings {
        AlarmSettings {
            count: self.count.map_or(usual.count, Into::into),
            from: self.from.map_or(usual.from, |TextDuration(length)| length),
            over: self.over.map_or(usual.over, |TextDuration(length)| length),
            levels: self.levels.map_or(usual.levels, |shares| parts(&shares, usual.levels)),
        }
    }
}

/// Millionths of each level: those that are not named share the rest as usual.
fn parts(Shares(shares): &Shares<AlarmLevel>, usual: [u32; 3]) -> [u32; 3] {
    let named: u32 = shares.values().map(|share| share.millionths()).sum();
    let rest = u64::from(Share::ALL.millionths().saturating_sub(named));
    let weights = AlarmLevel::ALL
        .map(|level| if shares.contains_key(&level) { 0 } else { u64::from(usual[level as usize]) });
    let all = weights.iter().sum::<u64>().max(1);
    AlarmLevel::ALL.map(|level| match shares.get(&level) {
        Some(share) => share.millionths(),
        None => u32::try_from(rest * weights[level as usize] / all).unwrap_or_default(),
    })
}
