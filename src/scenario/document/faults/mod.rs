//! `faults:` — which calls, which of them, and what happens to them.

mod effects;
mod matches;
mod triggers;

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use self::effects::Effects;
use self::matches::MatchKeys;
use self::triggers::TriggerKeys;
use crate::fault::Rule;

/// One rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultKeys {
    /// What logs call it.
    id: Option<String>,
    #[serde(default, rename = "match")]
    matches: MatchKeys,
    #[serde(default)]
    trigger: TriggerKeys,
    effect: Effects,
}

/// Rules in order, of which no two have the same name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "Vec<FaultKeys>")]
pub(super) struct Faults(pub(super) Vec<Rule>);

/// Longest name of a rule: it stands in log lines.
const LONGEST_ID: usize = 80;

impl TryFrom<FaultKeys> for Rule {
    type Error = String;

    fn try_from(keys: FaultKeys) -> Result<Self, String> {
        let FaultKeys { id, matches, trigger, effect } = keys;
        if let Some(id) = &id
            && (id.is_empty() || id.len() > LONGEST_ID || id.contains(|c: char| c.is_control() || c == '/'))
        {
            return Err(format!("{id:?} names no fault; expected up to {LONGEST_ID} letters without '/'"));
        }
        Ok(Self { id: id.unwrap_or_default(), matches: matches.0, trigger: trigger.0, effects: effect.0 })
    }
}

impl TryFrom<Vec<FaultKeys>> for Faults {
    type Error = String;

    fn try_from(all: Vec<FaultKeys>) -> Result<Self, String> {
        let rules = all.into_iter().map(Rule::try_from).collect::<Result<Vec<_>, _>>()?;
        let mut known = HashSet::new();
        match rules.iter().find(|rule| !rule.id.is_empty() && !known.insert(&rule.id)) {
            Some(twice) => Err(format!("two faults are called {:?}", twice.id)),
            None => Ok(Self(rules)),
        }
    }
}

/// Rules as the control API takes them: a list, or a single one.
#[derive(Debug, Clone)]
pub struct OneOrMoreFaults(pub Vec<Rule>);

impl<'de> Deserialize<'de> for OneOrMoreFaults {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Not an untagged enum: that would forget what is wrong with the one that was meant.
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Vec<Rule>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a fault, or a list of them")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Vec<Rule>, A::Error> {
                Faults::deserialize(SeqAccessDeserializer::new(list)).map(|Faults(rules)| rules)
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Vec<Rule>, A::Error> {
                let keys = FaultKeys::deserialize(MapAccessDeserializer::new(members))?;
                Rule::try_from(keys).map(|rule| vec![rule]).map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(Either).map(Self)
    }
}
