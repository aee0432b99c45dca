//! Values that several keys hold: names of task types and groups, shares, times, secrets.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::domain::bounds::ASSET_GROUPS;
use crate::domain::{Secret, TaskType};
use crate::text::share::Share;

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

/// The name of a group of servers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct GroupName(pub(super) String);

#[cfg(test)]
crate::text::schema::described! {
    GroupName = schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": 80 });
}

impl TryFrom<String> for GroupName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let is_one = (1..=80).contains(&name.chars().count()) && !name.contains(char::is_control);
        is_one
            .then_some(Self(name))
            .ok_or_else(|| "a group has a name of 1 to 80 signs, in one line".to_owned())
    }
}

/// Shares of a whole by name, such as `{ web: 40%, db: 20% }`: together they are the whole at most.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(
    test,
    derive(schemars::JsonSchema),
    schemars(with = "BTreeMap<K, Share>", inline, bound = "K: Ord + schemars::JsonSchema")
)]
#[serde(try_from = "BTreeMap<K, Share>", bound(deserialize = "K: Ord + Deserialize<'de>"))]
pub(super) struct Shares<K>(pub(super) BTreeMap<K, Share>);

impl<K> TryFrom<BTreeMap<K, Share>> for Shares<K> {
    type Error = String;

    fn try_from(shares: BTreeMap<K, Share>) -> Result<Self, Self::Error> {
        if shares.len() > ASSET_GROUPS as usize {
            return Err(format!("expected at most {ASSET_GROUPS} shares, not {}", shares.len()));
        }
        match Share::sum(shares.values().copied()) {
            Some(_) => Ok(Self(shares)),
            None => Err("the shares are more than 100% together".to_owned()),
        }
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
