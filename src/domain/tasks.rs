//! The tasks of an account: found by id and by type at the same cost, however many there are, and bounded.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::target::Targets;
use super::task::{Task, TaskId};
use super::task_type::TaskType;

/// Where a task stands in the store; reused once it is forgotten.
type Slot = usize;

/// Tasks in the order of their birth, with indexes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Task>", into = "Vec<Task>")]
pub struct Tasks {
    slots: Vec<Option<Task>>,
    free: Vec<Slot>,
    /// All of them, oldest first.
    order: VecDeque<Slot>,
    by_id: BTreeMap<TaskId, Slot>,
    /// Those that show a number of their own.
    numbered: BTreeMap<u64, Slot>,
    by_type: BTreeMap<TaskType, VecDeque<Slot>>,
    /// Those that were not over when last looked at; what is over stays over, so each leaves this list once.
    running: Vec<Slot>,
}

impl Tasks {
    /// Adds a task that was born after all others, and forgets the oldest finished ones beyond `kept`.
    pub fn add(&mut self, task: Task, now: Timestamp, kept: usize) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.order.push_back(slot);
        self.by_id.insert(task.id, slot);
        self.numbered.extend(task.number.map(|number| (number, slot)));
        self.by_type.entry(task.task_type.clone()).or_default().push_back(slot);
        self.running.push(slot);
        self.slots[slot] = Some(task);
        while self.order.len() > kept && self.forget_oldest_finished(now) {}
    }

    /// Whether there is one of this type.
    pub fn has(&self, task_type: &TaskType) -> bool {
        self.by_type.get(task_type).is_some_and(|slots| !slots.is_empty())
    }

    /// How many there are of a type.
    pub fn count(&self, task_type: &TaskType) -> usize {
        self.by_type.get(task_type).map_or(0, VecDeque::len)
    }

    /// Those of a type, newest first; skipping the first few costs nothing.
    pub fn newest(&self, task_type: &TaskType) -> impl ExactSizeIterator<Item = &Task> {
        // A slot in an index is never empty: both change together.
        static NONE: VecDeque<Slot> = VecDeque::new();
        let slots = self.by_type.get(task_type).unwrap_or(&NONE);
        (0..slots.len()).rev().map(move |index| self.at(slots[index]))
    }

    /// The newest of a type that `wanted` accepts.
    pub fn latest(&mut self, task_type: &TaskType, wanted: impl Fn(&Task) -> bool) -> Option<&mut Task> {
        let slots = self.by_type.get(task_type)?;
        let slot = slots.iter().rev().copied().find(|slot| wanted(self.at(*slot)))?;
        self.slots[slot].as_mut()
    }

    /// The one of that id: 32 hex digits, or the number that stands for it (spec/api.md §2.4).
    pub fn find(&self, id: &str) -> Option<&Task> {
        self.slot_of(id).map(|slot| self.at(slot))
    }

    /// The same, to change it.
    pub fn find_mut(&mut self, id: &str) -> Option<&mut Task> {
        let slot = self.slot_of(id)?;
        self.slots[slot].as_mut()
    }

    /// The one of that id.
    pub fn get(&self, id: TaskId) -> Option<&Task> {
        self.by_id.get(&id).map(|slot| self.at(*slot))
    }

    /// Counts a look at the task of that id, as [`Task::look`] does.
    pub fn look(&mut self, id: TaskId, now: Timestamp) {
        if let Some(task) = self.by_id.get(&id).and_then(|slot| self.slots[*slot].as_mut()) {
            task.look(now);
        }
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Task> {
        self.order.iter().map(|slot| self.at(*slot))
    }

    /// How many are not over.
    pub fn running(&mut self, now: Timestamp) -> usize {
        let slots = &self.slots;
        self.running.retain(|slot| {
            slots[*slot].as_ref().is_some_and(|task| !task.state_at(now).status.is_terminal())
        });
        self.running.len()
    }

    /// Those that are not over.
    pub fn unfinished(&mut self, now: Timestamp) -> impl Iterator<Item = &Task> {
        self.running(now);
        self.running.iter().map(|slot| self.at(*slot))
    }

    fn slot_of(&self, id: &str) -> Option<Slot> {
        let range = if id.len() == 32 {
            TaskId::exactly(id)?
        } else {
            let number = id.parse().ok()?;
            if let Some(slot) = self.numbered.get(&number) {
                return Some(*slot);
            }
            TaskId::with_number(number)?
        };
        let (_, slot) = self.by_id.range(range).next()?;
        Some(*slot)
    }

    fn at(&self, slot: Slot) -> &Task {
        self.slots[slot].as_ref().unwrap_or_else(|| unreachable!("an index named an empty slot"))
    }

    fn forget_oldest_finished(&mut self, now: Timestamp) -> bool {
        let over = |slot: &Slot| self.at(*slot).state_at(now).status.is_terminal();
        let Some(place) = self.order.iter().position(over) else { return false };
        let Some(slot) = self.order.remove(place) else { return false };
        let Some(task) = self.slots[slot].take() else { return false };
        self.by_id.remove(&task.id);
        if let Some(number) = task.number.filter(|number| self.numbered.get(number) == Some(&slot)) {
            self.numbered.remove(&number);
        }
        if let Some(slots) = self.by_type.get_mut(&task.task_type) {
            // Near the front, for it is the oldest that is over.
            if let Some(place) = slots.iter().position(|other| *other == slot) {
                slots.remove(place);
            }
        }
        self.running.retain(|other| *other != slot);
        self.free.push(slot);
        true
    }
}

impl TryFrom<Vec<Task>> for Tasks {
    type Error = String;

    fn try_from(tasks: Vec<Task>) -> Result<Self, String> {
        let mut all = Self::default();
        let mut shared = Targets::default();
        for mut task in tasks {
            if all.by_id.contains_key(&task.id) {
                return Err(format!("two tasks have the id {}", task.id));
            }
            // Equal lists are one list again, as they were when the tasks were born.
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
    use crate::domain::plan::{Curve, Ending, Pace, Plan};
    use crate::domain::{ScanResult, Source, Targets};
    use jiff::SignedDuration;

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    /// A task that runs for ten seconds.
    fn task(id: u128, born: i64) -> Task {
        let pace = Pace::Time { queued: SignedDuration::ZERO, running: SignedDuration::from_secs(10) };
        let ending = Ending::Success(ScanResult::Success);
        Task {
            id: TaskId::new(id << 100),
            number: None,
            task_type: TaskType::new(if id.is_multiple_of(2) { "IMAGE_SCAN" } else { "VUL_CHECK_TASK" }),
            name: None,
            source: Source::CONSOLE,
            param: None,
            born: at(born),
            plan: Plan::Course { pace, targets: 4, curve: Curve::Linear, ending },
            targets: Targets::default(),
            looks: 0,
            ended: None,
            forced: None,
        }
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
        let ids: Vec<TaskId> = tasks.newest(&images).map(|task| task.id).collect();
        assert_eq!(ids, [TaskId::new(4 << 100), TaskId::new(2 << 100)]);
        assert_eq!((tasks.count(&images), tasks.has(&TaskType::new("OTHER"))), (2, false));
        for id in [ids[0].to_string(), ids[0].number().to_string()] {
            assert_eq!(tasks.find(&id).unwrap().id, ids[0]);
        }
        assert!(
            tasks.find("nonsense").is_none()
                && tasks.find("").is_none()
                && tasks.find(&"f".repeat(32)).is_none()
        );
        assert_eq!(tasks.latest(&images, |task| task.born < at(4)).unwrap().id, ids[1]);
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
    fn what_is_over_is_forgotten_first_and_what_runs_never() {
        let mut tasks = filled(100, 20);
        assert_eq!(tasks.iter().count(), 20);
        assert_eq!(tasks.iter().next().unwrap().born, at(81));
        assert_eq!(tasks.running(at(100)), 10);
        assert_eq!(tasks.running(at(200)), 0);
        // Ten run at a time; fewer cannot be kept.
        assert_eq!(filled(100, 3).iter().count(), 10);
        assert!(tasks.slots.len() <= 21, "slots are used again");
    }

    #[test]
    fn they_survive_serialisation() {
        let tasks = filled(30, 10);
        let text = serde_json::to_string(&tasks).unwrap();
        let again: Tasks = serde_json::from_str(&text).unwrap();
        assert!(again.iter().eq(tasks.iter()));
        let twice = [task(1, 1), task(1, 2)];
        let error = serde_json::from_str::<Tasks>(&serde_json::to_string(&twice).unwrap()).unwrap_err();
        assert!(error.to_string().starts_with("two tasks have the id 0000001"), "{error}");
    }
}
