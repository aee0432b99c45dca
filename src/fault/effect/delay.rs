//! `delay`: the reply comes later.

use std::time::Duration;

use jiff::SignedDuration;
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Behaviour, Case, Judging, Level, Role};
use crate::domain::lifecycle::{Range, Span};
use crate::fault::case::{Observed, POLL};
use crate::text::text_or::{TextOr, text_or};

/// The answer comes later, in real time: that is what a client's time-out measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// Evenly distributed between two lengths, which may be the same.
    Even(Span),
    /// Log-normally distributed, given its median and its 99th percentile; never longer than ten times the latter.
    Percentiles {
        /// Half of the calls wait no longer.
        p50: SignedDuration,
        /// 99 of 100 calls wait no longer.
        p99: SignedDuration,
    },
}

impl Behaviour for Delay {
    const LEVEL: Level = Level::Wire;
    const ROLE: Role = Role::Wait;
    const CASES: &'static [Case] = &[
        case("delay", r#"{"effect":{"delay":"60ms"}}"#),
        case("delay from a range", r#"{"effect":{"delay":{"range":["60ms","90ms"]}}}"#),
        case("delay by percentiles", r#"{"effect":{"delay":{"p50":"60ms","p99":"60ms"}}}"#),
    ];

    fn decide(&self, judging: &mut Judging<'_>) -> bool {
        let length = match *self {
            Self::Even(span) => judging.dice.within(span.min, span.max),
            Self::Percentiles { p50, p99 } => judging.dice.log_normal(p50, p99),
        };
        let length = Duration::try_from(length).unwrap_or_default();
        judging.decision.delay = judging.decision.delay.saturating_add(length);
        true
    }

    #[cfg(test)]
    const DOCS: &'static [(&'static str, &'static str)] = &[(
        "`delay: 700ms`, `{ range: [100ms, 2s] }`, `{ p50: 200ms, p99: 3s }`",
        "the answer comes later, in real time; drawn from the seed",
    )];
}

const fn case(name: &'static str, fault: &'static str) -> Case {
    let shows = |seen: &Observed| seen.status == Some(200) && seen.took >= Duration::from_millis(60);
    Case { name, fault, calls: &[POLL], fires: &[true], shows }
}

impl<'de> Deserialize<'de> for Delay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "700ms, { range: [100ms, 2s] } or { p50: 200ms, p99: 3s }";
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Keys {
            range: Option<Range>,
            p50: Option<Span>,
            p99: Option<Span>,
        }
        match text_or::<Keys, D>(deserializer, EXPECTED)? {
            TextOr::Text(text) => Span::between(&text, &text).map(Self::Even).map_err(D::Error::custom),
            TextOr::Keys(Keys { range: Some(Range(span)), p50: None, p99: None }) => Ok(Self::Even(span)),
            TextOr::Keys(Keys { range: None, p50: Some(p50), p99: Some(p99) }) => {
                if p50.max <= p99.min && p50.min.is_positive() {
                    Ok(Self::Percentiles { p50: p50.min, p99: p99.max })
                } else {
                    Err(D::Error::custom("expected a p50 above 0 and a p99 that is not below it"))
                }
            }
            TextOr::Keys(_) => Err(D::Error::custom(format!("expected {EXPECTED}"))),
        }
    }
}

impl Serialize for Delay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |length: SignedDuration| format!("{length:#}");
        if let Self::Even(Span { min, max }) = self
            && min == max
        {
            return serializer.serialize_str(&text(*min));
        }
        let mut map = serializer.serialize_map(None)?;
        match *self {
            Self::Even(Span { min, max }) => map.serialize_entry("range", &[text(min), text(max)])?,
            Self::Percentiles { p50, p99 } => {
                map.serialize_entry("p50", &text(p50))?;
                map.serialize_entry("p99", &text(p99))?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Delay {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Delay".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let length = generator.subschema_for::<Span>();
        schemars::json_schema!({
            "description": "The answer comes later, in real time: `700ms`, `{ range: [100ms, 2s] }` or `{ p50: 200ms, p99: 3s }`.",
            "anyOf": [length, {
                "type": "object",
                "properties": {
                    "p50": { "description": "Half of the calls wait less.", "allOf": [length] },
                    "p99": { "description": "99 of 100 calls wait less.", "allOf": [length] },
                },
                "required": ["p50", "p99"],
                "additionalProperties": false,
            }],
        })
    }
}
