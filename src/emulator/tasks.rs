//! Tasks and their transitions as the control API and tests see and change them. Reads here do not count as polls.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use super::accounts::{AccountError, AccountState};
use super::session::Session;
use crate::clock::Step;
use crate::domain::plan::Transition;
use crate::domain::{ApiError, NewTask, Override, OverrideError, State, Task};
use crate::operations;
use crate::text::similar::shortened;

/// A task at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TaskView {
    /// The account that it belongs to.
    pub account: String,
    /// Its id, 32 hex digits.
    pub id: String,
    /// The number that stands for it on the wire.
    pub number: u64,
    /// What it scans.
    #[serde(rename = "type")]
    pub task_type: String,
    /// Its `TaskName`.
    pub name: String,
    /// Its `Source`.
    pub source: String,
    /// When it was started, by its account's task clock.
    pub started: Timestamp,
    /// Its state.
    #[serde(flatten)]
    pub state: State,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error("no task has the id {0:?}")]
    Unknown(String),
    #[error("tasks of {} accounts have the id {id}: {}", accounts.len(), accounts.join(", "))]
    Shared {
        id: String,
        /// The accounts; of many, the first ten.
        accounts: Vec<String>,
    },
    #[error(transparent)]
    Refused(#[from] OverrideError),
    #[error("as many tasks run as are kept; limits: {{ kept_tasks }} of the scenario raises that")]
    NoRoom,
}

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
pub(crate) type TransitionCursor = HashMap<String, Timestamp>;

impl Session {
    /// Every task of every account (or of one) as it is now.
    pub fn tasks(&self, account: Option<&str>) -> Vec<TaskView> {
        let mut tasks = Vec::new();
        self.accounts.each(account, |id, account| {
            let now = account.settle(&self.clock, self.world());
            tasks.extend(account.account.tasks.iter().map(|task| TaskView::of(id, task, now)));
        });
        tasks
    }

    /// The task of that id, 32 hex digits or a number; `account` chooses among tasks that share a number.
    pub fn task(&self, account: Option<&str>, id: &str) -> Result<TaskView, TaskError> {
        let mut found = Vec::new();
        self.accounts.each(account, |owner, account| {
            let now = account.settle(&self.clock, self.world());
            found.extend(account.account.tasks.find(id).map(|task| TaskView::of(owner, task, now)));
        });
        match found.len() {
            0 | 1 => found.pop().ok_or_else(|| TaskError::Unknown(shortened(id))),
            _ => Err(TaskError::Shared {
                id: shortened(id),
                accounts: found.into_iter().take(10).map(|task| task.account).collect(),
            }),
        }
    }

    /// Starts a task as the console or a schedule would.
    pub fn start_task(&self, account: &str, new_task: NewTask) -> Result<TaskView, TaskError> {
        self.check_account(account)?;
        self.configure(account, |state| {
            let now = state.now(&self.clock);
            let begun = operations::start_from_outside(&mut state.context(now, self.world()), new_task);
            let id = begun.map_err(|_: ApiError| TaskError::NoRoom)?;
            let task = state.account.tasks.get(id).ok_or(TaskError::NoRoom)?;
            Ok(TaskView::of(account, task, now))
        })?
    }

    /// Puts a task into another state from now on.
    pub fn force_task(&self, account: Option<&str>, id: &str, to: Override) -> Result<TaskView, TaskError> {
        // Found first, for the id may be shared; then forced under its account's lock alone.
        let TaskView { account, id, .. } = self.task(account, id)?;
        let mut forced = Err(TaskError::Unknown(id.clone()));
        self.accounts.each(Some(&account), |_, state| {
            let now = state.settle(&self.clock, self.world());
            if let Some(task) = state.account.tasks.find_mut(&id) {
                let result = task.override_at(now, to).map_err(TaskError::from);
                forced = result.map(|()| TaskView::of(&account, task, now));
                state.is_configured = true;
            }
        });
        forced
    }

    /// A cursor at the present, for all accounts or for one. All transitions of an account that comes later are new.
    pub fn transition_cursor(&self, account: Option<&str>) -> TransitionCursor {
        let mut accounts = HashMap::new();
        self.accounts.each(account, |id, account| {
            accounts.insert(id.to_owned(), account.now(&self.clock));
        });
        accounts
    }

    /// Transitions since the cursor, in order; the cursor moves to the present.
    /// What is done to a task while its clock is paused takes no time, so it does not show here.
    pub fn transitions_since(
        &self,
        account: Option<&str>,
        cursor: &mut TransitionCursor,
    ) -> Vec<TaskTransition> {
        let (mut found, mut visited) = (Vec::new(), 0);
        self.accounts.each(account, |id, account| {
            visited += 1;
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
        // Accounts that were evicted or forgotten: clients may name any number of them.
        if cursor.len() > visited {
            cursor.retain(|id, _| self.accounts.get(id).is_some());
        }
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

impl TaskView {
    fn of(account: &str, task: &Task, now: Timestamp) -> Self {
        Self {
            account: account.to_owned(),
            id: task.id.to_string(),
            number: task.shown_number(),
            task_type: task.task_type.as_str().to_owned(),
            name: task.name().to_owned(),
            source: task.source.as_str().to_owned(),
            started: task.born,
            state: task.state_at(now),
        }
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
