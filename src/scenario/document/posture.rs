//! `world:` — what findings the servers of every account have.

use serde::Deserialize;

use super::baseline::{BaselineKeys, CheckKeys};
use crate::posture::Settings;
use crate::posture::exposure::ExposureSettings;
use crate::text::share::Share;

/// A group of keys for each kind of finding.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "groups of keys of a world")]
pub(super) struct PostureKeys {
    /// What baseline checks find on the servers.
    baseline: BaselineKeys,
    /// What configuration checks find on the cloud products.
    checks: CheckKeys,
    /// How many servers can be reached from the internet; 10% if left out.
    exposed: Option<Share>,
}

impl PostureKeys {
    pub(super) fn then(self, later: Self) -> Self {
        Self {
            baseline: self.baseline.then(later.baseline),
            checks: self.checks.then(later.checks),
            exposed: later.exposed.or(self.exposed),
        }
    }

    pub(super) fn over(self, usual: Settings) -> Settings {
        Settings {
            baseline: self.baseline.over(usual.baseline),
            checks: self.checks.over(usual.checks),
            exposed: ExposureSettings { share: self.exposed.map_or(usual.exposed.share, Share::millionths) },
        }
    }
}
