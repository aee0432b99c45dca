//! `world:` — what findings the servers of every account have.

use serde::Deserialize;

use crate::posture::Settings;

/// A group of keys for each kind of finding.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "groups of keys of a world")]
pub(super) struct PostureKeys {}

impl PostureKeys {
    pub(super) fn then(self, _later: Self) -> Self {
        self
    }

    pub(super) fn over(self, usual: Settings) -> Settings {
        usual
    }
}
