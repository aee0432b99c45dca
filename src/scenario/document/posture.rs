//! `world:` — what findings the servers of every account have.

use serde::Deserialize;

use super::configuration::ConfigurationKey;
use super::files::FileKeys;
use crate::posture::Settings;

/// A group of keys for each kind of finding.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "groups of keys of a world")]
pub(super) struct PostureKeys {
    /// What becomes of files that are sent for detection.
    files: FileKeys,
    /// The settings that every account has at the start.
    configuration: ConfigurationKey,
}

impl PostureKeys {
    pub(super) fn then(self, later: Self) -> Self {
        Self { files: self.files.then(later.files), configuration: self.configuration.then(later.configuration) }
    }

    pub(super) fn over(self, usual: Settings) -> Settings {
        Settings {
            files: self.files.over(usual.files),
            configuration: self.configuration.over(usual.configuration),
        }
    }
}
