//! A rule: which calls it is for, for which of them it fires, and what it does to them. Plain data.

use std::collections::HashSet;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::effect::{Effect, Effects};
use super::matcher::Match;
use super::trigger::Trigger;
#[cfg(feature = "cli")]
use crate::text::KeyNames;
use crate::text::by_hand::checked;
use crate::text::fields::fields;

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(remote = "Self", deny_unknown_fields)]
#[serde(
    expecting = "a fault such as { match: { action: GetLastOnceTaskInfo }, effect: { error: ServerError } }"
)]
pub struct Rule {
    /// What logs call it. A rule without one gets it when it is armed, and a report says it beside the rule.
    #[serde(default, deserialize_with = "rule_id", skip_serializing)]
    #[cfg_attr(test, schemars(with = "Option<String>", length(min = 1, max = 80)))]
    #[cfg_attr(test, schemars(regex(pattern = "^[^/]*$")))]
    pub id: String,
    /// Which calls it is for; every call if left out.
    #[serde(default, rename = "match", skip_serializing_if = "Match::is_empty")]
    pub matches: Match,
    /// For which of these calls it fires; each of them if left out.
    #[serde(default, skip_serializing_if = "Trigger::is_empty")]
    pub trigger: Trigger,
    /// What happens to the calls that it fires for.
    #[serde(rename = "effect")]
    pub effects: Effects,
}

/// The keys of a rule, by the part that they are of; those of the rule itself are of none.
#[cfg(feature = "cli")]
pub(crate) fn keys() -> [(&'static str, KeyNames); 4] {
    [
        ("effect", fields::<Effects>()),
        ("match", fields::<Match>()),
        ("trigger", fields::<Trigger>()),
        ("", fields::<Rule>()),
    ]
}

pub(crate) const MOST_RULES: usize = 1_000;
/// Longest name of a rule: it stands in log lines.
const LONGEST_ID: usize = 80;

checked!(Rule);

impl Rule {
    /// Whether it is for TLS handshakes, and for no calls.
    pub fn is_for_handshakes(&self) -> bool {
        self.effects.0.iter().any(|effect| matches!(effect, Effect::Tls(_)))
    }

    pub fn code(&self) -> Option<&str> {
        self.effects.0.iter().find_map(Effect::code)
    }

    fn check(&self) -> Result<(), String> {
        let message = "tls: acts on TLS handshakes, before it is known who calls for what: leave match: out";
        let is_wrong = self.is_for_handshakes() && !self.matches.is_empty();
        if is_wrong { Err(message.to_owned()) } else { Ok(()) }
    }
}

/// Reads the name of a rule.
pub(crate) fn rule_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let Some(id) = Option::<String>::deserialize(deserializer)? else { return Ok(String::new()) };
    if id.is_empty() || id.len() > LONGEST_ID || id.contains(|c: char| c.is_control() || c == '/') {
        return Err(D::Error::custom(format!(
            "{id:?} cannot be an id; expected 1 to {LONGEST_ID} characters without '/'"
        )));
    }
    Ok(id)
}

/// Rules in order, of which no two have the same name.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "Vec<Rule>"))]
#[serde(try_from = "Vec<Rule>")]
pub(crate) struct Rules(pub Vec<Rule>);

impl TryFrom<Vec<Rule>> for Rules {
    type Error = String;

    fn try_from(rules: Vec<Rule>) -> Result<Self, String> {
        if rules.len() > MOST_RULES {
            return Err(format!("there may be {MOST_RULES} faults at once, not {}", rules.len()));
        }
        let mut known = HashSet::new();
        match rules.iter().find(|rule| !rule.id.is_empty() && !known.insert(&rule.id)) {
            Some(twice) => Err(format!("two faults are called {:?}", twice.id)),
            None => Ok(Self(rules)),
        }
    }
}

impl Rules {
    /// With those of a later document: one of a known name takes its place, the others come last.
    #[must_use]
    pub(crate) fn overlay(mut self, later: Self) -> Self {
        for rule in later.0 {
            match self.0.iter_mut().find(|known| !rule.id.is_empty() && known.id == rule.id) {
                Some(known) => *known = rule,
                None => self.0.push(rule),
            }
        }
        self
    }
}

/// Rules as the control API takes them: a list, or a single one.
#[derive(Debug)]
pub(crate) struct OneOrMoreRules(pub Vec<Rule>);

impl<'de> Deserialize<'de> for OneOrMoreRules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Not an untagged enum: that would forget what is wrong with the one that was meant.
        struct RuleOrRules;
        impl<'de> Visitor<'de> for RuleOrRules {
            type Value = Vec<Rule>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a fault, or a list of them")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Vec<Rule>, A::Error> {
                Rules::deserialize(SeqAccessDeserializer::new(list)).map(|Rules(rules)| rules)
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Vec<Rule>, A::Error> {
                <Rule as Deserialize>::deserialize(MapAccessDeserializer::new(members)).map(|rule| vec![rule])
            }
        }
        deserializer.deserialize_any(RuleOrRules).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule is shown in its shortest form, without its name, and reads as the same rule.
    #[test]
    fn what_is_shown_reads_the_same() {
        for (written, shown) in [
            (r#"{"id":"a","effect":{"delay":"90s"}}"#, r#"{"effect":{"delay":"1m 30s"}}"#),
            (
                r#"{"match":{"action":["DescribeOnceTask"],"params":{"PageSize":5},"scheme":"v3","task":{"progress":"> 50"}},"trigger":{"calls":[3,"5..=7"],"window":{"to":"2m"},"ttl":"1h"},"effect":{"headers":{"set":{"A":1}}}}"#,
                r#"{"match":{"action":["DescribeOnceTask"],"params":{"PageSize":"5"},"scheme":"v3","task":{"progress":">=51"}},"trigger":{"calls":[3,"5..7"],"window":{"to":"2m"},"ttl":"1h"},"effect":{"headers":{"set":{"A":"1"}}}}"#,
            ),
            (
                r#"{"trigger":{"calls":"3"},"effect":{"error":{"code":"NoPermission"},"body":"empty"}}"#,
                r#"{"trigger":{"calls":3},"effect":{"error":"NoPermission","body":"empty"}}"#,
            ),
        ] {
            let read = |json: &str| serde_json::from_str::<Rule>(json).unwrap();
            let rule = Rule { id: String::new(), ..read(written) };
            let text = serde_json::to_string(&rule).unwrap();
            assert_eq!((text.as_str(), read(&text)), (shown, rule));
        }
    }
}
