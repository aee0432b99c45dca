//! What an account changed of its posture. Nothing at first: an account that only reads stores nothing.

use serde::{Deserialize, Serialize};

use super::file::Files;

/// In snapshots too, so that the names of its members are fixed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Changes {
    #[serde(skip_serializing_if = "Files::is_empty")]
    pub files: Files,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
