//! The tasks of an account, indexed by id, type, source and time, and limited in number.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::task::{Targets, Task};
use super::task_id::TaskId;
use super::task_type::{Source, TaskType};

/// A place in the store, reused after eviction. Half a machine word, for every index holds one for each task.
type Slot = u32;

/// Slots, oldest task first.
type Row = VecDeque<Slot>;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Task>", into = "Vec<Task>")]
pub struct Tasks {
    slots: Vec<Option<Task>>,
    free: Vec<Slot>,
    order: Row,
    by_id: BTreeMap<TaskId, Slot>,
    /// Tasks that show a number of their own.
    numbered: BTreeMap<u64, Slot>,
    /// The tasks of a type, of all sources and of each source; no row is empty.
    rows: BTreeMap<(TaskType, Option<Source>), Row>,
    /// Tasks that had not ended when last checked; an end is final, so each leaves this list once.
    running: Vec<Slot>,
}

impl Tasks {
    /// Adds the newest task and evicts the oldest ended ones beyond `kept`.
    pub fn add(&mut self, mut task: Task, now: Timestamp, kept: usize) {
        // In an edited snapshot the clock may be behind the tasks: a binary search by time would then miss some.
        if let Some(youngest) = self.order.back() {
            task.born = task.born.max(self.at(*youngest).born);
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            Slot::try_from(self.slots.len() - 1).unwrap_or_else(|_| unreachable!("memory ends before"))
        });
        self.order.push_back(slot);
        self.by_id.insert(task.id, slot);
        self.numbered.extend(task.number.map(|number| (number, slot)));
        for row in rows(&task) {
            self.rows.entry(row).or_default().push_back(slot);
        }
        self.running.push(slot);
        self.slots[slot as usize] = Some(task);
        while self.order.len() > kept && self.evict_oldest_ended(now) {}
    }

    /// Lets tasks whose targets are these share this list.
    pub fn share_targets(&mut self, targets: &Targets) {
        for task in self.slots.iter_mut().flatten().filter(|task| task.targets == *targets) {
            task.targets = targets.clone();
        }
    }

    pub fn newest(&self, task_type: &TaskType, source: Option<&str>) -> Newest<'_> {
        static NONE: Row = Row::new();
        let row = self.rows.get(&(task_type.clone(), source.map(Source::new))).unwrap_or(&NONE);
        Newest { tasks: self, row, left: 0..row.len() }
    }

    /// The newest task of a type, of one source or of all, that `wanted` accepts.
    pub fn latest(
        &mut self,
        task_type: &TaskType,
        source: Option<&str>,
        wanted: impl Fn(&Task) -> bool,
    ) -> Option<&mut Task> {
        let row = self.rows.get(&(task_type.clone(), source.map(Source::new)))?;
        let slot = row.iter().rev().copied().find(|slot| wanted(self.at(*slot)))?;
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
        self.by_id.get(&id).map(|slot| self.at(*slot))
    }

    pub fn get_mut(&mut self, id: TaskId) -> Option<&mut Task> {
        let slot = *self.by_id.get(&id)?;
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
            return self.by_id.get(&id.parse().ok()?).copied();
        }
        let number = id.parse().ok()?;
        let derived = || self.by_id.range(TaskId::with_number(number)?).next().map(|(_, slot)| slot);
        self.numbered.get(&number).or_else(derived).copied()
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
        self.by_id.remove(&task.id);
        if let Some(number) = task.number.filter(|number| self.numbered.get(number) == Some(&slot)) {
            self.numbered.remove(&number);
        }
        for key in rows(&task) {
            let Some(row) = self.rows.get_mut(&key) else { continue };
            // Near the front, for it is the oldest that has ended.
            if let Some(place) = row.iter().position(|other| *other == slot) {
                row.remove(place);
            }
            if row.is_empty() {
                self.rows.remove(&key);
            }
        }
        self.running.retain(|other| *other != slot);
        self.free.push(slot);
        true
    }
}

fn rows(task: &Task) -> [(TaskType, Option<Source>); 2] {
    [None, Some(task.source.clone())].map(|source| (task.task_type.clone(), source))
}

/// Tasks of one row, newest first; skipping some costs nothing.
#[derive(Debug, Clone)]
pub struct Newest<'a> {
    tasks: &'a Tasks,
    row: &'a Row,
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

impl TryFrom<Vec<Task>> for Tasks {
    type Error = String;

    fn try_from(tasks: Vec<Task>) -> Result<Self, String> {
        let mut all = Self::default();
        let mut shared = Targets::default();
        for mut task in tasks {
            if all.by_id.contains_key(&task.id) {
                return Err(format!("two tasks have the id {}", task.id));
            }
            // Equal lists become one shared list again, as when the tasks were created.
            if task.targets == shared {
                task.targets = shared.clone();
            }
            shared = task.targets.clone();
            all.add(task, Timestamp::MIN, usize::MAX);
        }
        Ok(all)
    }
}

impl From<Tasks> for Vec<Task> {
    fn from(tasks: Tasks) -> Self {
        tasks.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::at;
    use crate::domain::plan::{Ending, Plan};
    use crate::domain::state::ScanResult;

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
        assert_eq!(tasks.rows.len(), 2, "rows of evicted tasks are removed");
    }

    #[test]
    fn tasks_survive_serialisation() {
        let tasks = filled(30, 10);
        let text = serde_json::to_string(&tasks).unwrap();
        let again: Tasks = serde_json::from_str(&text).unwrap();
        assert!(again.iter().eq(tasks.iter()));
        let twice = [task(1, 1), task(1, 2)];
        let error = serde_json::from_str::<Tasks>(&serde_json::to_string(&twice).unwrap()).unwrap_err();
        assert!(error.to_string().starts_with("two tasks have the id 0000001"), "{error}");
    }
}
