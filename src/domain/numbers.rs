//! Numbers that tasks are given after they were added, where SDKs have no room for the one that follows from the id.

use super::task_id::TaskId;
use super::tasks::Tasks;

impl Tasks {
    /// Gives a task a number to show instead of the one derived from its id.
    pub fn give_number(&mut self, id: TaskId, number: u64) {
        let Some(slot) = self.slot_by_id(id) else { return };
        if let Some(kept) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) {
            kept.task.give_number(number);
        }
        if let Some(index) = &mut self.index {
            index.give_number(slot, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::Ending;
    use crate::domain::state::ScanResult;
    use crate::domain::{Plan, Task, TaskType, at};

    #[test]
    fn a_number_that_is_given_later_is_found() {
        let mut tasks = Tasks::default();
        let plan = Plan::timed(0, 10, 4, Ending::Success(ScanResult::Success));
        for place in 0..20_u8 {
            let id = TaskId::new((u128::from(place) + 1) << 100);
            let born = at(place.into());
            tasks.add(Task::new(id, TaskType::new("EXPORT"), born, plan.clone()), born, usize::MAX);
            let number = 7_000 + u64::from(place);
            tasks.give_number(id, number);
            let found = tasks.find(&number.to_string()).unwrap();
            assert_eq!((found.id, found.shown_number()), (id, number));
        }
        assert_eq!(tasks.find("7000").unwrap().id, TaskId::new(1 << 100));
    }
}
