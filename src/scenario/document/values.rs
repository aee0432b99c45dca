//! Values that several keys hold: lengths of time, times, secrets.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::domain::lifecycle::Span;
use crate::domain::similar::misspelt;
use crate::domain::task_type::TASK_TYPES;
use crate::domain::{Secret, TaskType};
use crate::scenario::duration;

/// A `TaskType`. Names that nobody documents pass, since the lists grow; one that only misspells a documented one would
/// silently never be asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct TypeName(pub(super) String);

impl TryFrom<String> for TypeName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        match misspelt(&name, TASK_TYPES.iter().map(|(known, ..)| *known)) {
            Some(known) if !TaskType::new(&name).is_documented() => {
                Err(format!("no TaskType is called {name:?}; did you mean {known}?"))
            }
            _ => Ok(Self(name)),
        }
    }
}

/// A length of time, or `{ range: [least, most] }`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Length(pub(super) Span);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a length of time such as 2s, or { range: [30s, 50s] }")]
        enum Written {
            One(String),
            Range { range: [String; 2] },
        }
        let (min, max) = match Written::deserialize(deserializer)? {
            Written::One(text) => (text.clone(), text),
            Written::Range { range: [min, max] } => (min, max),
        };
        let read = |text: &str| duration::parse(text).map_err(D::Error::custom);
        let span = Span { min: read(&min)?, max: read(&max)? };
        if span.min.is_negative() || span.min > span.max {
            let message =
                format!("expected a range from a length of time to a longer one, not from {min} to {max}");
            return Err(D::Error::custom(message));
        }
        Ok(Self(span))
    }
}

/// A time, or a length of time from the first instant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    At(Timestamp),
    Offset(SignedDuration),
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.parse() {
            Ok(time) => Ok(Self::At(time)),
            Err(_) => duration::parse(&text).map(Self::Offset).map_err(|error| {
                D::Error::custom(format!("{error}, or a time such as 2026-11-24T00:00:00Z"))
            }),
        }
    }
}

/// A time.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(|_| {
        D::Error::custom(format!("{text:?} is not a time; expected one such as 2026-11-24T00:00:00Z"))
    })
}

/// A length of time, possibly negative.
pub(super) fn offset<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SignedDuration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    duration::parse(&text).map(Some).map_err(D::Error::custom)
}

/// A number of things.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    let written = i64::deserialize(deserializer)?;
    usize::try_from(written)
        .map(Some)
        .map_err(|_| D::Error::custom(format!("expected a number of 0 or more, not {written}")))
}

/// A text, a number or a truth, as the text that stands for it on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scalar(pub(super) String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a text, a number, true or false")]
        enum Written {
            Truth(bool),
            Whole(i64),
            Number(f64),
            Text(String),
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Truth(truth) => truth.to_string(),
            Written::Whole(number) => number.to_string(),
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        }))
    }
}

/// A secret. An empty one is a variable that was not set.
pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Err(D::Error::custom("a secret is not empty")) } else { Ok(Secret::new(text)) }
}

pub(super) fn some_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    secret(deserializer).map(Some)
}
