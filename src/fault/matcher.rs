//! `match:` — which calls a rule is for.
//!
//! A name that no call can have is refused: a rule with one would silently never fire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::header::ConditionHeader;
use crate::domain::State;
use crate::domain::keyring::is_possible_id;
use crate::domain::state::Status;
use crate::operations::names;
use crate::protocol::{Call, Scheme};
use crate::text::bounds::Bounds;
use crate::text::by_hand::checked;
use crate::text::scalar::Scalar;

/// Which calls; all of these must hold, and an empty one holds for every call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(remote = "Self", deny_unknown_fields, default)]
#[serde(expecting = "calls such as { action: GetLastOnceTaskInfo }")]
pub struct Match {
    /// The operation: a name or a pattern with `*` and `?`, or a list of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<OneOrMore>,
    /// The caller's AccessKeyId.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Parameters and patterns for their values; `*` and `?` are wild.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Scalar>,
    /// Headers and patterns for their values; `*` and `?` are wild. Names have no case.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub header: BTreeMap<ConditionHeader, Scalar>,
    /// How the call is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// What the task shows that the call is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskMatch>,
}

/// A name or a list of names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "expected a name or a list of names")]
pub enum OneOrMore {
    /// A name.
    One(#[cfg_attr(test, schemars(with = "schema::ActionName"))] String),
    /// A list.
    More(#[cfg_attr(test, schemars(with = "Vec<schema::ActionName>"))] Vec<String>),
}

/// What the task shows that a call is about. It holds for no call about no task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a state such as { status: START, progress: \">=50\" }")]
pub struct TaskMatch {
    /// Its status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Its Progress: `50`, or a comparison such as `">=50"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(schema_with = "schema::comparison"))]
    pub progress: Option<Percentage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Scalar", into = "Scalar")]
pub struct Percentage(Bounds<u8>);

impl TryFrom<Scalar> for Percentage {
    type Error = String;

    fn try_from(Scalar(text): Scalar) -> Result<Self, String> {
        let percent = |text: &str| text.parse().ok().filter(|percent| *percent <= 100);
        let above = |least| Some(least + 1).filter(|least| *least <= 100);
        let bounds = Bounds::read(&text, 0, percent, above, |most: u8| most.checked_sub(1));
        bounds.filter(|_| !text.contains("..")).map(Self).ok_or_else(|| {
            format!("{text:?} is not a comparison that a percentage can meet; expected one such as \">=50\", \"<100\" or 69")
        })
    }
}

impl From<Percentage> for Scalar {
    fn from(Percentage(bounds): Percentage) -> Self {
        Self(bounds.written(0))
    }
}

checked!(Match);

/// Conditions that are read and not yet checked.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct UncheckedMatch(#[serde(deserialize_with = "Match::deserialize")] pub(crate) Match);

impl Match {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it holds for a call of that account. `task` is called for the task that it is about, once and only if all
    /// else holds.
    pub fn covers(&self, call: &Call<'_>, caller: &str, task: impl FnOnce() -> Option<State>) -> bool {
        let actions = self.actions();
        let action = actions.is_empty() || actions.iter().any(|name| names::is_for(name, call.action));
        let account = self.account.as_deref().is_none_or(|account| account == caller);
        let scheme = self.scheme.is_none_or(|scheme| scheme == call.claims.scheme);
        // Of a list, any member may have the value.
        let has = |(name, Scalar(pattern)): (&String, &Scalar)| {
            let pattern = wildmatch::WildMatch::new(pattern);
            call.params
                .get(name)
                .into_iter()
                .chain(call.params.list(name))
                .any(|value| pattern.matches(value))
        };
        let params = || self.params.iter().all(has);
        let headers = || {
            let sent = call.request.headers();
            self.header.iter().all(|(name, Scalar(pattern))| name.holds(sent, pattern))
        };
        let holds = |TaskMatch { status, progress }: TaskMatch, state: State| {
            status.is_none_or(|status| status == state.status)
                && progress.is_none_or(|Percentage(wanted)| wanted.hold(state.progress))
        };
        let task = || self.task.is_none_or(|wanted| task().is_some_and(|state| holds(wanted, state)));
        action && account && scheme && params() && headers() && task()
    }

    /// The operations that it names; empty if it names none.
    pub(crate) fn actions(&self) -> &[String] {
        match &self.action {
            None => &[],
            Some(OneOrMore::One(name)) => std::slice::from_ref(name),
            Some(OneOrMore::More(names)) => names,
        }
    }

    /// Refuses what no call can have.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.check_caller()?;
        names::check_call(self.actions(), &self.params)
    }

    /// Refuses operations and accounts that do not exist. Parameters are taken as they stand.
    pub(crate) fn check_caller(&self) -> Result<(), String> {
        if self.action.is_some() && self.actions().is_empty() {
            let message = r#"an empty list of operations; leave action out, or write "*", to mean every one"#;
            return Err(message.to_owned());
        }
        self.actions().iter().try_for_each(|action| names::check_action(action))?;
        match self.account.as_ref().filter(|account| !is_possible_id(account)) {
            Some(account) => Err(format!(
                "{account:?} is not an AccessKeyId; expected the whole id of one account, without patterns"
            )),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
pub(crate) mod schema {
    use schemars::{Schema, SchemaGenerator, json_schema};

    use crate::operations::OPERATIONS;
    use crate::text::schema::{described, text};

    /// An operation. Modelled ones are offered; all others of the product pass here and are judged by the parser.
    pub(crate) struct ActionName;

    described! {
        ActionName = json_schema!({ "anyOf": [
            { "enum": std::iter::once("*").chain(OPERATIONS.iter().map(|row| row.name)).collect::<Vec<_>>() },
            { "type": "string", "pattern": r"^[A-Z*?][A-Za-z0-9*?]+$" },
        ] });
    }

    pub(super) fn comparison(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": 100 },
            text(r" *(==|>=|<=|>|<)? *[0-9]{1,3} *", &[">=50", "<100"]),
        ] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons() {
        let read = |text: &str| Percentage::try_from(Scalar(text.to_owned())).ok();
        let progress = |text| read(text).map(|Percentage(bounds)| (bounds.least, bounds.most));
        let bounds = [(69, Some(69)), (69, Some(69)), (50, None), (51, None), (0, Some(99)), (0, Some(5))];
        assert_eq!(["69", "== 69", ">=50", "> 50", "<100", "<=5"].map(progress), bounds.map(Some));
        for nonsense in ["", ">=", "<0", ">100", "101", "=50", "50%", "-1", "many", "5..9"] {
            assert_eq!(progress(nonsense), None, "{nonsense}");
        }
    }
}
