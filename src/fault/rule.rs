//! A rule: which calls it is for, and what it does to them.

use crate::domain::ApiError;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What logs call it.
    pub id: String,
    /// Which calls it is for.
    pub matches: Match,
    /// What it does to them.
    pub effect: Effect,
}

/// Which calls: all of these must hold; an empty one holds for every call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Match {
    /// Operations; none means any.
    pub actions: Vec<String>,
    /// AccessKeyId that the call claims.
    pub account: Option<String>,
    /// Parameters and patterns (`*` and `?`) for their values.
    pub params: Vec<(String, String)>,
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The call is refused with this error; the service never hears of it.
    Error(ApiError),
}
