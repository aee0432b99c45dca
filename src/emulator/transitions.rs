//! What happened to tasks in a step of a clock: all of it is counted, and the first of it is listed.

use jiff::Timestamp;
use serde::Serialize;

use crate::clock::Step;
use crate::domain::Task;
use crate::domain::plan::Transition;

/// Most transitions that are listed.
const MOST: usize = 10_000;

/// A change of status of one task, or its start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TaskTransition {
    /// When, by its account's task clock.
    #[cfg_attr(test, schemars(with = "crate::text::schema::Time"))]
    pub at: Timestamp,
    /// The account that it belongs to.
    pub account: String,
    /// The task's id.
    pub id: String,
    /// What it scans.
    #[serde(rename = "type")]
    pub task_type: String,
    /// The status that it left; `None` when it was started.
    pub from: Option<&'static str>,
    /// The status that it entered.
    pub to: &'static str,
}

/// The first transitions in order of time, and how many there are. Those that are not listed take no memory.
#[derive(Debug, Default)]
pub struct Transitions {
    pub count: usize,
    pub first: Vec<TaskTransition>,
    /// Later ones are not among the first.
    last: Option<Timestamp>,
}

impl Transitions {
    /// Adds what happened to a task in a step: its start, and its changes of status.
    pub(super) fn add(&mut self, account: &str, task: &Task, step: Step) {
        if task.born > step.after {
            return;
        }
        let mut add = |at, from, to| {
            self.count += 1;
            if self.last.is_some_and(|last| last <= at) {
                return;
            }
            self.first.push(TaskTransition {
                at,
                account: account.to_owned(),
                id: task.id.to_string(),
                task_type: task.task_type().as_str().to_owned(),
                from,
                to,
            });
        };
        if task.born > step.before {
            add(task.born, None, task.state_at(task.born).status.as_str());
        }
        for Transition { at, from, to } in task.transitions(step.before.max(task.born), step.after) {
            add(at, Some(from.as_str()), to.as_str());
        }
        if self.first.len() >= 2 * MOST {
            self.cut();
        }
    }

    /// In order of time; of the same time, as they were added.
    pub(super) fn sorted(mut self) -> Self {
        self.cut();
        self
    }

    fn cut(&mut self) {
        self.first.sort_by_key(|transition| transition.at);
        self.first.truncate(MOST);
        if self.first.len() == MOST {
            self.last = self.first.last().map(|last| last.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::domain::{Lifecycle, TaskId, TaskType};

    #[test]
    fn the_first_are_listed_and_all_are_counted() {
        let at = |second: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
        let step = Step { before: at(-1), after: at(1_000_000) };
        let mut found = Transitions::default();
        // The latest first, three of each second: a start, and two changes later on.
        for second in (0..20_000).rev() {
            for _ in 0..3 {
                let plan = Lifecycle::default().plan(None, |span| span.min);
                found.add(
                    "a",
                    &Task::new(TaskId::new(1), TaskType::new("IMAGE_SCAN"), at(second), plan),
                    step,
                );
            }
            assert!(found.first.len() < 2 * MOST + 3);
        }
        let found = found.sorted();
        assert_eq!((found.count, found.first.len()), (180_000, MOST));
        assert!(found.first.is_sorted_by_key(|one| one.at));
        let last = found.first.last().unwrap().at;
        assert!(last < at(1200), "nine in each second: {last}");
    }
}
