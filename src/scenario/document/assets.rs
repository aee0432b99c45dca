//! `assets:` — servers of every account, listed.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::values::GroupName;
use crate::domain::Server;
use crate::domain::asset::{Agent, Edition};
use crate::domain::bounds::{ASSET_GROUPS, SERVERS};
use crate::text::limited::ListOf;

/// Servers, checked as a whole; the n-th is made from the n-th synthetic one.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "ListOf<AssetKeys, SERVERS>"))]
#[serde(try_from = "ListOf<AssetKeys, SERVERS>")]
pub(super) struct Assets(Vec<AssetKeys>);

/// One server; what is not said of it is invented.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a server such as { name: web-1, os: linux }")]
struct AssetKeys {
    /// Its id within Security Center.
    uuid: Option<String>,
    /// Its id as an ECS instance.
    instance_id: Option<String>,
    /// What people call it.
    name: Option<String>,
    /// Its public address.
    internet_ip: Option<String>,
    /// Its private address.
    intranet_ip: Option<String>,
    /// Where it stands.
    region: Option<String>,
    /// `linux` or `windows`.
    os: Option<String>,
    /// Whether its agent, once installed, answers.
    online: Option<bool>,
    /// Whether it has an agent.
    agent: Option<AgentKey>,
    /// What is paid for it; checks cannot be pushed to a free one.
    edition: Option<Edition>,
    /// The name of its group.
    group: Option<GroupName>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum AgentKey {
    Installed,
    Missing,
}

impl TryFrom<ListOf<AssetKeys, SERVERS>> for Assets {
    type Error = String;

    fn try_from(ListOf(list): ListOf<AssetKeys, SERVERS>) -> Result<Self, Self::Error> {
        let numbered = (1..).zip(&list).map(|(number, keys)| (keys, Server::synthetic(number)));
        let named = numbered.flat_map(|(keys, usual)| {
            let or = |key: &Option<String>, usual| key.clone().unwrap_or(usual);
            [or(&keys.uuid, usual.uuid), or(&keys.instance_id, usual.instance_id)]
        });
        let mut ids = BTreeSet::new();
        for id in named {
            if let Some(id) = ids.replace(id) {
                return Err(format!("two servers, or a server's uuid and instance_id, are called {id:?}"));
            }
        }
        let groups: BTreeSet<_> = list.iter().filter_map(|keys| keys.group.as_ref()).collect();
        if groups.len() > ASSET_GROUPS as usize {
            return Err(format!(
                "expected servers of at most {ASSET_GROUPS} groups, not of {}",
                groups.len()
            ));
        }
        Ok(Self(list))
    }
}

impl From<AgentKey> for Agent {
    fn from(key: AgentKey) -> Self {
        match key {
            AgentKey::Installed => Self::Installed,
            AgentKey::Missing => Self::Missing,
        }
    }
}

impl Assets {
    /// The servers, where `groups` gives the id of a group's name.
    pub(super) fn servers(self, edition: Edition, mut group: impl FnMut(String) -> i64) -> Vec<Server> {
        let server = |(number, keys): (u32, AssetKeys)| {
            let usual = Server { edition, ..Server::synthetic(number) };
            Server {
                uuid: keys.uuid.unwrap_or(usual.uuid),
                instance_id: keys.instance_id.unwrap_or(usual.instance_id),
                name: keys.name.unwrap_or(usual.name),
                internet_ip: keys.internet_ip.unwrap_or(usual.internet_ip),
                intranet_ip: keys.intranet_ip.unwrap_or(usual.intranet_ip),
                region: keys.region.unwrap_or(usual.region),
                os: keys.os.unwrap_or(usual.os),
                online: keys.online.unwrap_or(usual.online),
                agent: keys.agent.map_or(usual.agent, Into::into),
                edition: keys.edition.unwrap_or(usual.edition),
                group: keys.group.map_or(usual.group, |GroupName(name)| group(name)),
            }
        };
        (1..).zip(self.0).map(server).collect()
    }
}
