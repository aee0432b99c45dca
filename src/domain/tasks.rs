//! The tasks of an account, indexed by id, type, source and time, and limited in number.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::task::{Targets, Task};
use super::task_id::TaskId;
use super::task_index::{Index, Row, Slot};
use super::task_type::TaskType;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<Task>", into = "Vec<Task>")]
pub struct Tasks {
    slots: Vec<Option<Task>>,
    free: Vec<Slot>,
    order: Row,
    /// Of many tasks. Most accounts have a few, and looking at these is as fast and takes no memory.
    index: Option<Box<Index>>,
    /// Tasks that had not ended when last checked; an end is final, so each leaves this list once.
    running: Vec<Slot>,
}

/// Most tasks without an index.
const MOST_UNINDEXED: usize = 8;

impl Tasks {
    /// Adds the newest task and evicts the oldest ended ones beyond `kept`.
    pub fn add(&mut self, mut task: Task, now: Timestamp, kept: usize) {
        // In an edited snapshot the clock may be behind the tasks: a binary search by time would then miss some.
        if let Some(youngest) = self.order.back() {
            task.born = task.born.max(self.at(*youngest).born);
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            if self.slots.is_empty() {
                // A vector would begin with room for four.
                self.slots.reserve_exact(1);
            }
            self.slots.push(None);
            Slot::try_from(self.slots.len() - 1).unwrap_or_else(|_| unreachable!("memory ends before"))
        });
        self.order.push_back(slot);
        if let Some(index) = &mut self.index {
            index.add(slot, &task);
        }
        self.running.push(slot);
        self.slots[slot as usize] = Some(task);
        if self.index.is_none() && self.order.len() > MOST_UNINDEXED {
            self.index = Some(Box::new(self.indexed()));
        }
        while self.order.len() > kept && self.evict_oldest_ended(now) {}
    }

    /// For a snapshot: tasks that have this very list of targets only say so.
    pub fn leave_targets_out(&mut self, targets: &Targets) {
        for task in self.slots.iter_mut().flatten().filter(|task| Arc::ptr_eq(&task.targets, targets)) {
            (task.targets, task.on_all) = (Targets::default(), true);
        }
    }

    /// After a snapshot: tasks that say that they have these targets, or that list the same, share this list.
    pub fn share_targets(&mut self, targets: &Targets) {
        for task in self.slots.iter_mut().flatten().filter(|task| task.on_all || task.targets == *targets) {
            (task.targets, task.on_all) = (targets.clone(), false);
        }
    }

    pub fn newest(&self, task_type: &TaskType, source: Option<&str>) -> Newest<'_> {
        let row = self.row(task_type, source);
        let left = 0..row.len();
        Newest { tasks: self, row, left }
    }

    fn indexed(&self) -> Index {
        let mut index = Index::default();
        self.order.iter().for_each(|slot| index.add(*slot, self.at(*slot)));
        index
    }

    fn row(&self, task_type: &TaskType, source: Option<&str>) -> Cow<'_, Row> {
        if let Some(index) = &self.index {
            return index.row(task_type, source).map_or_else(Cow::default, Cow::Borrowed);
        }
        let is_of_it = |slot: &&Slot| {
            let task = self.at(**slot);
            task.task_type == *task_type && source.is_none_or(|source| source == task.source.as_str())
        };
        Cow::Owned(self.order.iter().filter(is_of_it).copied().collect())
    }

    /// The newest task of a type, of one source or of all, that `wanted` accepts.
    pub fn latest(
        &mut self,
        task_type: &TaskType,
        source: Option<&str>,
        wanted: impl Fn(&Task) -> bool,
    ) -> Option<&mut Task> {
        let slot = self.row(task_type, source).iter().rev().copied().find(|slot| wanted(self.at(*slot)))?;
        self.slots[slot as usize].as_mut()
    }

    /// The task of that id: 32 hex digits, or the number that stands for it (spec/api.md §2.4).
    pub fn find(&self, id: &str) -> Option<&Task> {
        self.slot_of(id).map(|slot| self.at(slot))
    }

    pub fn find_mut(&mut self, id: &str) -> Option<&mut Task> {
        let slot = self.slot_of(id)?;
        self.slots[slot as usize].as_mut()
    }

    pub fn get(&self, id: TaskId) -> Option<&Task> {
        self.slot_by_id(id).map(|slot| self.at(slot))
    }

    pub fn get_mut(&mut self, id: TaskId) -> Option<&mut Task> {
        let slot = self.slot_by_id(id)?;
        self.slots[slot as usize].as_mut()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Task> {
        self.order.iter().map(|slot| self.at(*slot))
    }

    pub fn running(&mut self, now: Timestamp) -> usize {
        let slots = &self.slots;
        self.running.retain(|slot| {
            slots[*slot as usize].as_ref().is_some_and(|task| !task.state_at(now).status.is_terminal())
        });
        self.running.len()
    }

    pub fn unfinished(&mut self, now: Timestamp) -> impl Iterator<Item = &Task> {
        self.running(now);
        self.running.iter().map(|slot| self.at(*slot))
    }

    fn slot_of(&self, id: &str) -> Option<Slot> {
        if id.len() == 32 {
            return self.slot_by_id(id.parse().ok()?);
        }
        let number = id.parse().ok()?;
        if let Some(index) = &self.index {
            return index.numbered(number);
        }
        // As in the index: of tasks that were given a number the newest, of ids the first.
        let given = self.newest_slot(|task| task.number == Some(number));
        given.or_else(|| {
            let derived = TaskId::with_number(number)?;
            let of_it = self.order.iter().copied().filter(|slot| derived.contains(&self.at(*slot).id));
            of_it.min_by_key(|slot| self.at(*slot).id)
        })
    }

    fn slot_by_id(&self, id: TaskId) -> Option<Slot> {
        match &self.index {
            Some(index) => index.get(id),
            None => self.newest_slot(|task| task.id == id),
        }
    }

    fn newest_slot(&self, is_wanted: impl Fn(&Task) -> bool) -> Option<Slot> {
        self.order.iter().rev().copied().find(|slot| is_wanted(self.at(*slot)))
    }

    fn at(&self, slot: Slot) -> &Task {
        // A slot in an index is never empty: both change together.
        self.slots[slot as usize].as_ref().unwrap_or_else(|| unreachable!("an index names an empty slot"))
    }

    fn evict_oldest_ended(&mut self, now: Timestamp) -> bool {
        let has_ended = |slot: &Slot| self.at(*slot).state_at(now).status.is_terminal();
        let Some(place) = self.order.iter().position(has_ended) else { return false };
        let Some(slot) = self.order.remove(place) else { return false };
        let Some(task) = self.slots[slot as usize].take() else { return false };
        if let Some(index) = &mut self.index {
            index.remove(slot, &task);
        }
        self.running.retain(|other| *other != slot);
        self.free.push(slot);
        true
    }
}

/// Tasks of one row, newest first; skipping some costs nothing.
#[derive(Debug, Clone)]
pub struct Newest<'a> {
    tasks: &'a Tasks,
    row: Cow<'a, Row>,
    left: Range<usize>,
}

impl Newest<'_> {
    /// Only tasks born from one millisecond to another, both included, where they are given.
    #[must_use]
    pub fn between(mut self, from: Option<i64>, to: Option<i64>) -> Self {
        let born = |slot: Slot| self.tasks.at(slot).born.as_millisecond();
        let older = |than: i64| self.row.partition_point(|slot| born(*slot) < than);
        let Range { start, end } = self.left;
        let start = from.map_or(start, |from| older(from).clamp(start, end));
        let end = to.map_or(end, |to| older(to.saturating_add(1)).clamp(start, end));
        self.left = start..end;
        self
    }

    /// Only the task of that id, if it is among them; all if none is given.
    #[must_use]
    pub fn only(mut self, id: Option<&str>) -> Self {
        let Some(id) = id else { return self };
        let found = self.tasks.find(id).and_then(|task| {
            let born = task.born.as_millisecond();
            self = self.clone().between(Some(born), Some(born));
            self.left.clone().find(|place| self.tasks.at(self.row[*place]).id == task.id)
        });
        self.left = found.map_or(0..0, |place| place..place + 1);
        self
    }
}

impl<'a> Iterator for Newest<'a> {
    type Item = &'a Task;

    fn next(&mut self) -> Option<&'a Task> {
        self.nth(0)
    }

    fn nth(&mut self, skipped: usize) -> Option<&'a Task> {
        let place = self.left.nth_back(skipped)?;
        self.row.get(place).map(|slot| self.tasks.at(*slot))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl ExactSizeIterator for Newest<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::at;
    use crate::domain::plan::{Ending, Plan};
    use crate::domain::state::ScanResult;
    use crate::domain::task_type::Source;

    /// A task that runs for ten seconds.
    fn task(id: u128, born: i64) -> Task {
        let plan = Plan::timed(0, 10, 4, Ending::Success(ScanResult::Success));
        let task_type = TaskType::new(if id.is_multiple_of(2) { "IMAGE_SCAN" } else { "VUL_CHECK_TASK" });
        Task::new(TaskId::new(id << 100), task_type, at(born), plan)
    }

    fn filled(count: u128, kept: usize) -> Tasks {
        let mut tasks = Tasks::default();
        for id in 1..=count {
            let second = i64::try_from(id).unwrap();
            tasks.add(task(id, second), at(second), kept);
        }
        tasks
    }

    #[test]
    fn newest_first_by_type_and_found_by_both_ids() {
        let mut tasks = filled(5, 100);
        let images = TaskType::new("IMAGE_SCAN");
        let ids: Vec<TaskId> = tasks.newest(&images, None).map(|task| task.id).collect();
        assert_eq!(ids, [TaskId::new(4 << 100), TaskId::new(2 << 100)]);
        assert_eq!(tasks.newest(&TaskType::new("OTHER"), None).len(), 0);
        for id in [ids[0].to_string(), ids[0].number().to_string()] {
            assert_eq!(tasks.find(&id).unwrap().id, ids[0]);
        }
        for unknown in ["nonsense", "", &"f".repeat(32)] {
            assert!(tasks.find(unknown).is_none(), "{unknown}");
        }
        assert_eq!(tasks.latest(&images, None, |task| task.born < at(4)).unwrap().id, ids[1]);
    }

    #[test]
    fn newest_first_by_source_and_time() {
        let mut tasks = filled(40, 100);
        tasks.add(Task { source: Source::new("other"), ..task(42, 42) }, at(42), 100);
        let images = TaskType::new("IMAGE_SCAN");
        let born = |newest: Newest<'_>| newest.map(|task| task.born.as_second()).collect::<Vec<_>>();
        assert_eq!(born(tasks.newest(&images, Some("other"))), [42]);
        assert_eq!(tasks.newest(&images, Some("console")).len(), 20);
        assert_eq!(tasks.newest(&images, Some("openapi")).len(), 0);
        let all = || tasks.newest(&images, None);
        let between = |from, to| born(all().between(from, to));
        assert_eq!(between(Some(8_000), Some(12_000)), [12, 10, 8]);
        assert_eq!(between(Some(8_001), Some(11_999)), [10]);
        assert_eq!((between(Some(43_000), None), between(None, Some(1_999))), (vec![], vec![]));
        assert!(between(Some(12_000), Some(8_000)).is_empty());
        let mut skipped = all();
        assert_eq!(skipped.nth(3).unwrap().born, at(36));
        assert_eq!((skipped.len(), skipped.nth(17).is_none()), (17, true));
        assert_eq!(tasks.latest(&images, Some("console"), |_| true).unwrap().born, at(40));
    }

    #[test]
    fn a_number_that_was_given_is_found_too() {
        let mut tasks = filled(3, 100);
        tasks.add(Task { number: Some(0), ..task(9, 9) }, at(9), 100);
        assert_eq!(tasks.find("0").unwrap().id, TaskId::new(9 << 100));
        tasks.add(task(10, 10), at(1000), 1);
        assert!(tasks.find("0").is_none());
    }

    #[test]
    fn ended_tasks_are_evicted_first_and_running_ones_never() {
        let mut tasks = filled(100, 20);
        assert_eq!(tasks.iter().count(), 20);
        assert_eq!(tasks.iter().next().unwrap().born, at(81));
        assert_eq!(tasks.running(at(100)), 10);
        assert_eq!(tasks.running(at(200)), 0);
        // Ten run at a time; fewer cannot be kept.
        assert_eq!(filled(100, 3).iter().count(), 10);
        assert!(tasks.slots.len() <= 21, "slots are reused");
        let mut tasks = filled(1, 1);
        tasks.add(task(2, 100), at(100), 1);
        let mut tasks = filled(20, 20);
        tasks.add(task(22, 100), at(100), 1);
        assert_eq!(tasks.index.as_ref().unwrap().lens(), (1, 2), "rows of evicted tasks are removed");
    }

    #[test]
    fn an_index_answers_as_a_look_at_all_tasks_does() {
        let numbered =
            |place: u128| Task { number: place.is_multiple_of(3).then_some(7), ..task(place, 100) };
        let answers = |tasks: &Tasks| {
            let mut all = Vec::new();
            for place in 1..=u128::try_from(MOST_UNINDEXED).unwrap() {
                let id = TaskId::new(place << 100);
                all.push(tasks.get(id).map(|task| task.id));
                all.extend(
                    [id.to_string(), id.number().to_string()].map(|id| tasks.find(&id).map(|task| task.id)),
                );
            }
            all.push(tasks.find("7").map(|task| task.id));
            for (task_type, source) in [("IMAGE_SCAN", None), ("IMAGE_SCAN", Some("console")), ("X", None)] {
                all.extend(tasks.newest(&TaskType::new(task_type), source).map(|task| Some(task.id)));
            }
            all
        };
        let mut tasks = Tasks::default();
        for place in 1..=u128::try_from(MOST_UNINDEXED).unwrap() {
            tasks.add(numbered(place), at(100), 100);
            let mut indexed = tasks.clone();
            indexed.index = Some(Box::new(tasks.indexed()));
            assert!(tasks.index.is_none() && indexed == tasks);
            assert_eq!(answers(&indexed), answers(&tasks));
        }
    }
}
