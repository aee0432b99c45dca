//! `faults:` — which calls, and what happens to them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::domain::error::CODES;
use crate::domain::similar::did_you_mean;
use crate::domain::{ApiError, Code};
use crate::fault::{Effect, Match, Rule};
use crate::operations;

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

/// Which calls; every call if empty. A name that no call can have is refused: such a rule would silently never strike.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "WrittenMatch")]
struct MatchKeys(Match);

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenMatch {
    action: OneOrMore,
    account: Option<String>,
    /// Parameters and patterns for their values.
    params: BTreeMap<String, String>,
}

impl TryFrom<WrittenMatch> for MatchKeys {
    type Error = String;

    fn try_from(WrittenMatch { action, account, params }: WrittenMatch) -> Result<Self, Self::Error> {
        let actions = match action {
            OneOrMore::One(name) => vec![name],
            OneOrMore::More(names) => names,
        };
        if let Some(action) = actions.iter().find(|action| *action != "*" && !operations::is_known(action)) {
            let hint = operations::nearest(action).map(|known| format!("; did you mean {known}?"));
            return Err(format!("no operation is called {action:?}{}", hint.unwrap_or_default()));
        }
        // Only where all operations are modelled is it known which parameters there are.
        let rows: Option<Vec<_>> = actions.iter().map(|action| operations::find(action)).collect();
        let known: Vec<&str> =
            rows.into_iter().flatten().flat_map(|row| row.params).map(|param| param.name).collect();
        if let Some(name) = params.keys().find(|name| !known.is_empty() && !known.contains(&name.as_str())) {
            let hint = did_you_mean(name, known.into_iter());
            return Err(format!("{} has no parameter {name:?}{hint}", actions.join(", ")));
        }
        Ok(Self(Match { actions, account, params: params.into_iter().collect() }))
    }
}

#[derive(Deserialize)]
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
        Rule {
            id: self.id.unwrap_or_else(|| format!("fault-{}", index + 1)),
            matches: self.matches.0,
            effect: Effect::Error(ApiError::new(self.effect.error)),
        }
    }
}
