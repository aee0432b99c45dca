//! The tasks of an account, indexed by id, type, source and time, and limited in number.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::bounds::KEPT_TASKS;
use super::targets::Targets;
use super::task::Task;
use super::task_id::TaskId;
use super::task_type::{Source, TaskType};
use super::unfinished::{Age, Slot, Unfinished};
use crate::text::limited::ListOf;

/// Slots, oldest task first.
type Row = VecDeque<Slot>;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "ListOf<Task, KEPT_TASKS>", into = "Vec<Task>")]
pub struct Tasks {
    slots: Vec<Option<Kept>>,
    free: Vec<Slot>,
    order: Row,
    next_age: Age,
    by_id: BTreeMap<TaskId, Slot>,
    /// Tasks that show a number of their own.
    numbered: BTreeMap<u64, Slot>,
    /// The tasks of a type, of all sources and of each source; no row is empty.
    rows: BTreeMap<(TaskType, Option<Source>), Row>,
    unfinished: Unfinished,
}

#[derive(Debug, Clone)]
struct Kept {
    task: Task,
    age: Age,
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
        let age = self.next_age;
        self.next_age += 1;
        self.order.push_back(slot);
        self.by_id.insert(task.id, slot);
        self.numbered.extend(task.number.map(|number| (number, slot)));
        for row in rows(&task) {
            self.rows.entry(row).or_default().push_back(slot);
        }
        self.unfinished.add(age, slot, task.expiry());
        self.slots[slot as usize] = Some(Kept { task, age });
        if self.order.len() > kept {
            self.running(now);
            while self.order.len() > kept && self.evict_oldest_ended() {}
        }
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn newest(&self, task_type: &TaskType, source: Option<&str>) -> Newest<'_> {
        static NONE: Row = Row::new();
        let row = self.rows.get(&(task_type.clone(), source.map(Source::new))).unwrap_or(&NONE);
        Newest { tasks: self, row, left: 0..row.len() }
    }

    /// The task of that id: 32 hex digits, or the number that stands for it (spec/api.md §2.4).
    pub fn find(&self, id: &str) -> Option<&Task> {
        self.slot_of(id).map(|slot| self.at(slot))
    }

    pub fn get(&self, id: TaskId) -> Option<&Task> {
        self.by_id.get(&id).map(|slot| self.at(*slot))
    }

    /// Changes a task; returns it and what `act` returned.
    pub fn change<T>(&mut self, id: TaskId, act: impl FnOnce(&mut Task) -> T) -> Option<(&Task, T)> {
        let slot = *self.by_id.get(&id)?;
        let Kept { task, age } = self.slots[slot as usize].as_mut()?;
        let before = task.expiry();
        let result = act(task);
        self.unfinished.moved(*age, before, task.expiry());
        Some((task, result))
    }

    /// All of them, or those of one type, oldest first.
    pub fn oldest(&self, task_type: Option<&TaskType>) -> impl ExactSizeIterator<Item = &Task> {
        let row = task_type.map_or(&self.order, |task_type| self.newest(task_type, None).row);
        row.iter().map(|slot| self.at(*slot))
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Task> {
        self.oldest(None)
    }

    pub fn running(&mut self, now: Timestamp) -> usize {
        self.unfinished.count(now)
    }

    /// Those that run at `now`, oldest first.
    pub fn unfinished(&mut self, now: Timestamp) -> impl Iterator<Item = &Task> {
        self.running(now);
        self.unfinished.slots().map(|slot| self.at(slot))
    }

    /// Those that existed at a time and may have changed since: all that ran, and perhaps more.
    pub fn running_since(&self, time: Timestamp) -> impl Iterator<Item = &Task> {
        let is_complete = self.unfinished.is_complete_since(time);
        let running = self.unfinished.slots().take_while(move |_| is_complete);
        let all = self.order.iter().copied().take_while(move |_| !is_complete);
        running.chain(all).map(|slot| self.at(slot)).take_while(move |task| task.born <= time)
    }

    /// Those that were started after a time, oldest first.
    pub fn born_after(&self, time: Timestamp) -> impl Iterator<Item = &Task> {
        let start = self.order.partition_point(|slot| self.at(*slot).born <= time);
        self.order.range(start..).map(|slot| self.at(*slot))
    }

    fn slot_of(&self, id: &str) -> Option<Slot> {
        if id.len() == 32 {
            return self.by_id.get(&id.parse().ok()?).copied();
        }
        let number = id.parse().ok()?;
        let derived = || self.by_id.range(TaskId::with_number(number)?).next().map(|(_, slot)| slot);
        self.numbered.get(&number).or_else(derived).copied()
    }

    fn kept(&self, slot: Slot) -> &Kept {
        // A slot in an index is never empty: both change together.
        self.slots[slot as usize].as_ref().unwrap_or_else(|| unreachable!("an index names an empty slot"))
    }

    fn at(&self, slot: Slot) -> &Task {
        &self.kept(slot).task
    }

    /// The place in a row of the task of that age.
    fn place(&self, row: &Row, age: Age) -> Option<usize> {
        row.binary_search_by_key(&age, |slot| self.kept(*slot).age).ok()
    }

    fn evict_oldest_ended(&mut self) -> bool {
        let Some(age) = self.unfinished.take_oldest_ended() else { return false };
        let Some(place) = self.place(&self.order, age) else { return false };
        let slot = self.order[place];
        for key in rows(self.at(slot)) {
            let place = self.rows.get(&key).and_then(|row| self.place(row, age));
            let (Some(row), Some(place)) = (self.rows.get_mut(&key), place) else { continue };
            row.remove(place);
            if row.is_empty() {
                self.rows.remove(&key);
            }
        }
        self.order.remove(place);
        let Some(Kept { task, .. }) = self.slots[slot as usize].take() else { return false };
        self.by_id.remove(&task.id);
        if let Some(number) = task.number.filter(|number| self.numbered.get(number) == Some(&slot)) {
            self.numbered.remove(&number);
        }
        self.free.push(slot);
        true
    }
}

/// What they hold counts, and not where.
impl PartialEq for Tasks {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Tasks {}

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
        let found =
            self.tasks.slot_of(id).and_then(|slot| self.tasks.place(self.row, self.tasks.kept(slot).age));
        let found = found.filter(|place| self.left.contains(place));
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

impl TryFrom<ListOf<Task, KEPT_TASKS>> for Tasks {
    type Error = String;

    fn try_from(ListOf(tasks): ListOf<Task, KEPT_TASKS>) -> Result<Self, String> {
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
            // As when it was created: what had ended by then ended at its time.
            all.running(task.born);
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
        let tasks = filled(5, 100);
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
        assert_eq!(tasks.newest(&images, None).find(|task| task.born < at(4)).unwrap().id, ids[1]);
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
        assert_eq!(tasks.newest(&images, Some("console")).next().unwrap().born, at(40));
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

    /// A walk over the running ones at each start would take minutes.
    #[test]
    fn starting_and_evicting_behind_endless_tasks_takes_no_walk() {
        let mut tasks = Tasks::default();
        let plan = |ending| Plan::timed(0, 10, 4, ending);
        let start = |tasks: &mut Tasks, id: u32, ending| {
            let id = TaskId::new(u128::from(id) << 90);
            let now = at(i64::try_from(tasks.next_age).unwrap());
            tasks.add(Task::new(id, TaskType::new("IMAGE_SCAN"), now, plan(ending)), now, 25_000);
            (id, tasks.running(now))
        };
        for id in 0..20_000 {
            assert_eq!(start(&mut tasks, id, Ending::Never).1, id as usize + 1);
        }
        for id in 20_000..40_000 {
            start(&mut tasks, id, Ending::Fail);
        }
        let (last, running) = start(&mut tasks, 40_000, Ending::Fail);
        assert_eq!((tasks.len(), running), (25_000, 20_010));
        let born: Vec<i64> = tasks.born_after(at(15_000)).map(|task| task.born.as_second()).collect();
        assert_eq!((born[0], born[4_998], born[4_999], born[5_000]), (15_001, 19_999, 35_001, 35_002));
        let images = TaskType::new("IMAGE_SCAN");
        assert_eq!(tasks.newest(&images, None).only(Some(&last.to_string())).next().unwrap().id, last);
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
