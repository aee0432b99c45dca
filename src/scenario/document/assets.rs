//! `assets:` — the servers of every account — and `limits:`.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::values;
use crate::domain::Server;
use crate::domain::server::{Agent, Edition};
use crate::domain::world::TaskLimits;

/// The servers, checked as a whole.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Vec<AssetKeys>")]
pub(super) struct Assets(pub(super) Vec<Server>);

/// One server; what is not said of it is invented.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AssetKeys {
    uuid: Option<String>,
    instance_id: Option<String>,
    name: Option<String>,
    internet_ip: Option<String>,
    intranet_ip: Option<String>,
    region: Option<String>,
    os: Option<String>,
    online: Option<bool>,
    /// Whether it has an agent.
    agent: Option<AgentKey>,
    edition: Option<Edition>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AgentKey {
    Installed,
    Missing,
}

impl TryFrom<Vec<AssetKeys>> for Assets {
    type Error = String;

    fn try_from(list: Vec<AssetKeys>) -> Result<Self, Self::Error> {
        let servers: Vec<Server> = (1..).zip(list).map(|(number, keys)| server(number, keys)).collect();
        let mut ids = BTreeSet::new();
        for id in servers.iter().flat_map(|server| [&server.uuid, &server.instance_id]) {
            if !ids.insert(id) {
                return Err(format!("two servers, or a server's uuid and instance_id, are called {id:?}"));
            }
        }
        Ok(Self(servers))
    }
}

fn server(number: u32, keys: AssetKeys) -> Server {
    let invented = Server::invented(number);
    Server {
        uuid: keys.uuid.unwrap_or(invented.uuid),
        instance_id: keys.instance_id.unwrap_or(invented.instance_id),
        name: keys.name.unwrap_or(invented.name),
        internet_ip: keys.internet_ip.unwrap_or(invented.internet_ip),
        intranet_ip: keys.intranet_ip.unwrap_or(invented.intranet_ip),
        region: keys.region.unwrap_or(invented.region),
        os: keys.os.unwrap_or(invented.os),
        online: keys.online.unwrap_or(invented.online),
        agent: match keys.agent {
            Some(AgentKey::Installed) => Agent::Installed,
            Some(AgentKey::Missing) => Agent::Missing,
            None => invented.agent,
        },
        edition: keys.edition.unwrap_or(invented.edition),
    }
}

/// `limits: { running_tasks: 10, kept_tasks: 10000, cycle_tasks: 100 }`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitKeys {
    #[serde(rename = "running_tasks", deserialize_with = "values::count")]
    running: usize,
    #[serde(rename = "kept_tasks", deserialize_with = "values::count")]
    kept: usize,
    #[serde(rename = "cycle_tasks", deserialize_with = "values::count")]
    cycles: usize,
}

impl Default for LimitKeys {
    fn default() -> Self {
        let TaskLimits { running, kept, cycles } = TaskLimits::default();
        Self { running, kept, cycles }
    }
}

impl From<LimitKeys> for TaskLimits {
    fn from(keys: LimitKeys) -> Self {
        Self { running: keys.running, kept: keys.kept, cycles: keys.cycles }
    }
}
