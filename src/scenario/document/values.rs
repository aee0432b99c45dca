//! Values that several keys hold: lengths of time, times, secrets.

use std::fmt;
use std::marker::PhantomData;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::domain::lifecycle::Span;
use crate::domain::{Secret, TaskType};
use crate::text::duration;

/// The name of a `TaskType`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct TypeName(pub(super) String);

impl TryFrom<String> for TypeName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        TaskType::spelt(&name).map(|_| Self(name))
    }
}

/// A text, or keys and values that say more. Not an untagged enum: that would forget what is wrong with the one that
/// was meant.
pub(super) enum TextOr<T> {
    Text(String),
    Keys(T),
}

/// Reads either; `expected` is what to say about anything else.
pub(super) fn text_or<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
) -> Result<TextOr<T>, D::Error> {
    struct Either<T>(&'static str, PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
        type Value = Result<TextOr<T>, String>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.0)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Ok(TextOr::Text(text.to_owned())))
        }

        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
            T::deserialize(MapAccessDeserializer::new(members)).map(|keys| Ok(TextOr::Keys(keys)))
        }

        // A number is refused outside of the visitor: there an error is known to be of the value, and not of its key.
        fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Err(number.to_string()))
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Err(number.to_string()))
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
            Ok(Err(number.to_string()))
        }
    }
    deserializer
        .deserialize_any(Either(expected, PhantomData))?
        .map_err(|number| D::Error::custom(format!("expected {expected}, not {number}")))
}

/// A length of time, or `{ range: [least, most] }`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Length(pub(super) Span);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Keys {
            range: Range,
        }
        match text_or::<Keys, D>(deserializer, "a length of time such as 2s, or { range: [30s, 50s] }")? {
            TextOr::Text(text) => Self::exactly(&text).map_err(D::Error::custom),
            TextOr::Keys(Keys { range: Range(span) }) => Ok(Self(span)),
        }
    }
}

impl Length {
    /// Always this long.
    pub(super) fn exactly(text: &str) -> Result<Self, String> {
        Range::between(text, text).map(|Range(span)| Self(span))
    }
}

/// `[least, most]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "[String; 2]")]
pub(super) struct Range(pub(super) Span);

impl Range {
    fn between(least: &str, most: &str) -> Result<Self, String> {
        let span = Span { min: duration::parse(least)?, max: duration::parse(most)? };
        if span.min.is_negative() {
            return Err(format!("expected a length of time of 0 or more, not {least}"));
        }
        if span.min > span.max {
            return Err(format!(
                "expected a range from a length of time to a longer one, not from {least} to {most}"
            ));
        }
        Ok(Self(span))
    }
}

impl TryFrom<[String; 2]> for Range {
    type Error = String;

    fn try_from([least, most]: [String; 2]) -> Result<Self, String> {
        Self::between(&least, &most)
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

/// A secret. An empty one is a variable that was not set.
pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Err(D::Error::custom("a secret is not empty")) } else { Ok(Secret::new(text)) }
}

pub(super) fn some_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    secret(deserializer).map(Some)
}
