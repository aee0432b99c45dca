//! How tasks of a type behave: the template from which the [`Plan`] of a new task is drawn. `plan` computes Progress over time.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use super::plan::{Curve, Ending, Pace, Plan};
use super::state::ScanResult;
use crate::text::by_hand::{TextOr, text_or};
use crate::text::duration::{self, TextDuration};

/// A length of time: fixed when both ends are equal, else drawn once for each task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub min: SignedDuration,
    pub max: SignedDuration,
}

impl Span {
    pub const ZERO: Self = Self::exactly(SignedDuration::ZERO);

    pub const fn exactly(length: SignedDuration) -> Self {
        Self { min: length, max: length }
    }

    pub fn between(least: &str, most: &str) -> Result<Self, String> {
        let span = Self { min: duration::parse(least)?, max: duration::parse(most)? };
        if span.min.is_negative() {
            return Err(format!("expected a length of time of 0 or more, not {least}"));
        }
        if span.min > span.max {
            return Err(format!(
                "expected a range from a length of time to a longer one, not from {least} to {most}"
            ));
        }
        Ok(span)
    }
}

/// A text such as `2s`, or `{ range: [least, most] }`.
impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct SpanKeys {
            range: Range,
        }
        match text_or::<SpanKeys, D>(deserializer, "a length of time such as 2s, or { range: [30s, 50s] }")? {
            TextOr::Text(text) => Self::between(&text, &text).map_err(D::Error::custom),
            TextOr::Keys(SpanKeys { range: Range(span) }) => Ok(span),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ends = [self.min, self.max].map(TextDuration);
        if self.min == self.max {
            ends[0].serialize(serializer)
        } else {
            BTreeMap::from([("range", ends)]).serialize(serializer)
        }
    }
}

/// A span as `[least, most]`.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(try_from = "[String; 2]")]
pub struct Range(pub Span);

impl TryFrom<[String; 2]> for Range {
    type Error = String;

    fn try_from([least, most]: [String; 2]) -> Result<Self, String> {
        Span::between(&least, &most).map(Self)
    }
}

/// The pace before its lengths are drawn.
pub type Advance = Pace<Span>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    pub advance: Advance,
    /// `TotalCount`, if it is not simply the number of targets.
    pub targets: Option<u32>,
    pub curve: Curve,
    pub ending: Ending,
}

impl Lifecycle {
    /// The plan of a task with `targets` targets (`None`: of a kind that is not listed one by one). `draw` picks a length
    /// from a range; it is not called for fixed lengths, so that a range for one type moves no draw of another.
    pub fn plan(&self, targets: Option<u32>, mut draw: impl FnMut(Span) -> SignedDuration) -> Plan {
        let mut length = |span: Span| if span.min == span.max { span.min } else { draw(span) };
        let pace = match self.advance {
            Advance::Time { queued, running } => {
                Pace::Time { queued: length(queued), running: length(running) }
            }
            Advance::Polls { init, start } => Pace::Polls { init, start },
        };
        let targets = self.targets.or(targets).unwrap_or(Self::TARGETS);
        Plan::Course { pace, targets, curve: self.curve.clone(), ending: self.ending }
    }

    /// A steady one that ends well after these times in INIT and START.
    pub const fn lasting(queued: Span, running: Span, targets: Option<u32>) -> Self {
        Self {
            advance: Advance::Time { queued, running },
            targets,
            curve: Curve::Linear,
            ending: Ending::Success(ScanResult::Success),
        }
    }

    /// Times in INIT and START unless a scenario says otherwise: long enough to be seen, short enough to wait for.
    pub const QUEUED: Span = Span::exactly(SignedDuration::from_secs(2));
    pub const RUNNING: Span = Span::exactly(SignedDuration::from_secs(8));
    /// Targets of a task whose targets are not known one by one.
    pub const TARGETS: u32 = 5;

    pub const USUAL: Self = Self::lasting(Self::QUEUED, Self::RUNNING, None);
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::USUAL
    }
}

#[cfg(test)]
crate::text::schema::described! {
    Span = schemars::json_schema!({ "anyOf": [
        crate::text::schema::text(crate::text::schema::LENGTH, &["2s", "1m 30s", "6h", "3650d"]),
        {
            "type": "object",
            "properties": { "range": {
                "description": "At least and at most; drawn from the seed.",
                "type": "array",
                "items": crate::text::schema::text(crate::text::schema::LENGTH, &["30s"]),
                "minItems": 2, "maxItems": 2,
            } },
            "required": ["range"],
            "additionalProperties": false,
        },
    ] });
}
