//! `delay`: the reply comes later.

use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error};

use super::{Behaviour, Case, Judging};
use crate::domain::lifecycle::{Range, Span};
use crate::fault::case::Observed;
use crate::text::by_hand::{TextOr, text_or};
use crate::text::duration::TextDuration;

/// The reply comes later, in real time: `700ms`, `{ range: [100ms, 2s] }` or `{ p50: 200ms, p99: 3s }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(untagged)]
pub enum Delay {
    /// Evenly distributed between two lengths, which may be the same.
    Even(Span),
    /// Log-normally distributed, given its median and its 99th percentile; never longer than ten times the latter.
    Percentiles {
        /// Half of the calls wait no longer.
        #[cfg_attr(test, schemars(with = "Span"))]
        p50: TextDuration,
        /// 99 of 100 calls wait no longer.
        #[cfg_attr(test, schemars(with = "Span"))]
        p99: TextDuration,
    },
}

impl Behaviour for Delay {
    const CASES: &'static [Case] = &[
        Case::new("delay", r#"{"delay":"60ms"}"#, is_late),
        Case::new("delay from a range", r#"{"delay":{"range":["60ms","90ms"]}}"#, is_late),
        Case::new("delay by percentiles", r#"{"delay":{"p50":"60ms","p99":"60ms"}}"#, is_late),
    ];

    fn decide(&self, judging: &mut Judging<'_>) -> bool {
        let length = match *self {
            Self::Even(span) => judging.dice.within(span.min, span.max),
            Self::Percentiles { p50, p99 } => judging.dice.log_normal(p50.0, p99.0),
        };
        let length = Duration::try_from(length).unwrap_or_default();
        judging.decision.delay = judging.decision.delay.saturating_add(length);
        true
    }
}

fn is_late(seen: &Observed) -> bool {
    seen.status == Some(200) && seen.took >= Duration::from_millis(60)
}

impl<'de> Deserialize<'de> for Delay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "700ms, { range: [100ms, 2s] } or { p50: 200ms, p99: 3s }";
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct DelayKeys {
            range: Option<Range>,
            p50: Option<Span>,
            p99: Option<Span>,
        }
        match text_or::<DelayKeys, D>(deserializer, EXPECTED)? {
            TextOr::Text(text) => Span::between(&text, &text).map(Self::Even).map_err(D::Error::custom),
            TextOr::Keys(DelayKeys { range: Some(Range(span)), p50: None, p99: None }) => {
                Ok(Self::Even(span))
            }
            TextOr::Keys(DelayKeys { range: None, p50: Some(p50), p99: Some(p99) }) => {
                if p50.max > p99.min || !p50.min.is_positive() {
                    return Err(D::Error::custom("expected a p50 above 0 and a p99 that is not below it"));
                }
                Ok(Self::Percentiles { p50: TextDuration(p50.min), p99: TextDuration(p99.max) })
            }
            TextOr::Keys(_) => Err(D::Error::custom(format!("expected {EXPECTED}"))),
        }
    }
}
