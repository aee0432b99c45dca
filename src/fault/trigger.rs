//! `trigger:` — for which of the calls that match a rule fires.

use std::ops::RangeInclusive;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::counters::RuleTally;
use crate::dice::FaultDice;
use crate::text::by_hand::checked;
use crate::text::duration::TextDuration;

/// Which of the calls that match; all of these must hold, and an empty one holds for every call.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(remote = "Self", deny_unknown_fields, default, expecting = "a trigger such as { times: 2 }")]
pub struct Trigger {
    /// Their numbers, counted from 1: `3`, `"3..5"` (both included), or a list.
    #[serde(skip_serializing_if = "CallNumbers::is_all")]
    #[cfg_attr(test, schemars(schema_with = "calls"))]
    pub calls: CallNumbers,
    /// Every so many-th.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub every: Option<u64>,
    /// So often, then no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub times: Option<u64>,
    /// So often at random, from above 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(max = 1), extend("exclusiveMinimum" = 0)))]
    pub probability: Option<f64>,
    /// A span of the task clock, counted from its start time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// So long, in real time, after it was armed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<TextDuration>,
}

/// A span of the task clock, counted from its start time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a window such as { from: 10s, to: 20s }")]
pub struct Window {
    /// When it begins; at once if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<TextDuration>,
    /// When it ends; never if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<TextDuration>,
}

/// When a call is judged.
#[derive(Debug, Clone, Copy)]
pub struct JudgeTimes {
    /// By the task clock, since its start time.
    pub age: SignedDuration,
    /// In real time, since the emulator started.
    pub uptime: SignedDuration,
}

checked!(Trigger);

impl Trigger {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Counts a call that matches; whether the rule fires for it. `armed` is when the rule was, in real time.
    pub(super) fn fires(
        &self,
        tally: &mut RuleTally,
        moment: &JudgeTimes,
        armed: SignedDuration,
        dice: &FaultDice<'_>,
    ) -> bool {
        tally.matched = tally.matched.saturating_add(1);
        let nth = tally.matched;
        let fires = self.calls.any(|range| range.contains(&nth))
            && self.every.is_none_or(|every| nth.is_multiple_of(every.max(1)))
            && self.times.is_none_or(|times| tally.hits < times)
            && self.window.is_none_or(|Window { from, to }| {
                from.unwrap_or_default().0 <= moment.age && to.is_none_or(|TextDuration(to)| moment.age < to)
            })
            && !self.has_expired(moment.uptime, armed)
            && self.probability.is_none_or(|probability| dice.at(nth).happens(probability));
        tally.hits = tally.hits.saturating_add(u64::from(fires));
        fires
    }

    pub(super) fn has_expired(&self, uptime: SignedDuration, armed: SignedDuration) -> bool {
        self.ttl.is_some_and(|TextDuration(ttl)| uptime.saturating_sub(armed) >= ttl)
    }

    /// How often it may still fire, where that is known.
    pub(super) fn remaining(&self, tally: &RuleTally) -> Option<u64> {
        let by_times = self.times.map(|times| times.saturating_sub(tally.hits));
        let left = |range: &RangeInclusive<u64>| {
            let next = tally.matched.saturating_add(1).max(*range.start());
            range.end().saturating_add(1).saturating_sub(next)
        };
        let by_calls = (!self.calls.is_all()).then(|| self.calls.0.iter().map(left).sum());
        by_times.into_iter().chain(by_calls).min()
    }

    fn check(&self) -> Result<(), String> {
        let Self { calls, every, times, probability, window, ttl } = self;
        let error = |message: &str| Err(message.to_owned());
        if *every == Some(0) || *times == Some(0) {
            return error("every: and times: count from 1; a fault that never fires can be left out");
        }
        let reaches = |every: u64| calls.any(|range| range.end() / every * every >= *range.start());
        if let Some(every) = every.filter(|every| !reaches(*every)) {
            return Err(format!(
                "every: {every} counts among all calls that match; none of the numbers in calls: is a multiple of it"
            ));
        }
        if let Some(wrong) = probability.filter(|probability| !(*probability > 0.0 && *probability <= 1.0)) {
            return Err(format!("a probability lies above 0 and is at most 1, unlike {wrong}"));
        }
        if ttl.is_some_and(|TextDuration(ttl)| !ttl.is_positive()) {
            return error("ttl: is a length of time above 0, such as 30s");
        }
        let is_empty = |Window { from, to }: Window| {
            let TextDuration(from) = from.unwrap_or_default();
            from.is_negative() || to.is_some_and(|TextDuration(to)| to <= from)
        };
        if window.is_some_and(is_empty) {
            return error("a window goes from a time to a later one, such as { from: 10s, to: 20s }");
        }
        Ok(())
    }
}

/// Numbers of calls, in order of writing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Numbers", into = "Numbers")]
pub struct CallNumbers(Vec<RangeInclusive<u64>>);

/// `3`, `"3..5"`, or a list of either.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected numbers of calls, such as 3, \"3..5\" or [1, 4]")]
enum Numbers {
    One(u64),
    Range(String),
    List(Vec<Numbers>),
}

impl CallNumbers {
    fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether some of them are so, or all calls are meant.
    fn any(&self, is_so: impl Fn(&RangeInclusive<u64>) -> bool) -> bool {
        self.is_all() || self.0.iter().any(is_so)
    }
}

impl Numbers {
    fn ranges(self) -> Option<Vec<RangeInclusive<u64>>> {
        let (first, last) = match self {
            Self::One(number) => (number, number),
            Self::Range(text) => {
                let (first, last) = text.split_once("..").unwrap_or((&text, &text));
                // As in Rust or without its sign: both ends are meant.
                (first.trim().parse().ok()?, last.trim_start_matches('=').trim().parse().ok()?)
            }
            Self::List(list) => {
                let lists: Option<Vec<_>> = list.into_iter().map(Self::ranges).collect();
                return lists.map(|lists| lists.concat());
            }
        };
        (0 < first && first <= last).then(|| vec![first..=last])
    }
}

impl TryFrom<Numbers> for CallNumbers {
    type Error = &'static str;

    fn try_from(numbers: Numbers) -> Result<Self, Self::Error> {
        let ranges = numbers.ranges().filter(|ranges| !ranges.is_empty());
        ranges
            .map(Self)
            .ok_or("expected numbers of calls, counted from 1, such as 3, \"3..5\" (both included) or [1, 4]")
    }
}

impl From<CallNumbers> for Numbers {
    fn from(CallNumbers(ranges): CallNumbers) -> Self {
        let number = |range: RangeInclusive<u64>| match range.into_inner() {
            (first, last) if first == last => Self::One(first),
            (first, last) => Self::Range(format!("{first}..{last}")),
        };
        let mut numbers: Vec<Self> = ranges.into_iter().map(number).collect();
        if numbers.len() == 1 { numbers.remove(0) } else { Self::List(numbers) }
    }
}

#[cfg(test)]
fn calls(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let one = serde_json::json!({ "anyOf": [
        { "type": "integer", "minimum": 1 },
        crate::text::schema::text(r" *[0-9]+ *(\.\.=? *[0-9]+ *)?", &["3..5"]),
    ] });
    schemars::json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(json: &str) -> Trigger {
        serde_json::from_str(json).unwrap()
    }

    /// For which of calls a second apart it fires.
    fn firing(json: &str, calls: i64) -> Vec<i64> {
        let (mut tally, dice) = (RuleTally::default(), FaultDice::new(42, "test", "rule"));
        let fires = |second: &i64| {
            let age = SignedDuration::from_secs(*second);
            trigger(json).fires(&mut tally, &JudgeTimes { age, uptime: age }, SignedDuration::ZERO, &dice)
        };
        (1..=calls).filter(fires).collect()
    }

    #[test]
    fn by_number() {
        assert_eq!(firing("{}", 3), [1, 2, 3]);
        assert_eq!(firing(r#"{"calls":"3..5"}"#, 9), [3, 4, 5]);
        assert_eq!(firing(r#"{"calls":[1,4]}"#, 9), [1, 4]);
        assert_eq!(firing(r#"{"every":4}"#, 9), [4, 8]);
        assert_eq!(firing(r#"{"times":2}"#, 9), [1, 2]);
        assert_eq!(firing(r#"{"every":2,"times":2,"calls":"3..99"}"#, 20), [4, 6]);
    }

    #[test]
    fn by_time() {
        assert_eq!(firing(r#"{"window":{"from":"3s","to":"5s"}}"#, 9), [3, 4]);
        assert_eq!(firing(r#"{"window":{"from":"8s"}}"#, 9), [8, 9]);
        assert_eq!(firing(r#"{"ttl":"3s"}"#, 9), [1, 2]);
    }

    #[test]
    fn what_is_left() {
        let left = |json, matched, hits| trigger(json).remaining(&RuleTally { matched, hits, bucket: None });
        let twice = r#"{"times":2,"calls":"3..5"}"#;
        assert_eq!([left(twice, 0, 0), left(twice, 4, 1)], [Some(2), Some(1)]);
        assert_eq!([left(twice, 5, 1), left(twice, 4, 2)], [Some(0), Some(0)]);
        assert_eq!(left("{}", 9, 9), None);
    }

    /// What a seed means stays what it means: on every platform, for ever.
    #[test]
    fn a_seed_hits_the_same_calls() {
        let golden = include_str!("../../fixtures/golden/probability.txt");
        let hit: Vec<_> = firing(r#"{"probability":0.2}"#, 200).iter().map(i64::to_string).collect();
        assert_eq!(hit.join(" "), golden.trim());
    }

    #[test]
    fn numbers_of_calls() {
        let numbers = |json: &str| serde_json::from_str(json).ok().map(|CallNumbers(ranges)| ranges);
        assert_eq!(numbers("3"), Some(vec![3..=3]));
        assert_eq!([r#""3..5""#, r#""3..=5""#].map(numbers), [Some(vec![3..=5]), Some(vec![3..=5])]);
        assert_eq!(numbers(r#"[1, "4..6"]"#), Some(vec![1..=1, 4..=6]));
        for nonsense in ["0", "[]", r#""5..3""#, r#""..""#, r#""a""#, "-1", "1.5", "null", "[0]"] {
            assert_eq!(numbers(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn triggers_that_never_fire_are_refused() {
        for nonsense in [
            r#"{"every":0}"#,
            r#"{"every":4,"calls":1}"#,
            r#"{"every":4,"calls":["1..3","5..7"]}"#,
            r#"{"times":0}"#,
            r#"{"probability":0}"#,
            r#"{"probability":1.5}"#,
            r#"{"ttl":"0s"}"#,
            r#"{"window":{"from":"20s","to":"10s"}}"#,
            r#"{"window":{"form":"20s"}}"#,
        ] {
            assert!(serde_json::from_str::<Trigger>(nonsense).is_err(), "{nonsense}");
        }
        let window = trigger(r#"{"window":{"to":"10s"},"times":2,"ttl":"1m"}"#).window;
        let to = Some(TextDuration(SignedDuration::from_secs(10)));
        assert_eq!(window, Some(Window { from: None, to }));
    }
}
