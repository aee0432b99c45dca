//! `match:` — which calls a fault is for. A name that no call can have is refused: such a rule would silently never
//! strike.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::keyring::is_possible_id;
use crate::domain::state::Status;
use crate::fault::Match;
use crate::fault::rule::{Comparison, Scheme, TaskMatch};
use crate::operations::names;
use crate::scenario::document::values::TypeName;
use crate::text::scalar::Scalar;

/// Which calls; every call if empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "Written"))]
#[serde(try_from = "Written")]
pub(super) struct MatchKeys(pub(super) Match);

/// Which calls; all of these must hold.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Match"))]
#[serde(deny_unknown_fields, default, expecting = "calls such as { action: GetLastOnceTaskInfo }")]
struct Written {
    /// The operation: a name, a list of names, or `"*"`.
    #[cfg_attr(test, schemars(schema_with = "super::super::schema::actions"))]
    action: Option<OneOrMore>,
    /// The caller's AccessKeyId.
    account: Option<String>,
    /// Parameters and patterns for their values; `*` and `?` are wild.
    params: BTreeMap<String, Scalar>,
    /// How the call is signed.
    scheme: Option<SchemeKey>,
    /// What the task shows that the call is about.
    task: Option<TaskKeys>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a name or a list of names")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum SchemeKey {
    /// `Signature` in the query or form.
    V1,
    /// `Authorization: ACS3-…`.
    V3,
    /// A bearer token.
    Bearer,
}

/// What the task shows that a call is about.
#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "TaskState"))]
#[serde(deny_unknown_fields, expecting = "a state such as { status: START, progress: \">=50\" }")]
struct TaskKeys {
    /// Its status.
    status: Option<Status>,
    /// Its Progress: `50`, or a comparison such as `">=50"`.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::super::schema::comparison"))]
    progress: Option<ProgressKey>,
}

/// `50`, or `">=50"` and the like.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "Scalar")]
struct ProgressKey(Comparison);

impl TryFrom<Scalar> for ProgressKey {
    type Error = String;

    fn try_from(Scalar(text): Scalar) -> Result<Self, String> {
        let sign = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let (sign, number) = text.split_at(sign);
        let percent: Option<u8> = number.trim().parse().ok().filter(|percent| *percent <= 100);
        let range = match (sign.trim(), percent) {
            ("" | "==", Some(percent)) => Some((percent, percent)),
            (">=", Some(percent)) => Some((percent, 100)),
            ("<=", Some(percent)) => Some((0, percent)),
            (">", Some(percent)) if percent < 100 => Some((percent + 1, 100)),
            ("<", Some(percent)) if percent > 0 => Some((0, percent - 1)),
            _ => None,
        };
        let (least, most) = range.ok_or_else(|| {
            format!("{text:?} is no comparison that a percentage can meet; expected one such as \">=50\", \"<100\" or 69")
        })?;
        Ok(Self(Comparison { least, most }))
    }
}

impl TryFrom<Written> for MatchKeys {
    type Error = String;

    fn try_from(Written { action, account, params, scheme, task }: Written) -> Result<Self, String> {
        let is_any = action.is_none();
        let actions = match action {
            None => Vec::new(),
            Some(OneOrMore::One(name)) => vec![name],
            Some(OneOrMore::More(names)) => names,
        };
        if actions.is_empty() && !is_any {
            return Err(
                "an empty list of operations; leave action out, or write \"*\", to mean every one".to_owned()
            );
        }
        check_call(&actions, &params)?;
        if let Some(account) = account.as_ref().filter(|account| !is_possible_id(account)) {
            return Err(format!(
                "{account:?} is no AccessKeyId; expected the whole id of one account, without patterns"
            ));
        }
        Ok(Self(Match {
            actions,
            account,
            params: params.into_iter().map(|(name, Scalar(pattern))| (name, pattern)).collect(),
            scheme: scheme.map(|scheme| match scheme {
                SchemeKey::V1 => Scheme::V1,
                SchemeKey::V3 => Scheme::V3,
                SchemeKey::Bearer => Scheme::Bearer,
            }),
            task: task.map(|TaskKeys { status, progress }| TaskMatch {
                status,
                progress: progress.map(|ProgressKey(comparison)| comparison),
            }),
        }))
    }
}

/// Refuses names that no call can have.
pub(in crate::scenario::document) fn check_call(
    actions: &[String],
    params: &BTreeMap<String, Scalar>,
) -> Result<(), String> {
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    actions.iter().try_for_each(|action| names::check_action(action))?;
    names::check_params(&actions, params.keys().map(String::as_str))?;
    if let Some(Scalar(name)) = params.get("TaskType").filter(|pattern| !pattern.0.contains(['*', '?'])) {
        TypeName::try_from(name.clone())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(text: &str) -> Option<(u8, u8)> {
        let key = ProgressKey::try_from(Scalar(text.to_owned())).ok()?;
        Some((key.0.least, key.0.most))
    }

    #[test]
    fn comparisons() {
        assert_eq!(progress("69"), Some((69, 69)));
        assert_eq!(progress("== 69"), Some((69, 69)));
        assert_eq!(progress(">=50"), Some((50, 100)));
        assert_eq!(progress("> 50"), Some((51, 100)));
        assert_eq!(progress("<100"), Some((0, 99)));
        assert_eq!(progress("<=5"), Some((0, 5)));
        for nonsense in ["", ">=", "<0", ">100", "101", "=50", "50%", "-1", "many"] {
            assert_eq!(progress(nonsense), None, "{nonsense}");
        }
    }
}
