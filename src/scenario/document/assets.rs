//! `assets:` — the servers of every account — and `limits:`.

use serde::Deserialize;

use crate::domain::Server;
use crate::domain::server::{Agent, Edition};
use crate::domain::world::TaskLimits;

/// One server; what is not said of it is invented.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssetKeys {
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

/// The servers of a list.
pub(super) fn servers(list: Vec<AssetKeys>) -> Vec<Server> {
    (1..).zip(list).map(|(number, keys)| server(number, keys)).collect()
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

/// `limits: { running_tasks: 10, kept_tasks: 10000 }`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitKeys {
    running_tasks: usize,
    kept_tasks: usize,
}

impl Default for LimitKeys {
    fn default() -> Self {
        let TaskLimits { running, kept } = TaskLimits::default();
        Self { running_tasks: running, kept_tasks: kept }
    }
}

impl From<LimitKeys> for TaskLimits {
    fn from(keys: LimitKeys) -> Self {
        Self { running: keys.running_tasks, kept: keys.kept_tasks }
    }
}
