//! `faults:` — which calls, and what happens to them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::domain::error::CODES;
use crate::domain::{ApiError, Code};
use crate::fault::{Effect, Match, Rule};
use crate::scenario::load::did_you_mean;

/// One rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultKeys {
    /// What logs call it.
    id: Option<String>,
    #[serde(default, rename = "match")]
    matches: MatchKeys,
    effect: EffectKeys,
}

/// Which calls; every call if empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MatchKeys {
    action: OneOrMore,
    account: Option<String>,
    /// Parameters and patterns for their values.
    params: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a name or a list of names")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

/// What happens to them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct EffectKeys {
    #[serde(deserialize_with = "code")]
    error: &'static Code,
}

/// A code of the error table, by its name.
fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static Code, D::Error> {
    let name = String::deserialize(deserializer)?;
    Code::find(&name).ok_or_else(|| {
        let hint = did_you_mean(&name, CODES.iter().map(|code| code.name));
        D::Error::custom(format!("no error code is called {name:?}{hint}"))
    })
}

impl FaultKeys {
    /// The rule; `index` names it if it has no name of its own.
    pub(super) fn rule(self, index: usize) -> Rule {
        let MatchKeys { action, account, params } = self.matches;
        Rule {
            id: self.id.unwrap_or_else(|| format!("fault-{}", index + 1)),
            matches: Match {
                actions: match action {
                    OneOrMore::One(name) => vec![name],
                    OneOrMore::More(names) => names,
                },
                account,
                params: params.into_iter().collect(),
            },
            effect: Effect::Error(ApiError::new(self.effect.error)),
        }
    }
}
