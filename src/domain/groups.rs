//! The groups of servers of an account: those of the scenario, and what the account changed of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::asset::Server;
use super::bounds::ASSET_GROUPS;
use super::servers::Servers;

/// A group of servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group<'a> {
    pub id: i64,
    pub name: &'a str,
}

impl Group<'_> {
    pub const DEFAULT: Self = Group { id: Server::GROUP, name: Server::GROUP_NAME };

    pub fn is_default(self) -> bool {
        self.id == Server::GROUP
    }

    /// `GroupFlag`: 0 is the default group.
    pub fn flag(self) -> i64 {
        i64::from(!self.is_default())
    }
}

/// What an account changed of its groups. It stores servers by their places in their list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GroupChanges {
    /// The names of groups that it made or renamed.
    names: BTreeMap<i64, String>,
    /// The groups of the scenario that it deleted.
    deleted: BTreeSet<i64>,
    /// The groups of the servers that it moved.
    moved: BTreeMap<usize, i64>,
    /// How many it has made, deleted ones included, so that no two have one id.
    made: u32,
}

/// Why a group is not made or renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupError {
    NameRepeated,
    TooMany,
}

/// All groups of an account, and which server is in which.
#[derive(Debug, Clone, Copy)]
pub struct Groups<'a> {
    /// Names of the scenario, in the order of their ids.
    scenario: &'a [String],
    changes: &'a GroupChanges,
    servers: &'a Servers,
}

impl<'a> Groups<'a> {
    pub(super) fn new(scenario: &'a [String], changes: &'a GroupChanges, servers: &'a Servers) -> Self {
        Self { scenario, changes, servers }
    }

    /// The group of that id.
    pub fn find(self, id: i64) -> Option<Group<'a>> {
        if id == Server::GROUP {
            return Some(Group::DEFAULT);
        }
        let name = match self.changes.names.get(&id) {
            Some(name) => name,
            None if self.changes.deleted.contains(&id) => return None,
            None => self.scenario.get(usize::try_from(id.checked_sub(Server::group_id(0))?).ok()?)?,
        };
        Some(Group { id, name })
    }

    /// The group of the server at that place. A server of a group that is gone is in the default one.
    pub fn of(self, place: usize) -> Group<'a> {
        let moved = self.changes.moved.get(&place).copied();
        let id = moved.or_else(|| self.servers.get(place).map(|server| server.group));
        id.and_then(|id| self.find(id)).unwrap_or(Group::DEFAULT)
    }

    /// By their ids, the default group first.
    pub fn all(self) -> impl Iterator<Item = Group<'a>> + use<'a> {
        let scenario = (0..self.scenario.len()).map(Server::group_id);
        let made = self.changes.names.keys().copied();
        let first_made = Server::group_id(self.scenario.len());
        let ids =
            std::iter::once(Server::GROUP).chain(scenario).chain(made.filter(move |id| *id >= first_made));
        ids.filter_map(move |id| self.find(id))
    }

    pub fn has_name(self, name: &str) -> bool {
        self.all().any(|group| group.name == name)
    }
}

impl GroupChanges {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a list of so many servers can have been changed like this.
    pub(super) fn fits(&self, servers: usize) -> bool {
        let most = ASSET_GROUPS as usize;
        self.names.len() <= 2 * most
            && self.deleted.len() <= 2 * most
            && self.moved.last_key_value().is_none_or(|(place, _)| *place < servers)
    }

    /// Makes a group of a name that no other one has, and gives its id. `scenario` is how many the scenario has.
    pub(super) fn make(&mut self, scenario: usize, name: &str) -> Result<i64, GroupError> {
        let first = Server::group_id(scenario);
        if self.names.range(first..).count() >= ASSET_GROUPS as usize {
            return Err(GroupError::TooMany);
        }
        let id = first.saturating_add(self.made.into());
        self.made = self.made.saturating_add(1);
        self.names.insert(id, name.to_owned());
        Ok(id)
    }

    pub(super) fn rename(&mut self, id: i64, name: &str) {
        self.names.insert(id, name.to_owned());
    }

    /// Its servers are in the default group from now on.
    pub(super) fn delete(&mut self, scenario: usize, id: i64) {
        self.names.remove(&id);
        if id < Server::group_id(scenario) {
            self.deleted.insert(id);
        }
        for group in self.moved.values_mut().filter(|group| **group == id) {
            *group = Server::GROUP;
        }
    }

    pub(super) fn move_to(&mut self, place: usize, id: i64) {
        self.moved.insert(place, id);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Account, World};

    fn account() -> (Account, World) {
        let servers = [2, 2, 3, 1].map(|group| Server { group, ..Server::synthetic(1) });
        let world = World {
            groups: vec!["db".to_owned(), "web".to_owned()],
            servers: Arc::new(servers.to_vec().into()),
            ..World::default()
        };
        (Account::new(Arc::clone(&world.servers)), world)
    }

    fn shown(account: &Account, world: &World) -> (String, Vec<i64>) {
        let groups = account.groups(world);
        let all: Vec<_> = groups.all().map(|group| format!("{} {}", group.id, group.name)).collect();
        (all.join(", "), (0..4).map(|place| groups.of(place).id).collect())
    }

    #[test]
    fn groups_are_made_filled_renamed_and_deleted() {
        let (mut account, world) = account();
        assert_eq!(shown(&account, &world), ("1 default, 2 db, 3 web".to_owned(), vec![2, 2, 3, 1]));
        assert!(account.group_changes.is_empty());
        assert_eq!(account.make_group(&world, "web"), Err(GroupError::NameRepeated));
        assert_eq!(account.make_group(&world, "new"), Ok(4));
        account.move_to_group([0, 3], 4);
        assert_eq!(shown(&account, &world).1, [4, 2, 3, 4]);
        assert_eq!(account.rename_group(&world, 2, "data"), Ok(()));
        assert_eq!(account.rename_group(&world, 2, "web"), Err(GroupError::NameRepeated));
        assert_eq!(account.rename_group(&world, 2, "data"), Ok(()), "its own name");
        assert_eq!(shown(&account, &world).0, "1 default, 2 data, 3 web, 4 new");
        account.delete_group(&world, 2);
        account.delete_group(&world, 4);
        assert_eq!(shown(&account, &world), ("1 default, 3 web".to_owned(), vec![1, 1, 3, 1]));
        assert_eq!(account.make_group(&world, "db"), Ok(5), "no id is given twice");
        let text = serde_json::to_string(&account.group_changes).unwrap();
        assert_eq!(text, r#"{"names":{"5":"db"},"deleted":[2],"moved":{"0":1,"3":1},"made":2}"#);
        assert_eq!(serde_json::from_str::<GroupChanges>(&text).unwrap(), account.group_changes);
        assert!(account.group_changes.fits(4) && !account.group_changes.fits(3));
    }
}
