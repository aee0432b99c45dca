//! `trigger:` — which of the calls that a fault is for it strikes.

use std::ops::RangeInclusive;

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::fault::Trigger;
use crate::fault::trigger::Window;
use crate::scenario::document::values;

/// All of these must hold; every call if empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "Written"))]
#[serde(try_from = "Written")]
pub(super) struct TriggerKeys(pub(super) Trigger);

/// Which of the calls that match; all of these must hold.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Trigger"))]
#[serde(deny_unknown_fields, default, expecting = "a trigger such as { times: 2 }")]
struct Written {
    /// Their numbers, counted from 1: `3`, `"3..5"` (both included), or a list.
    #[cfg_attr(test, schemars(schema_with = "super::super::schema::calls"))]
    calls: Calls,
    /// Every so many-th.
    #[cfg_attr(test, schemars(range(min = 1)))]
    every: Option<u64>,
    /// So often, then no more.
    #[cfg_attr(test, schemars(range(min = 1)))]
    times: Option<u64>,
    /// So often by chance, from above 0 to 1.
    #[cfg_attr(test, schemars(range(max = 1), extend("exclusiveMinimum" = 0)))]
    probability: Option<f64>,
    /// A span of the task clock, counted from the first instant.
    window: Option<WindowKeys>,
    /// So long, in real time, after it was armed.
    #[serde(deserialize_with = "values::offset")]
    #[cfg_attr(test, schemars(with = "Option<super::super::schema::PositiveLength>"))]
    ttl: Option<SignedDuration>,
}

/// A span of the task clock, counted from the first instant.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Window"))]
#[serde(deny_unknown_fields, expecting = "a window such as { from: 10s, to: 20s }")]
struct WindowKeys {
    /// When it begins; at once if left out.
    #[serde(default, deserialize_with = "values::offset")]
    #[cfg_attr(test, schemars(with = "Option<super::super::schema::PositiveLength>"))]
    from: Option<SignedDuration>,
    /// When it ends; never if left out.
    #[serde(default, deserialize_with = "values::offset")]
    #[cfg_attr(test, schemars(with = "Option<super::super::schema::PositiveLength>"))]
    to: Option<SignedDuration>,
}

/// `3`, `"3..5"`, or a list of either.
#[derive(Default)]
struct Calls(Vec<RangeInclusive<u64>>);

impl<'de> Deserialize<'de> for Calls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected numbers of calls, such as 3, \"3..5\" or [1, 4]")]
        enum Written {
            One(u64),
            Range(String),
            List(Vec<Written>),
        }
        fn ranges(written: Written) -> Option<Vec<RangeInclusive<u64>>> {
            let range = match written {
                Written::One(number) => number..=number,
                Written::Range(text) => {
                    let (first, last) = text.split_once("..").unwrap_or((&text, &text));
                    // As in Rust or without its sign: both ends are meant.
                    first.trim().parse().ok()?..=last.trim_start_matches('=').trim().parse().ok()?
                }
                Written::List(list) => {
                    return list
                        .into_iter()
                        .map(ranges)
                        .collect::<Option<Vec<_>>>()
                        .map(|lists| lists.concat());
                }
            };
            (*range.start() > 0 && !range.is_empty()).then(|| vec![range])
        }
        let written = Written::deserialize(deserializer)?;
        let ranges = ranges(written).filter(|ranges| !ranges.is_empty()).ok_or_else(|| {
            D::Error::custom(
                "expected numbers of calls, counted from 1, such as 3, \"3..5\" (both included) or [1, 4]",
            )
        })?;
        Ok(Self(ranges))
    }
}

impl TryFrom<Written> for TriggerKeys {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { calls: Calls(calls), every, times, probability, window, ttl } = written;
        if every == Some(0) || times == Some(0) {
            return Err(
                "every: and times: count from 1; a fault that never strikes can be left out".to_owned()
            );
        }
        if let Some(every) =
            every.filter(|every| !calls.is_empty() && !calls.iter().any(|range| reaches(range, *every)))
        {
            return Err(format!(
                "none of these calls is an {every}th one: every: counts among all that match"
            ));
        }
        if let Some(wrong) = probability.filter(|probability| !(*probability > 0.0 && *probability <= 1.0)) {
            return Err(format!("a probability lies above 0 and is at most 1, unlike {wrong}"));
        }
        if ttl.is_some_and(|ttl| !ttl.is_positive()) {
            return Err("ttl: is a length of time above 0, such as 30s".to_owned());
        }
        let window = window.map(|WindowKeys { from, to }| Window { from: from.unwrap_or_default(), to });
        if window
            .is_some_and(|window| window.from.is_negative() || window.to.is_some_and(|to| to <= window.from))
        {
            return Err(
                "a window goes from a moment to a later one, such as { from: 10s, to: 20s }".to_owned()
            );
        }
        Ok(Self(Trigger { calls, every, times, probability, window, ttl }))
    }
}

/// Whether a multiple lies in a range.
fn reaches(range: &RangeInclusive<u64>, every: u64) -> bool {
    range.end() / every * every >= *range.start()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(json: &str) -> Option<Vec<(u64, u64)>> {
        let Calls(ranges) = serde_json::from_str(json).ok()?;
        Some(ranges.iter().map(|range| (*range.start(), *range.end())).collect())
    }

    #[test]
    fn numbers_of_calls() {
        assert_eq!(calls("3"), Some(vec![(3, 3)]));
        assert_eq!(calls(r#""3..5""#), Some(vec![(3, 5)]));
        assert_eq!(calls(r#""3..=5""#), Some(vec![(3, 5)]));
        assert_eq!(calls(r#"[1, "4..6"]"#), Some(vec![(1, 1), (4, 6)]));
        for nonsense in ["0", "[]", r#""5..3""#, r#""..""#, r#""a""#, "-1", "1.5", "null", "[0]"] {
            assert_eq!(calls(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn triggers_that_never_strike_are_refused() {
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
            assert!(serde_json::from_str::<TriggerKeys>(nonsense).is_err(), "{nonsense}");
        }
        let trigger: TriggerKeys =
            serde_json::from_str(r#"{"window":{"to":"10s"},"times":2,"ttl":"1m"}"#).unwrap();
        assert_eq!(
            trigger.0.window,
            Some(Window { from: SignedDuration::ZERO, to: Some(SignedDuration::from_secs(10)) })
        );
    }
}
