//! Who may do what: RAM action patterns of an account.

use wildmatch::WildMatch;

/// The service prefixes under which the product's actions are known; either may be written for any action
/// (spec/api.md §1.1: enforcement of the legacy one varies).
pub const PREFIXES: [&str; 2] = ["yundun-aegis", "yundun-sas"];

/// Whether one of the patterns covers the action `operation` (its bare name). A pattern is `prefix:Action`, a bare
/// `Action`, or either with `*` in it.
pub fn covers<'a>(patterns: impl IntoIterator<Item = &'a String>, operation: &str) -> bool {
    patterns.into_iter().any(|pattern| match pattern.split_once(':') {
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
    fn patterns() {
        let denies = |pattern: &str| covers([&pattern.to_owned()], "GetLastOnceTaskInfo");
        assert!(denies("yundun-aegis:GetLastOnceTaskInfo"));
        assert!(denies("yundun-sas:GetLastOnceTaskInfo"));
        assert!(denies("yundun-*:Get*"));
        assert!(denies("GetLastOnceTaskInfo"));
        assert!(denies("*"));
        assert!(!denies("ecs:*"));
        assert!(!denies("yundun-sas:CancelOnceTask"));
    }
}
