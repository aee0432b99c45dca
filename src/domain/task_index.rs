//! The index of many tasks: by id, number, type and source, and by whether they have ended.

use std::collections::{BTreeMap, VecDeque};

use super::task::Task;
use super::task_id::TaskId;
use super::task_type::{Source, TaskType};
use super::unfinished::{Age, Slot, Unfinished};

/// Slots, oldest task first.
pub(super) type Row = VecDeque<Slot>;

#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    by_id: BTreeMap<TaskId, Slot>,
    /// Tasks that show a number of their own.
    numbered: BTreeMap<u64, Slot>,
    /// The tasks of a type, of all sources and of each source; no row is empty.
    rows: BTreeMap<(TaskType, Option<Source>), Row>,
    pub(super) unfinished: Unfinished,
}

/// The place in a row of the task of that age.
pub(super) fn place(row: &Row, age: Age, age_at: impl Fn(Slot) -> Age) -> Option<usize> {
    row.binary_search_by_key(&age, |slot| age_at(*slot)).ok()
}

impl Index {
    pub(super) fn add(&mut self, slot: Slot, age: Age, task: &Task) {
        self.unfinished.add(age, slot, task.expiry());
        self.by_id.insert(task.id, slot);
        self.numbered.extend(task.number.map(|number| (number, slot)));
        for row in rows(task) {
            self.rows.entry(row).or_default().push_back(slot);
        }
    }

    /// Removes a task that `unfinished` no longer has; `age_at` tells the ages of all tasks.
    pub(super) fn remove(&mut self, slot: Slot, task: &Task, age_at: impl Fn(Slot) -> Age) {
        self.by_id.remove(&task.id);
        if let Some(number) = task.number.filter(|number| self.numbered.get(number) == Some(&slot)) {
            self.numbered.remove(&number);
        }
        for key in rows(task) {
            let Some(row) = self.rows.get_mut(&key) else { continue };
            if let Some(place) = place(row, age_at(slot), &age_at) {
                row.remove(place);
            }
            if row.is_empty() {
                self.rows.remove(&key);
            }
        }
    }

    pub(super) fn get(&self, id: TaskId) -> Option<Slot> {
        self.by_id.get(&id).copied()
    }

    /// The task that was given this number, or whose id stands for it.
    pub(super) fn numbered(&self, number: u64) -> Option<Slot> {
        let derived = || self.by_id.range(TaskId::with_number(number)?).next().map(|(_, slot)| slot);
        self.numbered.get(&number).or_else(derived).copied()
    }

    pub(super) fn row(&self, task_type: &TaskType, source: Option<&str>) -> Option<&Row> {
        self.rows.get(&(task_type.clone(), source.map(Source::new)))
    }

    /// How many tasks and rows it has.
    #[cfg(test)]
    pub(super) fn lens(&self) -> (usize, usize) {
        (self.by_id.len(), self.rows.len())
    }
}

fn rows(task: &Task) -> [(TaskType, Option<Source>); 2] {
    [None, Some(task.source.clone())].map(|source| (task.task_type.clone(), source))
}
