//! `faults:` — which calls, which of them, and what happens to them.

mod edits;
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
use crate::fault::engine::MOST_RULES;
use crate::fault::{Match, Rule};

/// One rule.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(
    deny_unknown_fields,
    expecting = "a fault such as { match: { action: GetLastOnceTaskInfo }, effect: { error: ServerError } }"
)]
struct FaultKeys {
    /// What logs call it.
    #[cfg_attr(test, schemars(length(min = 1, max = 80), regex(pattern = "^[^/]*$")))]
    id: Option<String>,
    /// Which calls it is for; every call if left out.
    #[serde(default, rename = "match")]
    matches: MatchKeys,
    /// Which of these calls it strikes; each of them if left out.
    #[serde(default)]
    trigger: TriggerKeys,
    /// What happens to the calls that it strikes.
    effect: Effects,
}

/// Rules in order, of which no two have the same name.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "Vec<FaultKeys>"))]
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
        let rule = Self {
            id: id.unwrap_or_default(),
            matches: matches.0,
            trigger: trigger.0,
            effects: effect.0,
            written: serde_json::Value::Null,
        };
        if rule.certificate().is_some() && rule.matches != Match::default() {
            return Err(
                "tls: strikes handshakes, and who calls for what is said only after them: leave match: out"
                    .to_owned(),
            );
        }
        Ok(rule)
    }
}

impl Faults {
    /// With those of a later document: one of a known name takes its place, the others come last.
    pub(super) fn then(mut self, later: Self) -> Self {
        for rule in later.0 {
            match self.0.iter_mut().find(|known| !rule.id.is_empty() && known.id == rule.id) {
                Some(known) => *known = rule,
                None => self.0.push(rule),
            }
        }
        self
    }
}

/// Gives each rule what it was written as: a list of them, or one.
pub fn as_written(rules: &mut [Rule], written: &serde_json::Value) {
    let list = written.as_array().map_or_else(|| std::slice::from_ref(written), Vec::as_slice);
    for (rule, written) in rules.iter_mut().zip(list) {
        rule.written = written.clone();
        if let Some(keys) = rule.written.as_object_mut() {
            // Its report says it already, and may know it better.
            keys.shift_remove("id");
        }
    }
}

impl TryFrom<Vec<FaultKeys>> for Faults {
    type Error = String;

    fn try_from(all: Vec<FaultKeys>) -> Result<Self, String> {
        if all.len() > MOST_RULES {
            return Err(format!("there may be {MOST_RULES} faults at once, not {}", all.len()));
        }
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
