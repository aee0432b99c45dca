//! The tasks of an account as a list, oldest first: how a snapshot holds them.

use jiff::Timestamp;

use super::bounds::KEPT_TASKS;
use super::targets::Targets;
use super::task::Task;
use super::tasks::Tasks;
use crate::text::limited::ListOf;

/// What they hold counts, and not where.
impl PartialEq for Tasks {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Tasks {}

impl TryFrom<ListOf<Task, KEPT_TASKS>> for Tasks {
    type Error = String;

    fn try_from(ListOf(tasks): ListOf<Task, KEPT_TASKS>) -> Result<Self, String> {
        let mut all = Self::default();
        let mut shared = Targets::default();
        for mut task in tasks {
            if all.get(task.id).is_some() {
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
    use crate::domain::plan::{Ending, Plan};
    use crate::domain::state::ScanResult;
    use crate::domain::{TaskId, TaskType, at};

    /// A task that runs for ten seconds.
    fn task(id: u128, born: i64) -> Task {
        let plan = Plan::timed(0, 10, 4, Ending::Success(ScanResult::Success));
        Task::new(TaskId::new(id << 100), TaskType::new("IMAGE_SCAN"), at(born), plan)
    }

    #[test]
    fn tasks_survive_serialisation() {
        let mut tasks = Tasks::default();
        for second in 1..=30_u8 {
            tasks.add(task(second.into(), second.into()), at(second.into()), 10);
        }
        let text = serde_json::to_string(&tasks).unwrap();
        let again: Tasks = serde_json::from_str(&text).unwrap();
        assert!(again == tasks && again.iter().count() == 10);
        let twice = [task(1, 1), task(1, 2)];
        let error = serde_json::from_str::<Tasks>(&serde_json::to_string(&twice).unwrap()).unwrap_err();
        assert!(error.to_string().starts_with("two tasks have the id 0000001"), "{error}");
    }
}
