//! Tasks as the control API and tests see and change them. Reads here do not count as polls.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use super::accounts::{AccountError, AccountState};
use super::session::Session;
use super::transitions::Transitions;
use crate::clock::Step;
use crate::domain::{ApiError, NewTask, Override, OverrideError, State, Task, TaskType};
use crate::operations::{self, Settled};
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

/// The first of some tasks, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskList {
    pub total: usize,
    pub tasks: Vec<TaskView>,
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

/// Once a look at all transitions has started so many tasks, it leaves accounts with more to the next one.
const MOST_STARTS: usize = 10_000;

/// Up to when a listener has seen transitions: each account may have its own time.
pub(crate) type TransitionCursor = HashMap<String, Timestamp>;

impl Session {
    /// Tasks of every account (or of one) as they are now, of all types or of one: the first ones, and how many there are.
    pub fn tasks(&self, account: Option<&str>, task_type: Option<&str>, most: usize) -> TaskList {
        let task_type = task_type.map(TaskType::new);
        let mut list = TaskList { total: 0, tasks: Vec::new() };
        self.accounts.each(account, |id, account| {
            let now = account.settle(&self.clock, self.world());
            let tasks = account.account.tasks.oldest(task_type.as_ref());
            list.total += tasks.len();
            let room = most - list.tasks.len();
            list.tasks.extend(tasks.take(room).map(|task| TaskView::of(id, task, now)));
        });
        list
    }

    /// How many tasks there are, and how many of them have ended.
    pub fn task_counts(&self) -> (usize, usize) {
        let (mut total, mut running) = (0, 0);
        self.accounts.each(None, |_, account| {
            let now = account.settle(&self.clock, self.world());
            total += account.account.tasks.len();
            running += account.account.tasks.running(now);
        });
        (total, total - running)
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
        })
    }

    /// Puts a task into another state from now on.
    pub fn force_task(&self, account: Option<&str>, id: &str, to: Override) -> Result<TaskView, TaskError> {
        // Found first, for the id may be shared; then forced under its account's lock alone.
        let TaskView { account, id, .. } = self.task(account, id)?;
        let mut forced = Err(TaskError::Unknown(id.clone()));
        self.accounts.each(Some(&account), |_, state| {
            let now = state.settle(&self.clock, self.world());
            let tasks = &mut state.account.tasks;
            let found = tasks.find(&id).map(|task| task.id);
            if let Some((task, result)) =
                found.and_then(|id| tasks.change(id, |task| task.override_at(now, to)))
            {
                forced = result.map(|()| TaskView::of(&account, task, now)).map_err(TaskError::from);
                state.is_configured |= forced.is_ok();
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
    pub fn transitions_since(&self, account: Option<&str>, cursor: &mut TransitionCursor) -> Transitions {
        let (mut found, mut visited, mut started) = (Transitions::default(), 0, 0);
        self.accounts.each(account, |id, account| {
            visited += 1;
            let now = account.now(&self.clock);
            let before = cursor.get(id).copied().unwrap_or(self.start);
            // What a long jump left to be started is spread over several looks.
            if before == now || started >= MOST_STARTS && account.account.may_start_tasks() {
                return;
            }
            // A clock that a reset of the account turned back shows nothing new until it moves on.
            if before < now {
                started += self.add_transitions(id, account, Step { before, after: now }, &mut found).started;
            }
            cursor.insert(id.to_owned(), now);
        });
        // Accounts that were evicted or forgotten: clients may name any number of them.
        if cursor.len() > visited {
            cursor.retain(|id, _| self.accounts.get(id).is_some());
        }
        found.sorted()
    }

    /// Applies everything that is due to an account, and adds what happened in a step of its clock.
    pub(super) fn add_transitions(
        &self,
        id: &str,
        account: &mut AccountState,
        step: Step,
        found: &mut Transitions,
    ) -> Settled {
        // Before new tasks evict the oldest of those that are over.
        for task in account.account.tasks.running_since(step.before) {
            found.add(id, task, step);
        }
        let settled = account.settle_counting(&self.clock, self.world());
        for task in account.account.tasks.born_after(step.before) {
            found.add(id, task, step);
        }
        settled
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
