//! What an account changed of its posture. Nothing at first: an account that only reads stores nothing.

use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::AlarmChanges;
use super::baseline::BaselineChanges;
use super::check::CheckChanges;
use super::configuration::Configuration;
use super::file::Files;
use super::vulnerability::VulnerabilityChanges;

/// In snapshots too, so that the names of its members are fixed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Changes {
    #[serde(skip_serializing_if = "Files::is_empty")]
    pub files: Files,
    #[serde(skip_serializing_if = "Configuration::is_empty")]
    pub configuration: Configuration,
    #[serde(skip_serializing_if = "VulnerabilityChanges::is_empty")]
    pub vulnerabilities: VulnerabilityChanges,
    #[serde(skip_serializing_if = "AlarmChanges::is_empty")]
    pub alarms: AlarmChanges,
    #[serde(skip_serializing_if = "BaselineChanges::is_empty")]
    pub baseline: BaselineChanges,
    #[serde(skip_serializing_if = "CheckChanges::is_empty")]
    pub check: CheckChanges,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The changes of one account. Most accounts have none, and a hundred thousand of those must be cheap.
#[derive(Debug, Clone, Default, Eq)]
pub struct AccountChanges(Option<Box<Changes>>);

/// What accounts show that changed nothing.
static NONE: LazyLock<Changes> = LazyLock::new(Changes::default);

impl Deref for AccountChanges {
    type Target = Changes;

    fn deref(&self) -> &Changes {
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for AccountChanges {
    fn deref_mut(&mut self) -> &mut Changes {
        self.0.get_or_insert_default()
    }
}

impl PartialEq for AccountChanges {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl From<Changes> for AccountChanges {
    fn from(changes: Changes) -> Self {
        Self((!changes.is_empty()).then(|| Box::new(changes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_without_changes_holds_a_pointer() {
        assert_eq!(size_of::<AccountChanges>(), size_of::<usize>());
        let (none, mut touched) = (AccountChanges::from(Changes::default()), AccountChanges::default());
        let _ = &mut touched.files;
        assert!(none == touched && none.0.is_none() && touched.0.is_some());
    }
}
