//! `world:` — what servers every account has, and what findings they have.

use serde::Deserialize;

use super::baseline::{BaselineKeys, CheckKeys};
use super::values::{GroupName, Shares};
use super::vulnerabilities::VulnerabilityKeys;
use crate::domain::asset::Edition;
use crate::domain::bounds::SERVERS;
use crate::posture::Settings;
use crate::posture::exposure::ExposureSettings;
use crate::text::limited::AtMost;
use crate::text::share::Share;

/// Keys about the servers, and a group of keys for each kind of finding.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "a world such as { servers: 100, windows: 20% }")]
pub(super) struct PostureKeys {
    /// How many servers every account has, those of `assets:` included. What follows is of the others.
    pub(super) servers: Option<AtMost<SERVERS>>,
    /// How many run Windows; the others run Linux.
    pub(super) windows: Option<Share>,
    /// How many have no agent.
    pub(super) uninstalled: Option<Share>,
    /// How many of those with an agent are offline.
    pub(super) offline: Option<Share>,
    /// What is paid for a server of which neither `editions:` nor `assets:` says it; `enterprise` if left out.
    pub(super) edition: Option<Edition>,
    /// How many are of each edition.
    pub(super) editions: Option<Shares<Edition>>,
    /// How many stand in each region; the others stand in cn-hangzhou.
    pub(super) regions: Option<Shares<String>>,
    /// The groups of servers, and how many are in each; the others are in the default group.
    pub(super) groups: Option<Shares<GroupName>>,
    /// What vulnerabilities the servers have.
    pub(super) vulnerabilities: VulnerabilityKeys,
    /// What baseline checks find on the servers.
    baseline: BaselineKeys,
    /// What configuration checks find on the cloud products.
    checks: CheckKeys,
    /// How many servers can be reached from the internet; 10% if left out.
    exposed: Option<Share>,
}

impl PostureKeys {
    /// A group of keys of a later document is laid over that of this one key by key.
    pub(super) fn then(self, later: Self) -> Self {
        Self {
            servers: later.servers.or(self.servers),
            windows: later.windows.or(self.windows),
            uninstalled: later.uninstalled.or(self.uninstalled),
            offline: later.offline.or(self.offline),
            edition: later.edition.or(self.edition),
            editions: later.editions.or(self.editions),
            regions: later.regions.or(self.regions),
            groups: later.groups.or(self.groups),
            vulnerabilities: self.vulnerabilities.then(later.vulnerabilities),
            baseline: self.baseline.then(later.baseline),
            checks: self.checks.then(later.checks),
            exposed: later.exposed.or(self.exposed),
        }
    }
}

impl PostureKeys {
    /// What it says beside the servers.
    pub(super) fn over(self, usual: Settings) -> Settings {
        Settings {
            vulnerabilities: self.vulnerabilities.over(usual.vulnerabilities),
            baseline: self.baseline.over(usual.baseline),
            checks: self.checks.over(usual.checks),
            exposed: ExposureSettings { share: self.exposed.map_or(usual.exposed.share, Share::millionths) },
            ..usual
        }
    }
}
