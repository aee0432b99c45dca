//! The kinds of scan. Lists differ between pages and grew over time, so all twelve are accepted everywhere
//! (spec/api.md §2.2) and unknown names are carried, not refused.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A `TaskType` as the wire spells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskType(Cow<'static, str>);

/// The documented values and what each scans.
pub static TASK_TYPES: &[(&str, &str)] = &[
    ("AI_SECURITY_CHECK", "synchronise AI assets"),
    ("ASSETS_COLLECTION", "collect asset fingerprints"),
    ("ASSET_EXPOSURE_SCAN", "exposure of assets"),
    ("ASSET_REFRESH_HOST", "refresh the list of hosts"),
    ("ASSET_SECURITY_CHECK", "collect assets"),
    ("ATTACK_SURFACE_SCAN", "border assets of the attack surface"),
    ("CLIENT_DEV_OPS", "operate the agent"),
    ("CLIENT_PROBLEM_CHECK", "find out why an agent is in trouble"),
    ("IDC_PROBE_SCAN", "probe a data centre"),
    ("IMAGE_REGISTRY_PULL", "pull images from a registry"),
    ("IMAGE_SCAN", "scan container images"),
    ("VUL_CHECK_TASK", "look for vulnerabilities"),
];

impl TaskType {
    /// The type of that name; a documented one costs no memory.
    pub fn new(name: &str) -> Self {
        match TASK_TYPES.iter().find(|(known, _)| *known == name) {
            Some((known, _)) => Self(Cow::Borrowed(known)),
            None => Self(Cow::Owned(name.to_owned())),
        }
    }

    /// As the wire spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the vendor's pages list it.
    pub fn is_documented(&self) -> bool {
        TASK_TYPES.iter().any(|(known, _)| *known == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_sorted_types() {
        assert_eq!(TASK_TYPES.len(), 12);
        assert!(TASK_TYPES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn unknown_names_are_carried() {
        assert!(!TaskType::new("NEXT_YEARS_SCAN").is_documented());
        assert_eq!(TaskType::new("NEXT_YEARS_SCAN").as_str(), "NEXT_YEARS_SCAN");
    }
}
