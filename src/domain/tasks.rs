//! The tasks of an account, indexed by id, type, source and time, and limited in number.

use std::borrow::Cow;

use jiff::Timestamp;

use super::task::Task;
use super::task_id::TaskId;
use super::task_index::{Index, Row, place};
use super::task_type::TaskType;
use super::unfinished::{Age, Slot, Unfinished};

#[derive(Debug, Clone, Default)]
pub struct Tasks {
    slots: Vec<Option<KeptTask>>,
    free: Vec<Slot>,
    order: Row,
    next_age: Age,
    /// None of a few tasks, which most accounts have: looking at these is as fast and takes no memory.
    index: Option<Box<Index>>,
}

#[derive(Debug, Clone)]
pub(super) struct KeptTask {
    task: Task,
    pub(super) age: Age,
}

/// Most tasks without an index.
const MOST_UNINDEXED: usize = 8;

/// What they hold counts, and not where.
impl PartialEq for Tasks {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Tasks {}

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
        let age = self.next_age;
        self.next_age += 1;
        self.order.push_back(slot);
        if let Some(index) = &mut self.index {
            index.add(slot, age, &task);
        }
        self.slots[slot as usize] = Some(KeptTask { task, age });
        if self.index.is_none() && self.order.len() > MOST_UNINDEXED {
            self.index = Some(Box::new(self.indexed()));
        }
        if self.order.len() > kept {
            self.running(now);
            while self.order.len() > kept && self.evict_oldest_ended(now) {}
        }
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    fn indexed(&self) -> Index {
        let mut index = Index::default();
        for slot in &self.order {
            let KeptTask { task, age } = self.kept(*slot);
            index.add(*slot, *age, task);
        }
        index
    }

    pub(super) fn row(&self, task_type: &TaskType, source: Option<&str>) -> Cow<'_, Row> {
        if let Some(index) = &self.index {
            return index.row(task_type, source).map_or_else(Cow::default, Cow::Borrowed);
        }
        let is_of_it = |slot: &&Slot| {
            let task = self.at(**slot);
            task.task_type == *task_type && source.is_none_or(|source| source == task.source.as_str())
        };
        Cow::Owned(self.order.iter().filter(is_of_it).copied().collect())
    }

    /// The task of that id: 32 hex digits, or the number that stands for it (spec/api.md §2.4).
    pub fn find(&self, id: &str) -> Option<&Task> {
        self.slot_of(id).map(|slot| self.at(slot))
    }

    pub fn get(&self, id: TaskId) -> Option<&Task> {
        self.slot_by_id(id).map(|slot| self.at(slot))
    }

    /// Changes a task; returns it and what `act` returned.
    pub fn change<T>(&mut self, id: TaskId, act: impl FnOnce(&mut Task) -> T) -> Option<(&Task, T)> {
        let slot = self.slot_by_id(id)?;
        let KeptTask { task, age } = self.slots[slot as usize].as_mut()?;
        let before = task.expiry();
        let result = act(task);
        if let Some(index) = &mut self.index {
            index.unfinished.moved(*age, before, task.expiry());
        }
        Some((task, result))
    }

    /// All of them, or those of one type, oldest first.
    pub fn oldest(&self, task_type: Option<&TaskType>) -> impl ExactSizeIterator<Item = &Task> {
        let row = task_type.map_or(Cow::Borrowed(&self.order), |task_type| self.row(task_type, None));
        (0..row.len()).map(move |place| self.at(row[place]))
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Task> {
        self.oldest(None)
    }

    pub fn running(&mut self, now: Timestamp) -> usize {
        match &mut self.index {
            Some(index) => index.unfinished.count(now),
            None => self.order.len() - self.order.iter().filter(|slot| self.has_ended(**slot, now)).count(),
        }
    }

    /// Those that run at `now`, oldest first.
    pub fn unfinished(&mut self, now: Timestamp) -> impl Iterator<Item = &Task> {
        self.running(now);
        let tasks = &*self;
        let indexed = tasks.index.iter().flat_map(|index| index.unfinished.slots());
        let few = tasks.order.iter().copied().take_while(|_| tasks.index.is_none());
        let few = few.filter(move |slot| !tasks.has_ended(*slot, now));
        indexed.chain(few).map(|slot| tasks.at(slot))
    }

    /// Those that existed at a time and may have changed since: all that ran, and perhaps more.
    pub fn running_since(&self, time: Timestamp) -> impl Iterator<Item = &Task> {
        let unfinished = self.index.as_ref().map(|index| &index.unfinished);
        let unfinished = unfinished.filter(|unfinished| unfinished.is_complete_since(time));
        let is_complete = unfinished.is_some();
        let running = unfinished.into_iter().flat_map(Unfinished::slots);
        let all = self.order.iter().copied().take_while(move |_| !is_complete);
        running.chain(all).map(|slot| self.at(slot)).take_while(move |task| task.born <= time)
    }

    /// Those that were started after a time, oldest first.
    pub fn born_after(&self, time: Timestamp) -> impl Iterator<Item = &Task> {
        let start = self.order.partition_point(|slot| self.at(*slot).born <= time);
        self.order.range(start..).map(|slot| self.at(*slot))
    }

    pub(super) fn slot_of(&self, id: &str) -> Option<Slot> {
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

    fn has_ended(&self, slot: Slot, now: Timestamp) -> bool {
        self.at(slot).expiry().is_some_and(|end| end <= now)
    }

    pub(super) fn kept(&self, slot: Slot) -> &KeptTask {
        // A slot in an index is never empty: both change together.
        self.slots[slot as usize].as_ref().unwrap_or_else(|| unreachable!("an index names an empty slot"))
    }

    pub(super) fn at(&self, slot: Slot) -> &Task {
        &self.kept(slot).task
    }

    pub(super) fn place(&self, row: &Row, age: Age) -> Option<usize> {
        place(row, age, |slot| self.kept(slot).age)
    }

    fn evict_oldest_ended(&mut self, now: Timestamp) -> bool {
        let ended = if let Some(index) = &mut self.index {
            index.unfinished.take_oldest_ended()
        } else {
            let ended = self.order.iter().find(|slot| self.has_ended(**slot, now));
            ended.map(|slot| self.kept(*slot).age)
        };
        let Some(age) = ended else { return false };
        let Some(place) = self.place(&self.order, age) else { return false };
        let Some(slot) = self.order.remove(place) else { return false };
        if let (Some(index), Some(KeptTask { task, .. })) = (&mut self.index, &self.slots[slot as usize]) {
            let age_at = |slot: Slot| self.slots[slot as usize].as_ref().map_or(0, |kept| kept.age);
            index.remove(slot, task, age_at);
        }
        self.slots[slot as usize] = None;
        self.free.push(slot);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Source;
    use crate::domain::at;
    use crate::domain::newest::Newest;
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
}
