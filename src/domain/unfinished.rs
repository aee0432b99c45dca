//! Which tasks of a store still run and which have ended, each kept so that asking costs no walk over all tasks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

/// A place in the store, reused after eviction. Half a machine word, for every index holds one for each task.
pub(super) type Slot = u32;

/// The number of a task in the order in which they were added.
pub(super) type Age = u64;

/// Every task of a store: it runs until its end is seen to have passed. An end is final, so each is moved once.
#[derive(Debug, Clone, Default)]
pub(super) struct Unfinished {
    running: BTreeMap<Age, Slot>,
    /// The ends of running tasks, where they are known.
    ends: BTreeSet<(Timestamp, Age)>,
    ended: BTreeSet<Age>,
    /// The time at which it was last seen that a task has ended.
    seen: Option<Timestamp>,
}

impl Unfinished {
    pub(super) fn add(&mut self, age: Age, slot: Slot, end: Option<Timestamp>) {
        self.running.insert(age, slot);
        self.ends.extend(end.map(|end| (end, age)));
    }

    /// The end of a running task is another one now.
    pub(super) fn moved(&mut self, age: Age, before: Option<Timestamp>, after: Option<Timestamp>) {
        if before != after && self.running.contains_key(&age) {
            before.map(|end| self.ends.remove(&(end, age)));
            self.ends.extend(after.map(|end| (end, age)));
        }
    }

    /// How many run at `now`.
    pub(super) fn count(&mut self, now: Timestamp) -> usize {
        while let Some((end, age)) = self.ends.first().copied().filter(|(end, _)| *end <= now) {
            self.ends.remove(&(end, age));
            self.running.remove(&age);
            self.ended.insert(age);
            self.seen = Some(now);
        }
        self.running.len()
    }

    /// Those that run, as of the last count, oldest first.
    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> {
        self.running.values().copied()
    }

    /// Whether all that ran at that time are among those that run.
    pub(super) fn is_complete_since(&self, time: Timestamp) -> bool {
        self.seen.is_none_or(|seen| seen <= time)
    }

    /// Takes out the oldest one that has ended, as of the last count.
    pub(super) fn take_oldest_ended(&mut self) -> Option<Age> {
        self.ended.pop_first()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::at;

    #[test]
    fn tasks_leave_when_their_ends_have_passed() {
        let mut all = Unfinished::default();
        for (age, end) in [(0, Some(30)), (1, None), (2, Some(10)), (3, Some(20))] {
            all.add(age, 100 + u32::try_from(age).unwrap(), end.map(at));
        }
        let slots = |all: &Unfinished| all.slots().collect::<Vec<_>>();
        assert_eq!((all.count(at(9)), slots(&all)), (4, vec![100, 101, 102, 103]));
        assert!(all.is_complete_since(at(0)));
        assert_eq!((all.count(at(10)), slots(&all)), (3, vec![100, 101, 103]));
        assert!(all.is_complete_since(at(10)) && !all.is_complete_since(at(9)));
        // One ends earlier, one later, one at last; one has ended already.
        all.moved(0, Some(at(30)), Some(at(11)));
        all.moved(3, Some(at(20)), None);
        all.moved(1, None, Some(at(12)));
        all.moved(2, Some(at(10)), None);
        assert_eq!((all.count(at(1_000)), slots(&all)), (1, vec![103]));
        let ended: Vec<Age> = std::iter::from_fn(|| all.take_oldest_ended()).collect();
        assert_eq!(ended, [0, 1, 2], "by age");
    }
}
