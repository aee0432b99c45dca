//! Values that several keys hold: names of task types, times, secrets.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::domain::{Secret, TaskType};

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

pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(|_| {
        D::Error::custom(format!("{text:?} is not a time; expected one such as 2026-11-24T00:00:00Z"))
    })
}

/// An empty one is a variable that was not set.
pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Err(D::Error::custom("a secret is not empty")) } else { Ok(Some(Secret::new(text))) }
}
