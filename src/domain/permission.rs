//! The RAM policy of an account, and the error for what it does not allow.

use wildmatch::WildMatch;

use super::error::{ApiError, Code};
use super::reply::{Value, members};

/// The service prefixes under which the product's actions are known; either may be written for any action
/// (spec/api.md §1.1: enforcement of the legacy one varies).
pub(crate) const PREFIXES: [&str; 2] = ["yundun-aegis", "yundun-sas"];

/// The actions an account may use. Each pattern is `prefix:Action`, a bare `Action`, or either with `*` in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Refused even where allowed.
    pub deny: Vec<String>,
    /// If given, everything else is refused.
    pub allow: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    Explicit,
    Implicit,
}

impl Policy {
    /// Why the operation of that bare name is refused, if it is.
    pub fn denial(&self, operation: &str) -> Option<Denial> {
        if covers(&self.deny, operation) {
            return Some(Denial::Explicit);
        }
        let is_allowed = self.allow.as_ref().is_none_or(|allowed| covers(allowed, operation));
        (!is_allowed).then_some(Denial::Implicit)
    }
}

impl Denial {
    /// The error, with the `AccessDeniedDetail` of real ones (spec/protocol.md §4.1): `action` as RAM calls it, and the
    /// caller's AccessKeyId. There is no encoded message for diagnosis: only the vendor could decode one.
    pub fn error(self, action: String, access_key_id: &str) -> ApiError {
        let is_role = access_key_id.starts_with("STS.");
        let members = members! {
            "PolicyType": "AccountLevelIdentityBasedPolicy",
            // The number of the cloud account that all AccessKeys belong to; an invented one.
            "AuthPrincipalOwnerId": "1000000000000000",
            "AuthPrincipalType": if is_role { "AssumedRoleUser" } else { "SubUser" },
            "NoPermissionType": if self == Self::Explicit { "ExplicitDeny" } else { "ImplicitDeny" },
            "AuthPrincipalDisplayName": access_key_id.to_owned(),
            "AuthAction": action,
        };
        ApiError { access_denied: Some(Value::Map(members)), ..Code::NO_PERMISSION.into() }
    }
}

fn covers(patterns: &[String], operation: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.split_once(':') {
        Some((prefix, action)) => {
            let prefix = WildMatch::new(prefix);
            PREFIXES.iter().any(|known| prefix.matches(known)) && WildMatch::new(action).matches(operation)
        }
        None => WildMatch::new(pattern).matches(operation),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_with_and_without_prefix() {
        let denies = |pattern: &str| covers(&[pattern.to_owned()], "GetLastOnceTaskInfo");
        let bare = "GetLastOnceTaskInfo";
        for pattern in
            [&format!("yundun-aegis:{bare}"), &format!("yundun-sas:{bare}"), "yundun-*:Get*", bare, "*"]
        {
            assert!(denies(pattern), "{pattern}");
        }
        assert!(!denies("ecs:*") && !denies("yundun-sas:CancelOnceTask"));
    }

    #[test]
    fn deny_wins_over_allow() {
        let owned = |patterns: &[&str]| patterns.iter().map(ToString::to_string).collect();
        let policy =
            |deny: &[&str], allow: Option<&[&str]>| Policy { deny: owned(deny), allow: allow.map(owned) };
        assert_eq!(policy(&[], None).denial("ExportVul"), None);
        assert_eq!(policy(&[], Some(&["Describe*"])).denial("ExportVul"), Some(Denial::Implicit));
        assert_eq!(policy(&[], Some(&["yundun-sas:Export*"])).denial("ExportVul"), None);
        assert_eq!(policy(&["ExportVul"], Some(&["*"])).denial("ExportVul"), Some(Denial::Explicit));
        assert_eq!(policy(&[], Some(&[])).denial("ExportVul"), Some(Denial::Implicit));
    }
}
