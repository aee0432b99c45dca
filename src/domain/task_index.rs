//! The index of many tasks: by id, number, name, type and source, and in the order of age, as of the latest time at which it
//! was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;

use super::row::{Row, TaskSlot};
use super::slots_by_id::SlotsById;
use super::summary::Summary;
use super::task::Task;
use super::task_id::TaskId;
use super::task_type::{Source, TaskType};

/// The number of a task in the order in which they were added.
pub(super) type Age = u64;

#[derive(Debug, Clone)]
pub(super) struct Index {
    by_id: SlotsById,
    /// Tasks that show a number of their own.
    numbered: BTreeMap<u64, TaskSlot>,
    /// Tasks that are not named after their type: the hashes of type and name, with and without source, and their ages. A
    /// hash that two names share costs a look at some tasks.
    named: BTreeSet<(u64, Age)>,
    /// All tasks.
    pub(super) order: Row,
    /// The tasks of a type, of all sources and of each source; no row is empty.
    rows: BTreeMap<(TaskType, Option<Source>), Row>,
    /// Tasks whose state depends on the time, and from when on it no longer does.
    moving: BTreeSet<(Timestamp, TaskSlot)>,
    /// The time for which sums hold.
    seen: Timestamp,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            by_id: SlotsById::default(),
            numbered: BTreeMap::new(),
            named: BTreeSet::new(),
            order: Row::default(),
            rows: BTreeMap::new(),
            moving: BTreeSet::new(),
            seen: Timestamp::MIN,
        }
    }
}

/// A task of the store; its age tells where it is in a row.
#[derive(Debug, Clone)]
pub(super) struct KeptTask {
    pub(super) task: Task,
    pub(super) age: Age,
}

/// The tasks of the store by their slots.
pub(super) type TaskSlots = [Option<KeptTask>];

pub(super) fn kept(slots: &TaskSlots, slot: TaskSlot) -> &KeptTask {
    #[cfg(test)]
    LOOKS.set(LOOKS.get() + 1);
    // A slot in an index is never empty: both change together.
    slots
        .get(slot as usize)
        .and_then(Option::as_ref)
        .unwrap_or_else(|| unreachable!("an index names an empty slot"))
}

#[cfg(test)]
thread_local! {
    /// How many looks at a task this thread has taken. Tests of costs count them.
    pub(crate) static LOOKS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Whether a task is older than some age.
pub(super) fn older(slots: &TaskSlots, age: Age) -> impl Fn(TaskSlot) -> bool + '_ {
    move |slot| kept(slots, slot).age < age
}

impl Index {
    pub(super) fn seen(&self) -> Timestamp {
        self.seen
    }

    /// Whether time alone changes a task after it was last seen.
    pub(super) fn may_change(&self) -> bool {
        !self.moving.is_empty()
    }

    /// Adds the newest task.
    pub(super) fn add(&mut self, slot: TaskSlot, age: Age, task: &Task) {
        let sum = Summary::of(task, self.seen);
        self.by_id.insert(task.id, slot);
        self.numbered.extend(task.own_number().map(|number| (number, slot)));
        self.named.extend(names(task).map(|hash| (hash, age)));
        self.order.push(slot, &sum);
        for key in keys(task) {
            self.rows.entry(key).or_default().push(slot, &sum);
        }
        if sum.moving > 0 {
            self.moving.insert((task.still_from(), slot));
        }
    }

    /// Of a task that had none.
    pub(super) fn give_number(&mut self, slot: TaskSlot, number: u64) {
        self.numbered.insert(number, slot);
    }

    /// Removes a task that is still in the store.
    pub(super) fn remove(&mut self, slot: TaskSlot, slots: &TaskSlots) {
        let KeptTask { task, age } = kept(slots, slot);
        let sum = Summary::of(task, self.seen);
        self.moving.remove(&(task.still_from(), slot));
        self.by_id.remove(task.id, slot);
        if let Some(number) = task.own_number().filter(|number| self.numbered.get(number) == Some(&slot)) {
            self.numbered.remove(&number);
        }
        for hash in names(task) {
            self.named.remove(&(hash, *age));
        }
        self.order.remove(older(slots, *age), &sum);
        for key in keys(task) {
            let Some(row) = self.rows.get_mut(&key) else { continue };
            row.remove(older(slots, *age), &sum);
            if row.len() == 0 {
                self.rows.remove(&key);
            }
        }
    }

    /// Takes up what time has brought about until `now`, which is not before it was last seen.
    pub(super) fn settle(&mut self, now: Timestamp, slots: &TaskSlots) {
        while let Some((from, slot)) = self.moving.first().copied().filter(|(from, _)| *from <= now) {
            self.moving.remove(&(from, slot));
            let KeptTask { task, age } = kept(slots, slot);
            self.update(*age, task, &Summary::moving(task), &Summary::of(task, now), slots);
        }
        self.seen = now;
    }

    /// Takes up a change of a task that had this sum, and whose state depended on the time until then.
    pub(super) fn changed(
        &mut self,
        slot: TaskSlot,
        before: &Summary,
        still_from: Timestamp,
        slots: &TaskSlots,
    ) {
        let KeptTask { task, age } = kept(slots, slot);
        let after = Summary::of(task, self.seen);
        if *before != after {
            self.update(*age, task, before, &after, slots);
        }
        if before.moving > 0 {
            self.moving.remove(&(still_from, slot));
        }
        if after.moving > 0 {
            self.moving.insert((task.still_from(), slot));
        }
    }

    fn update(&mut self, age: Age, task: &Task, old: &Summary, new: &Summary, slots: &TaskSlots) {
        self.order.update(older(slots, age), old, new);
        for key in keys(task) {
            if let Some(row) = self.rows.get_mut(&key) {
                row.update(older(slots, age), old, new);
            }
        }
    }

    pub(super) fn get(&self, id: TaskId, slots: &TaskSlots) -> Option<TaskSlot> {
        self.by_id.get(id, |slot| kept(slots, slot).task.id)
    }

    /// The task that was given this number, or whose id stands for it.
    pub(super) fn numbered(&self, number: u64, slots: &TaskSlots) -> Option<TaskSlot> {
        let given = self.numbered.get(&number).copied();
        given.or_else(|| self.by_id.with_number(number, |slot| kept(slots, slot).task.id))
    }

    pub(super) fn row(&self, task_type: &TaskType, source: Option<&str>) -> Option<&Row> {
        self.rows.get(&(task_type.clone(), source.map(Source::new)))
    }

    /// The newest task of the type and source of another one.
    pub(super) fn newest_like(&self, task: &Task) -> Option<TaskSlot> {
        let [_, key] = keys(task);
        self.rows.get(&key)?.newest_slot()
    }

    /// The tasks of each type.
    pub(super) fn types(&self) -> impl Iterator<Item = (&TaskType, &Row)> {
        self.rows.iter().filter(|((_, source), _)| source.is_none()).map(|((name, _), row)| (name, row))
    }

    /// Tasks that may have a name, which is not that of their type; the newest first.
    pub(super) fn named<'a>(
        &'a self,
        task_type: &TaskType,
        source: Option<&str>,
        name: &str,
        slots: &'a TaskSlots,
    ) -> impl Iterator<Item = TaskSlot> + 'a {
        let hash = hash(task_type, source, name);
        let found = self.named.range((hash, 0)..=(hash, Age::MAX)).rev();
        found.filter_map(|(_, age)| self.order.get(self.order.place(older(slots, *age))))
    }

    /// How many tasks and rows it has.
    #[cfg(test)]
    pub(super) fn lens(&self) -> (usize, usize) {
        (self.by_id.len(), self.rows.len())
    }
}

fn keys(task: &Task) -> [(TaskType, Option<Source>); 2] {
    [None, Some(task.source().clone())].map(|source| (task.task_type().clone(), source))
}

fn names(task: &Task) -> impl Iterator<Item = u64> {
    let sources = [None, Some(task.source().as_str())];
    let own = task.own_name().map(|name| sources.map(|source| hash(task.task_type(), source, name)));
    own.into_iter().flatten()
}

fn hash(task_type: &TaskType, source: Option<&str>, name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (task_type.as_str(), source, name).hash(&mut hasher);
    hasher.finish()
}
