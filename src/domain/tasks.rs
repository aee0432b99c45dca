//! The tasks of an account, indexed by id, type, source, name and time, and limited in number.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::row::{Row, TaskSlot};
use super::summary::Summary;
use super::task::Task;
use super::task_id::TaskId;
use super::task_index::{Age, Index, KeptTask, kept, older};
use super::task_type::TaskType;

#[derive(Debug, Clone, Default)]
pub struct Tasks {
    /// By slot, and without an index in the order of age, without gaps.
    pub(super) slots: Vec<Option<KeptTask>>,
    next_age: Age,
    /// None of a few tasks, which most accounts have: looking at these is as fast and takes no memory.
    pub(super) index: Option<Box<Index>>,
    /// Slots that are free, where there is an index.
    free: Vec<TaskSlot>,
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
        if let Some(youngest) = self.youngest() {
            task.born = task.born.max(self.at(youngest).born);
        }
        self.share(&mut task);
        let slot = self.free.pop().unwrap_or_else(|| {
            if self.slots.is_empty() {
                // A vector would begin with room for four.
                self.slots.reserve_exact(1);
            }
            self.slots.push(None);
            TaskSlot::try_from(self.slots.len() - 1).unwrap_or_else(|_| unreachable!("memory ends before"))
        });
        let age = self.next_age;
        self.next_age += 1;
        if let Some(index) = &mut self.index {
            index.add(slot, age, &task);
        }
        self.slots[slot as usize] = Some(KeptTask { task, age });
        if self.index.is_none() && self.len() > MOST_UNINDEXED {
            self.index = Some(Box::new(self.indexed()));
        }
        if self.len() > kept {
            self.settle(now);
            while self.len() > kept && self.evict_oldest_ended(now) {}
        }
    }

    pub fn len(&self) -> usize {
        self.index.as_ref().map_or(self.slots.len(), |index| index.order.len())
    }

    fn indexed(&self) -> Index {
        let mut index = Index::default();
        let order = self.order();
        for slot in (0..order.len()).filter_map(|place| order.get(place)) {
            let KeptTask { task, age } = self.kept(slot);
            index.add(slot, *age, task);
        }
        index
    }

    /// Takes up what time has brought about: pages and counts that depend on the time hold for `now`.
    pub fn settle(&mut self, now: Timestamp) -> &Self {
        // Only an edited snapshot, whose clock is behind its tasks, can bring an account back in time.
        if self.index.as_ref().is_some_and(|index| now < index.seen()) {
            self.index = Some(Box::new(self.indexed()));
        }
        if let Some(index) = &mut self.index {
            index.settle(now, &self.slots);
        }
        self
    }

    /// All tasks.
    pub(super) fn order(&self) -> Cow<'_, Row> {
        match &self.index {
            Some(index) => Cow::Borrowed(&index.order),
            None => Cow::Owned(self.few(|_| true)),
        }
    }

    /// Those of a type, of one source or of all.
    pub(super) fn row(&self, task_type: &TaskType, source: Option<&str>) -> Cow<'_, Row> {
        if let Some(index) = &self.index {
            return index.row(task_type, source).map_or_else(Cow::default, Cow::Borrowed);
        }
        Cow::Owned(self.few(|task| {
            *task.task_type() == *task_type && source.is_none_or(|source| source == task.source().as_str())
        }))
    }

    /// Some of few tasks.
    fn few(&self, is_of_them: impl Fn(&Task) -> bool) -> Row {
        let mut row = Row::default();
        for (slot, KeptTask { task, .. }) in (0..).zip(self.slots.iter().flatten()) {
            if is_of_them(task) {
                row.push(slot, &Summary::unknown(task));
            }
        }
        row
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
        let task = &mut self.slots[slot as usize].as_mut()?.task;
        let seen = self.index.as_ref().map(|index| index.seen());
        let before = seen.map(|seen| (Summary::of(task, seen), task.still_from()));
        let result = act(task);
        if let (Some(index), Some((before, still_from))) = (&mut self.index, before) {
            index.changed(slot, &before, still_from, &self.slots);
        }
        Some((self.at(slot), result))
    }

    /// All of them, or those of one type, oldest first, from an age on; each with its age, which no other task has.
    pub fn oldest_from(
        &self,
        task_type: Option<&TaskType>,
        age: u64,
    ) -> impl ExactSizeIterator<Item = (u64, &Task)> {
        let row = task_type.map_or_else(|| self.order(), |task_type| self.row(task_type, None));
        let from = if age == 0 { 0 } else { row.place(older(&self.slots, age)) };
        (from..row.len()).map(move |place| {
            let KeptTask { task, age } = self.in_row(&row, place);
            (*age, task)
        })
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Task> {
        self.oldest_from(None, 0).map(|(_, task)| task)
    }

    /// The newest ones of all types, oldest first, and how many are older.
    pub fn newest_of_all(&self, most: usize) -> (Vec<&Task>, usize) {
        let row = self.order();
        let older = row.len().saturating_sub(most);
        ((older..row.len()).map(|place| &self.in_row(&row, place).task).collect(), older)
    }

    /// How many there are of each type.
    pub fn counts_by_type(&self) -> Vec<(TaskType, usize)> {
        if let Some(index) = &self.index {
            return index.types().map(|(task_type, row)| (task_type.clone(), row.len())).collect();
        }
        let mut counts = BTreeMap::<_, usize>::new();
        for KeptTask { task, .. } in self.slots.iter().flatten() {
            *counts.entry(task.task_type()).or_default() += 1;
        }
        counts.into_iter().map(|(task_type, count)| (task_type.clone(), count)).collect()
    }

    /// How many there are of one type, or in all.
    pub fn count(&self, task_type: Option<&TaskType>) -> usize {
        task_type.map_or(self.len(), |task_type| self.row(task_type, None).len())
    }

    pub(super) fn slot_of(&self, id: &str) -> Option<TaskSlot> {
        if id.len() == 32 {
            return self.slot_by_id(id.parse().ok()?);
        }
        let number = id.parse().ok()?;
        if let Some(index) = &self.index {
            return index.numbered(number, &self.slots);
        }
        // As in the index: of tasks that were given a number the newest, of ids the first.
        let given = self.newest_slot(|task| task.own_number() == Some(number));
        given.or_else(|| {
            let derived = TaskId::with_number(number)?;
            let of_it = self.few_slots().filter(|slot| derived.contains(&self.at(*slot).id));
            of_it.min_by_key(|slot| self.at(*slot).id)
        })
    }

    pub(super) fn slot_by_id(&self, id: TaskId) -> Option<TaskSlot> {
        match &self.index {
            Some(index) => index.get(id, &self.slots),
            None => self.newest_slot(|task| task.id == id),
        }
    }

    /// Of few tasks.
    pub(super) fn newest_slot(&self, is_wanted: impl Fn(&Task) -> bool) -> Option<TaskSlot> {
        self.few_slots().rev().find(|slot| is_wanted(self.at(*slot)))
    }

    fn few_slots(&self) -> impl DoubleEndedIterator<Item = TaskSlot> {
        0..TaskSlot::try_from(self.slots.len()).unwrap_or(TaskSlot::MAX)
    }

    fn youngest(&self) -> Option<TaskSlot> {
        match &self.index {
            Some(index) => index.order.get(index.order.len().checked_sub(1)?),
            None => self.few_slots().next_back(),
        }
    }

    pub(super) fn kept(&self, slot: TaskSlot) -> &KeptTask {
        kept(&self.slots, slot)
    }

    pub(super) fn at(&self, slot: TaskSlot) -> &Task {
        &self.kept(slot).task
    }

    pub(super) fn in_row(&self, row: &Row, place: usize) -> &KeptTask {
        let slot = row.get(place);
        self.kept(slot.unwrap_or_else(|| unreachable!("a row has as many tasks as its length says")))
    }

    /// The place of a task in a row, if it is in it.
    pub(super) fn place(&self, row: &Row, slot: TaskSlot) -> Option<usize> {
        let place = row.place(older(&self.slots, self.kept(slot).age));
        (row.get(place) == Some(slot)).then_some(place)
    }

    /// An index must have been settled at `now`.
    fn evict_oldest_ended(&mut self, now: Timestamp) -> bool {
        let Some(index) = &mut self.index else {
            let oldest = self.slots.iter().flatten().position(|kept| kept.task.ends_by(now));
            return oldest.map(|place| self.slots.remove(place)).is_some();
        };
        let mut oldest = None;
        index.order.visit(&|sum| sum.ended > 0, &mut |slot| {
            oldest = kept(&self.slots, slot).task.ends_by(now).then_some(slot);
            oldest.is_none()
        });
        let Some(slot) = oldest else { return false };
        index.remove(slot, &self.slots);
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
        tasks.add(task(42, 42).from_source(Source::new("other")), at(42), 100);
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
        tasks.add(task(9, 9).numbered(Some(0)), at(9), 100);
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
        let numbered = |place: u128| task(place, 100).numbered(place.is_multiple_of(3).then_some(7));
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
