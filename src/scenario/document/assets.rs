//! `assets:` — the servers of every account.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::filled;
use crate::domain::Server;
use crate::domain::asset::{Agent, Edition};
use crate::domain::bounds::SERVERS;
use crate::text::limited::ListOf;

/// The servers, checked as a whole.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "ListOf<AssetKeys, SERVERS>"))]
#[serde(try_from = "ListOf<AssetKeys, SERVERS>")]
pub(super) struct Assets(pub(super) Vec<Server>);

/// One server; what is not said of it is invented.
#[derive(Deserialize)]
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
        let server = |(number, keys): (u32, AssetKeys)| keys.over(Server::synthetic(number));
        let servers: Vec<Server> = (1..).zip(list).map(server).collect();
        let mut ids = BTreeSet::new();
        for id in servers.iter().flat_map(|server| [&server.uuid, &server.instance_id]) {
            if !ids.insert(id) {
                return Err(format!("two servers, or a server's uuid and instance_id, are called {id:?}"));
            }
        }
        Ok(Self(servers))
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

filled!(AssetKeys {
    uuid, instance_id, name, internet_ip, intranet_ip, region, os, online, agent, edition
} -> Server);
