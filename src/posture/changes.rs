//! What an account changed of its posture. Nothing at first: an account that only reads stores nothing.

use serde::{Deserialize, Serialize};

use super::AlarmChanges;
use super::baseline::BaselineChanges;
use super::check::CheckChanges;
use super::file::Files;
use super::vulnerability::VulnerabilityChanges;

/// In snapshots too, so that the names of its members are fixed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Changes {
    #[serde(skip_serializing_if = "Files::is_empty")]
    pub files: Files,
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
