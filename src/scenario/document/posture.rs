//! `world:` — what servers every account has, and what findings they have.

use serde::Deserialize;

use super::overlaid;
use super::values::{GroupName, Shares};
use crate::domain::asset::Edition;
use crate::domain::bounds::SERVERS;
use crate::posture::Settings;
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
}

overlaid!(PostureKeys { servers, windows, uninstalled, offline, edition, editions, regions, groups });

impl PostureKeys {
    /// What it says beside the servers.
    pub(super) fn over(self, usual: Settings) -> Settings {
        usual
    }
}
