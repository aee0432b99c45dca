//! Decides everything that will go wrong with a call, before anything is done: a pure function.

use wildmatch::WildMatch;

use super::rule::{Effect, Match, Rule};
use crate::domain::ApiError;
use crate::protocol::Call;

/// What will go wrong.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict<'r> {
    /// The rule that struck.
    pub struck: Option<&'r str>,
    /// The refusal.
    pub refusal: Option<&'r ApiError>,
}

/// Judges a call: rules in order, the first refusal wins.
pub fn judge<'r>(rules: &'r [Rule], call: &Call<'_>) -> Verdict<'r> {
    match rules.iter().find(|rule| matches(&rule.matches, call)) {
        Some(Rule { id, effect: Effect::Error(error), .. }) => {
            Verdict { struck: Some(id), refusal: Some(error) }
        }
        None => Verdict::default(),
    }
}

fn matches(wanted: &Match, call: &Call<'_>) -> bool {
    let action = wanted.actions.is_empty()
        || wanted.actions.iter().any(|action| action == "*" || action == call.action);
    let account = wanted.account.as_deref().is_none_or(|account| call.claims.access_key_id == Some(account));
    action
        && account
        && wanted.params.iter().all(|(name, pattern)| {
            call.params.get(name).is_some_and(|value| WildMatch::new(pattern).matches(value))
        })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::*;
    use crate::domain::Code;
    use crate::protocol::decode;

    fn strikes(matches: Match) -> bool {
        let rule = Rule { id: "r".into(), matches, effect: Effect::Error(Code::SERVER_ERROR.into()) };
        let request = Request::get("/?Action=GetLastOnceTaskInfo&TaskType=IMAGE_SCAN&AccessKeyId=a")
            .body(Bytes::new())
            .unwrap();
        let decoded = decode(&request, 9).unwrap();
        judge(&[rule], &decoded.call(&request)).refusal.is_some()
    }

    #[test]
    fn all_conditions_must_hold() {
        let params = |pattern: &str| vec![("TaskType".to_owned(), pattern.to_owned())];
        assert!(strikes(Match::default()));
        assert!(strikes(Match { actions: vec!["*".into()], ..Match::default() }));
        assert!(strikes(Match { account: Some("a".into()), params: params("IMAGE_*"), ..Match::default() }));
        assert!(!strikes(Match { account: Some("a".into()), params: params("VUL_*"), ..Match::default() }));
        assert!(!strikes(Match { actions: vec!["CancelOnceTask".into()], ..Match::default() }));
        assert!(!strikes(Match { account: Some("b".into()), ..Match::default() }));
    }
}
