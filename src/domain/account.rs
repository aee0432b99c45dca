//! What one AccessKeyId holds. Nothing is shared between accounts, so parallel tests isolate themselves by their keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::task::Task;
use super::task_type::TaskType;

/// The tasks of one AccessKeyId.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// By type; within a type, oldest first.
    tasks: BTreeMap<TaskType, Vec<Task>>,
}

impl Account {
    /// Adds a task in its place: by birth, after those born at the same moment.
    pub fn add(&mut self, task: Task) {
        let tasks = self.tasks.entry(task.task_type.clone()).or_default();
        let place = tasks.partition_point(|other| other.born <= task.born);
        tasks.insert(place, task);
    }

    /// Whether there ever was a task of this type.
    pub fn has(&self, task_type: &TaskType) -> bool {
        self.tasks.contains_key(task_type)
    }

    /// The newest task of a type that `wanted` accepts.
    pub fn latest(&mut self, task_type: &TaskType, wanted: impl Fn(&Task) -> bool) -> Option<&mut Task> {
        self.tasks.get_mut(task_type)?.iter_mut().rev().find(|task| wanted(task))
    }

    /// Every task, by type and birth.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values().flatten()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::TaskId;
    use crate::domain::plan::Plan;
    use crate::domain::state::{ScanResult, State, Status};

    fn task(id: u128, born: i64) -> Task {
        let state = State {
            status: Status::Init,
            progress: 0,
            finish_count: 0,
            total_count: 0,
            result: ScanResult::Success,
        };
        Task {
            id: TaskId::new(id),
            number: None,
            task_type: TaskType::new("IMAGE_SCAN"),
            name: "IMAGE_SCAN".into(),
            source: if id == 2 { "schedule" } else { "console" }.into(),
            born: Timestamp::from_second(born).unwrap(),
            plan: Plan::Fixed(state),
            looks: 0,
        }
    }

    #[test]
    fn the_newest_wins_whatever_the_order_of_arrival() {
        let mut account = Account::default();
        for (id, born) in [(1, 50), (2, 90), (3, 10), (4, 50)] {
            account.add(task(id, born));
        }
        let scan = TaskType::new("IMAGE_SCAN");
        assert_eq!(account.latest(&scan, |_| true).unwrap().id, TaskId::new(2));
        assert_eq!(account.latest(&scan, |task| task.source == "console").unwrap().id, TaskId::new(4));
        assert!(account.latest(&TaskType::new("VUL_CHECK_TASK"), |_| true).is_none());
        assert!(account.has(&scan));
    }

    #[test]
    fn an_account_survives_serialisation() {
        let mut account = Account::default();
        account.add(task(1, 50));
        let text = serde_json::to_string(&account).unwrap();
        assert_eq!(serde_json::from_str::<Account>(&text).unwrap(), account);
    }
}
