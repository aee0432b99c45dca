//! The servers of an account: a list that accounts share, and what the account changed of it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::asset::{Agent, Edition, Server};
use super::bounds::SERVERS;
use super::targets::{Target, Targets};
use super::task_type::TargetKind;
use crate::posture::{Fleet, Platform};
use crate::text::limited::{ListOf, too_long};

/// Servers that accounts share, as those of a scenario, with the targets of a task on all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerList {
    servers: Box<[Server]>,
    /// None while an agent is being installed: then they depend on the time.
    targets: Option<Targets>,
    /// Those that can have findings: an agent had looked at them before the account began.
    fleet: Fleet,
}

impl From<Vec<Server>> for ServerList {
    fn from(servers: Vec<Server>) -> Self {
        let is_settled = !servers.iter().any(|server| matches!(server.agent, Agent::Installing { .. }));
        let targets = is_settled
            .then(|| Targets::new(servers.iter().map(|server| server.target(Timestamp::MIN)).collect()));
        let scanned = |server: &Server| (server.agent == Agent::Installed).then(|| Platform::of(&server.os));
        let fleet = Fleet::new(servers.iter().map(scanned));
        Self { servers: servers.into(), targets, fleet }
    }
}

impl ServerList {
    /// The targets of a task on all of them, where they do not depend on the time.
    pub fn targets(&self) -> Option<&Targets> {
        self.targets.as_ref()
    }

    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }
}

/// All else follows from the servers.
impl Hash for ServerList {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.servers.hash(state);
    }
}

impl Deref for ServerList {
    type Target = [Server];

    fn deref(&self) -> &[Server] {
        &self.servers
    }
}

impl Serialize for ServerList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.servers.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ServerList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ListOf::<Server, SERVERS>::deserialize(deserializer).map(|ListOf(servers)| servers.into())
    }
}

/// The servers of one account. Serialised, it is what the account changed, by place in the list; of the first version of
/// snapshots it reads a whole list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Servers {
    list: Arc<ServerList>,
    changed: BTreeMap<usize, Server>,
}

impl Servers {
    pub fn new(list: Arc<ServerList>) -> Self {
        Self { list, changed: BTreeMap::new() }
    }

    pub fn list(&self) -> &Arc<ServerList> {
        &self.list
    }

    /// Puts another list in place of the shared one; false if what was changed is not in it.
    pub fn set_list(&mut self, list: Arc<ServerList>) -> bool {
        self.list = list;
        self.changed.keys().all(|place| *place < self.list.len())
    }

    pub fn is_unchanged(&self) -> bool {
        self.changed.is_empty()
    }

    /// Whether an agent is still being installed.
    pub fn is_installing(&self, now: Timestamp) -> bool {
        let is_new = |server: &Server| matches!(server.agent, Agent::Installing { .. });
        let is_under_way = |server: &Server| is_new(server) && !server.has_agent(now);
        // In a list of the first version of snapshots one may be under way.
        let list = self.list.targets().is_none() && self.iter().any(is_under_way);
        list || self.changed.values().any(is_under_way)
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// The server at a place of the list.
    pub fn get(&self, place: usize) -> Option<&Server> {
        self.changed.get(&place).or_else(|| self.list.get(place))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Server> + Clone {
        self.list.iter().enumerate().map(|(place, shared)| self.changed.get(&place).unwrap_or(shared))
    }

    /// The server of that UUID or instance id.
    pub fn find(&self, id: &str) -> Option<&Server> {
        self.iter().find(|server| server.uuid == id || server.instance_id == id)
    }

    /// A server to change: from now on the account has its own copy of this one.
    pub fn change(&mut self, place: usize) -> Option<&mut Server> {
        let shared = self.list.get(place)?;
        Some(self.changed.entry(place).or_insert_with(|| shared.clone()))
    }

    pub fn best_edition(&self) -> Edition {
        self.iter().map(|server| server.edition).max().unwrap_or(Edition::Free)
    }

    /// The targets of a task on all servers, where accounts share them: until a server is changed.
    pub fn shared_targets(&self) -> Option<&Targets> {
        self.list.targets().filter(|_| self.is_unchanged())
    }
}

/// Servers by each of their two ids, arranged when the first one is looked up.
pub(crate) struct ServersById<'a> {
    servers: &'a Servers,
    by_id: OnceCell<HashMap<&'a str, (usize, &'a Server)>>,
}

impl<'a> ServersById<'a> {
    pub(crate) fn new(servers: &'a Servers) -> Self {
        Self { servers, by_id: OnceCell::new() }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&'a Server> {
        self.find(id).map(|(_, server)| server)
    }

    /// The server and its place.
    pub(crate) fn find(&self, id: &str) -> Option<(usize, &'a Server)> {
        let by_id = self.by_id.get_or_init(|| {
            let mut by_id = HashMap::new();
            for (place, server) in self.servers.iter().enumerate() {
                // Of two with one id the first counts.
                by_id.entry(&*server.uuid).or_insert((place, server));
                by_id.entry(&*server.instance_id).or_insert((place, server));
            }
            by_id
        });
        by_id.get(id).copied()
    }
}

impl Server {
    /// Its subtask fails if it is offline when the task starts.
    pub fn target(&self, now: Timestamp) -> Target {
        Target { id: self.uuid.as_str().into(), kind: TargetKind::Server, fails: !self.is_online(now) }
    }
}

impl Serialize for Servers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.changed.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Servers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Servers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("servers, all of them or the changed ones by place")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Servers, A::Error> {
                let mut servers = Vec::new();
                while let Some(server) = seq.next_element()? {
                    if servers.len() >= SERVERS as usize {
                        return Err(serde::de::Error::custom(too_long(SERVERS)));
                    }
                    servers.push(server);
                }
                Ok(Servers::new(Arc::new(servers.into())))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Servers, A::Error> {
                let mut servers = Servers::default();
                while let Some((place, server)) = map.next_entry()? {
                    servers.changed.insert(place, server);
                }
                Ok(servers)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::at;

    fn defaults() -> Servers {
        Servers::new(Arc::new(Server::defaults().into()))
    }

    #[test]
    fn a_list_is_shared_and_a_change_copies_one_server() {
        let one = defaults();
        let mut two = one.clone();
        let changed = two.change(3).unwrap();
        changed.agent = Agent::Installing { since: at(0) };
        assert!(two.change(5).is_none());
        assert!(Arc::ptr_eq(&one.list, &two.list) && one.is_unchanged());
        assert_eq!((two.changed.len(), two.len(), two.iter().count()), (1, 5, 5));
        assert_eq!(two.find("i-emulated0004").unwrap().agent, Agent::Installing { since: at(0) });
        assert_eq!(one.find("i-emulated0004").unwrap().agent, Agent::Installed);
        assert_eq!([two.is_installing(at(19)), two.is_installing(at(20))], [true, false]);
    }

    #[test]
    fn targets_are_shared_until_a_server_changes() {
        let one = defaults();
        let mut two = one.clone();
        assert!(one.shared_targets().unwrap().is_same(two.shared_targets().unwrap()));
        two.change(0).unwrap().agent = Agent::Installing { since: at(0) };
        assert!(two.shared_targets().is_none() && one.shared_targets().is_some());
    }

    #[test]
    fn they_are_serialised_as_changes_and_read_from_whole_lists_too() {
        let mut servers = defaults();
        assert_eq!(serde_json::to_string(&servers).unwrap(), "{}");
        servers.change(1).unwrap().online = false;
        let text = serde_json::to_string(&servers).unwrap();
        assert!(text.starts_with(r#"{"1":{"uuid":"00000000-0000-4000-8000-000000000002""#), "{text}");
        let mut again: Servers = serde_json::from_str(&text).unwrap();
        assert!(!again.set_list(Arc::new(vec![Server::synthetic(1)].into())), "it has no second server");
        assert!(again.set_list(Arc::clone(&servers.list)) && again == servers);
        let whole = serde_json::to_string(&Server::defaults()).unwrap();
        assert_eq!(serde_json::from_str::<Servers>(&whole).unwrap(), defaults());
        assert!(serde_json::from_str::<Servers>("7").is_err());
    }

    #[test]
    fn the_edition_of_an_account_is_the_best_of_its_servers() {
        let list = |editions: &[Edition]| {
            let server = |edition: &Edition| Server { edition: *edition, ..Server::synthetic(1) };
            Servers::new(Arc::new(editions.iter().map(server).collect::<Vec<_>>().into()))
        };
        assert_eq!(list(&[]).best_edition(), Edition::Free);
        assert_eq!(list(&[Edition::Advanced, Edition::AntiVirus]).best_edition(), Edition::Advanced);
    }
}
