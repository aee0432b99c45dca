//! The RAM policy of an account.

use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

use super::product::Product;

/// The actions an account may use. Each pattern is `prefix:Action`, a bare `Action`, or either with `*` in it. Any prefix of
/// a product may be written for any of its actions (spec/api.md §1.1: enforcement of the legacy one varies).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Refused even where allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
    /// If given, everything else is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    Explicit,
    Implicit,
}

impl Policy {
    /// Why the operation of that bare name is refused, if it is.
    pub fn denial(&self, product: &Product, operation: &str) -> Option<Denial> {
        if covers(&self.deny, product, operation) {
            return Some(Denial::Explicit);
        }
        let is_allowed = self.allow.as_ref().is_none_or(|allowed| covers(allowed, product, operation));
        (!is_allowed).then_some(Denial::Implicit)
    }
}

fn covers(patterns: &[String], product: &Product, operation: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.split_once(':') {
        Some((prefix, action)) => {
            let prefix = WildMatch::new(prefix);
            product.ram_prefixes.iter().any(|known| prefix.matches(known))
                && WildMatch::new(action).matches(operation)
        }
        None => WildMatch::new(pattern).matches(operation),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_with_and_without_prefix() {
        let denies = |pattern: &str| covers(&[pattern.to_owned()], Product::SAS, "GetLastOnceTaskInfo");
        let bare = "GetLastOnceTaskInfo";
        for pattern in
            [&format!("yundun-aegis:{bare}"), &format!("yundun-sas:{bare}"), "yundun-*:Get*", bare, "*"]
        {
            assert!(denies(pattern), "{pattern}");
        }
        assert!(!denies("ecs:*") && !denies("yundun-sas:CancelOnceTask"));
        let regions = |pattern: &str| covers(&[pattern.to_owned()], Product::ECS, "DescribeRegions");
        assert!(regions("ecs:*") && regions("DescribeRegions") && regions("*"));
        assert!(!regions("yundun-*:*") && !regions("sts:DescribeRegions"));
    }

    #[test]
    fn deny_wins_over_allow() {
        let owned = |patterns: &[&str]| patterns.iter().map(ToString::to_string).collect();
        let policy =
            |deny: &[&str], allow: Option<&[&str]>| Policy { deny: owned(deny), allow: allow.map(owned) };
        assert_eq!(policy(&[], None).denial(Product::SAS, "ExportVul"), None);
        assert_eq!(
            policy(&[], Some(&["Describe*"])).denial(Product::SAS, "ExportVul"),
            Some(Denial::Implicit)
        );
        assert_eq!(policy(&[], Some(&["yundun-sas:Export*"])).denial(Product::SAS, "ExportVul"), None);
        assert_eq!(
            policy(&["ExportVul"], Some(&["*"])).denial(Product::SAS, "ExportVul"),
            Some(Denial::Explicit)
        );
        assert_eq!(policy(&[], Some(&[])).denial(Product::SAS, "ExportVul"), Some(Denial::Implicit));
    }
}
