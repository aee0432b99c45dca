//! Starts and changes of status of tasks: within a step of a clock, and since a cursor.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use super::accounts::AccountState;
use super::session::Session;
use crate::clock::Step;
use crate::domain::Task;
use crate::domain::plan::Transition;

/// A change of status of one task, or its start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TaskTransition {
    /// When, by its account's task clock.
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

/// Up to when a listener has seen transitions: each account may have its own time.
#[derive(Debug, Default)]
pub struct TransitionCursor(HashMap<String, Timestamp>);

impl Session {
    /// A cursor at the present, for all accounts or for one. All transitions of an account that comes later are new.
    pub fn transition_cursor(&self, account: Option<&str>) -> TransitionCursor {
        let mut accounts = HashMap::new();
        self.accounts.each(account, |id, account| {
            accounts.insert(id.to_owned(), account.now(&self.clock));
        });
        TransitionCursor(accounts)
    }

    /// Transitions since the cursor, in order; the cursor moves to the present.
    /// What is done to a task while its clock is paused takes no time, so it does not show here.
    pub fn transitions_since(
        &self,
        account: Option<&str>,
        TransitionCursor(cursor): &mut TransitionCursor,
    ) -> Vec<TaskTransition> {
        let mut found = Vec::new();
        self.accounts.each(account, |id, account| {
            let now = account.now(&self.clock);
            let before = cursor.get(id).copied().unwrap_or(self.start);
            if before == now {
                return;
            }
            // A clock that a reset of the account turned back shows nothing new until it moves on.
            if before < now {
                let step = Step { before, after: now };
                found.extend(self.transitions_of(id, account, step));
            }
            cursor.insert(id.to_owned(), now);
        });
        found.sort_by_key(|transition| transition.at);
        found
    }

    /// Applies everything that is due to an account, and returns what happened in a step of its clock, in order.
    pub(super) fn transitions_of(
        &self,
        id: &str,
        account: &mut AccountState,
        step: Step,
    ) -> Vec<TaskTransition> {
        let is_old = |task: &&Task| task.born <= step.before;
        // Before new tasks evict the oldest of those that are over.
        let mut found = in_step(id, account.account.tasks.iter().filter(is_old), step);
        account.settle(&self.clock, self.world());
        found.extend(in_step(id, account.account.tasks.iter().filter(|task| !is_old(task)), step));
        found.sort_by_key(|transition| transition.at);
        found
    }
}

/// Starts and changes of status in a step, task by task.
fn in_step<'a>(account: &str, tasks: impl Iterator<Item = &'a Task>, step: Step) -> Vec<TaskTransition> {
    let mut found = Vec::new();
    for task in tasks.filter(|task| task.born <= step.after) {
        let mut add = |at, from, to| {
            found.push(TaskTransition {
                at,
                account: account.to_owned(),
                id: task.id.to_string(),
                task_type: task.task_type.as_str().to_owned(),
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
    }
    found
}
