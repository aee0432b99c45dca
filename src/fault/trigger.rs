//! Which of the calls that a rule is for it strikes.

use std::ops::RangeInclusive;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::judge::Moment;
use crate::dice::FaultDice;

/// All of these must hold; an empty one strikes every call.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trigger {
    /// Which calls, counted from 1 among those the rule is for; none means all.
    pub calls: Vec<RangeInclusive<u64>>,
    /// Every so many calls.
    pub every: Option<u64>,
    /// So often and no more.
    pub times: Option<u64>,
    /// With this probability, from 0 to 1.
    pub probability: Option<f64>,
    /// While the task clock shows a time in this window.
    pub window: Option<Window>,
    /// So long after it was armed, in real time: it ends a fault that everybody forgot.
    pub ttl: Option<SignedDuration>,
}

/// A window on the task clock, counted from the first instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From here on.
    pub from: SignedDuration,
    /// Up to here, and not beyond; for ever if not given.
    pub to: Option<SignedDuration>,
}

/// What a rule did to the calls of one account so far.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Calls it was for.
    pub matched: u64,
    /// Calls it struck.
    pub hits: u64,
    /// The bucket of a rule that throttles.
    pub bucket: Option<Bucket>,
}

/// How full a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Tokens in it.
    pub tokens: f64,
    /// When that was so, in real time since the emulator started.
    pub at: SignedDuration,
}

impl Trigger {
    /// Counts a call that the rule is for, and says whether it is struck. `armed` is when the rule was, in real time.
    pub fn pull(
        &self,
        tally: &mut Tally,
        moment: &Moment,
        armed: SignedDuration,
        dice: &FaultDice<'_>,
    ) -> bool {
        tally.matched = tally.matched.saturating_add(1);
        let nth = tally.matched;
        let strikes = (self.calls.is_empty() || self.calls.iter().any(|range| range.contains(&nth)))
            && self.every.is_none_or(|every| nth.is_multiple_of(every.max(1)))
            && self.times.is_none_or(|times| tally.hits < times)
            && self.window.is_none_or(|window| window.is_open(moment))
            && !self.has_expired(moment.uptime, armed)
            && self.probability.is_none_or(|probability| dice.at(nth).happens(probability));
        tally.hits = tally.hits.saturating_add(u64::from(strikes));
        strikes
    }

    /// Whether it has struck as often as it may.
    pub fn is_exhausted(&self, tally: &Tally) -> bool {
        self.times.is_some_and(|times| tally.hits >= times)
            || (!self.calls.is_empty() && self.calls.iter().all(|range| tally.matched >= *range.end()))
    }

    /// Whether its time to live is over.
    pub fn has_expired(&self, uptime: SignedDuration, armed: SignedDuration) -> bool {
        self.ttl.is_some_and(|ttl| uptime.saturating_sub(armed) >= ttl)
    }

    /// How often it may still strike, where that is known.
    pub fn remaining(&self, tally: &Tally) -> Option<u64> {
        let by_times = self.times.map(|times| times.saturating_sub(tally.hits));
        let by_calls = (!self.calls.is_empty()).then(|| {
            let left = |range: &RangeInclusive<u64>| {
                let next = tally.matched.saturating_add(1).max(*range.start());
                range.end().saturating_add(1).saturating_sub(next)
            };
            self.calls.iter().map(left).sum()
        });
        match (by_times, by_calls) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        }
    }
}

impl Window {
    fn is_open(self, moment: &Moment) -> bool {
        let age = moment.now.duration_since(moment.start);
        self.from <= age && self.to.is_none_or(|to| age < to)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn moment(seconds: i64) -> Moment {
        Moment {
            start: Timestamp::UNIX_EPOCH,
            now: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds),
            uptime: SignedDuration::from_secs(seconds),
        }
    }

    /// Which of calls a second apart are struck.
    fn struck(trigger: &Trigger, calls: i64) -> Vec<i64> {
        let (mut tally, dice) = (Tally::default(), FaultDice::new(42, "test", "rule"));
        (1..=calls)
            .filter(|second| trigger.pull(&mut tally, &moment(*second), SignedDuration::ZERO, &dice))
            .collect()
    }

    #[test]
    fn by_number() {
        let calls = |ranges: &[RangeInclusive<u64>]| Trigger { calls: ranges.to_vec(), ..Trigger::default() };
        assert_eq!(struck(&Trigger::default(), 3), [1, 2, 3]);
        assert_eq!(struck(&calls(&[3..=5]), 9), [3, 4, 5]);
        assert_eq!(struck(&calls(&[1..=1, 4..=4]), 9), [1, 4]);
        assert_eq!(struck(&Trigger { every: Some(4), ..Trigger::default() }, 9), [4, 8]);
        assert_eq!(struck(&Trigger { times: Some(2), ..Trigger::default() }, 9), [1, 2]);
        assert_eq!(struck(&Trigger { every: Some(2), times: Some(2), ..calls(&[3..=99]) }, 20), [4, 6]);
    }

    #[test]
    fn by_time() {
        let window = |from, to: Option<i64>| Window {
            from: SignedDuration::from_secs(from),
            to: to.map(SignedDuration::from_secs),
        };
        let trigger = |window| Trigger { window: Some(window), ..Trigger::default() };
        assert_eq!(struck(&trigger(window(3, Some(5))), 9), [3, 4]);
        assert_eq!(struck(&trigger(window(8, None)), 9), [8, 9]);
        assert_eq!(
            struck(&Trigger { ttl: Some(SignedDuration::from_secs(3)), ..Trigger::default() }, 9),
            [1, 2]
        );
    }

    #[test]
    fn what_is_left() {
        let trigger = Trigger { times: Some(2), calls: vec![3..=5], ..Trigger::default() };
        let tally = |matched, hits| Tally { matched, hits, bucket: None };
        assert_eq!(trigger.remaining(&tally(0, 0)), Some(2));
        assert_eq!(trigger.remaining(&tally(4, 1)), Some(1));
        assert_eq!(trigger.remaining(&tally(5, 1)), Some(0));
        assert!(trigger.is_exhausted(&tally(5, 1)) && trigger.is_exhausted(&tally(4, 2)));
        assert_eq!(Trigger::default().remaining(&tally(9, 9)), None);
    }

    /// What a seed means stays what it means: on every platform, for ever.
    #[test]
    fn a_seed_hits_the_same_calls() {
        let trigger = Trigger { probability: Some(0.2), ..Trigger::default() };
        let golden = include_str!("../../fixtures/golden/probability.txt");
        let hit: Vec<String> = struck(&trigger, 200).iter().map(ToString::to_string).collect();
        assert_eq!(hit.join(" "), golden.trim());
    }
}
