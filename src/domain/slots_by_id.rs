//! Where the tasks of a store are, by their ids.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, DefaultHasher};

use super::row::TaskSlot;
use super::task_id::TaskId;

/// Ids are drawn at random, so a part of an id nearly always tells it from all others, and a table of such parts is enough: it
/// is small, and a look-up in it takes as long for a million tasks as for ten, while in a tree it would wait for memory at
/// each level. An edited snapshot may have ids that are not random: then most tasks are in a tree of whole ids. Look-ups take
/// `id_at`, the id of the task at a slot.
#[derive(Debug, Clone, Default)]
pub(super) struct SlotsById {
    /// By the upper parts of ids.
    first: HashMap<u32, TaskSlot, BuildHasherDefault<DefaultHasher>>,
    /// Tasks whose ids had the upper part of another one when they were added.
    others: BTreeMap<TaskId, TaskSlot>,
}

impl SlotsById {
    pub(super) fn insert(&mut self, id: TaskId, slot: TaskSlot) {
        if let Entry::Vacant(place) = self.first.entry(id.upper()) {
            place.insert(slot);
        } else {
            self.others.insert(id, slot);
        }
    }

    pub(super) fn remove(&mut self, id: TaskId, slot: TaskSlot) {
        if self.first.get(&id.upper()) == Some(&slot) {
            self.first.remove(&id.upper());
        } else {
            self.others.remove(&id);
        }
    }

    pub(super) fn get(&self, id: TaskId, id_at: impl Fn(TaskSlot) -> TaskId) -> Option<TaskSlot> {
        let first = self.first.get(&id.upper()).copied();
        first.filter(|slot| id_at(*slot) == id).or_else(|| self.others.get(&id).copied())
    }

    /// The first of the ids for which a number stands.
    pub(super) fn with_number(&self, number: u64, id_at: impl Fn(TaskSlot) -> TaskId) -> Option<TaskSlot> {
        let ids = TaskId::with_number(number)?;
        // All of them have one upper part.
        let first = self.first.get(&ids.start().upper()).map(|slot| (id_at(*slot), *slot));
        let other = self.others.range(ids.clone()).next().map(|(id, slot)| (*id, *slot));
        let found = first.filter(|(id, _)| ids.contains(id)).into_iter().chain(other).min();
        found.map(|(_, slot)| slot)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.first.len() + self.others.len()
    }
}
