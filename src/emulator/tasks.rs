//! Tasks as the control API and tests see and change them. Reads here do not count as polls.

use std::str::FromStr;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::account_map::TaskCounts;
use super::accounts::{AccountError, AccountState};
use super::session::Session;
use super::transitions::Transitions;
use crate::clock::Step;
use crate::domain::keyring::is_possible_id;
use crate::domain::{NewTask, Override, OverrideError, State, Task, TaskFilter};
use crate::operations::{self, Settled, TaskStartError};
use crate::text::similar::shortened;

/// A task at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    #[cfg_attr(test, schemars(with = "crate::text::schema::Time"))]
    pub started: Timestamp,
    /// Its state.
    #[serde(flatten)]
    pub state: State,
}

/// Some tasks, how many there are, and the place of the task that follows if there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TaskList {
    pub total: usize,
    pub tasks: Vec<TaskView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub next: Option<TaskPlace>,
}

/// A place among the tasks of all accounts, written `ACCOUNT:NUMBER`. It stays where it is when tasks are added or evicted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskPlace {
    account: String,
    age: u64,
}

impl FromStr for TaskPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (account, age) = text.rsplit_once(':').unwrap_or_default();
        let place = age.parse().ok().filter(|_| is_possible_id(account));
        let place = place.map(|age| Self { account: account.to_owned(), age });
        place.ok_or_else(|| format!("{:?} is not the \"next\" of an earlier answer", shortened(text)))
    }
}

impl Serialize for TaskPlace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}:{}", self.account, self.age))
    }
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
    #[error(transparent)]
    NotStarted(#[from] TaskStartError),
}

impl Session {
    /// The wanted tasks of every account (or of one) as they are now: some of them from a place on, and how many there are.
    pub fn tasks(
        &self,
        account: Option<&str>,
        wanted: &TaskFilter,
        from: Option<&TaskPlace>,
        most: usize,
    ) -> TaskList {
        let mut list = TaskList { total: 0, tasks: Vec::new(), next: None };
        let first = from.cloned().unwrap_or_default();
        let add = |list: &mut TaskList, id: &str, account: &mut AccountState| {
            let now = account.settle(&self.clock, self.world());
            let age = if id == first.account { first.age } else { 0 };
            let mut goes_on = true;
            account.account.tasks.visit_wanted(wanted, age, now, |age, task| {
                goes_on = list.tasks.len() < most;
                if goes_on {
                    list.tasks.push(TaskView::of(id, task, now));
                } else {
                    list.next = (most > 0).then(|| TaskPlace { account: id.to_owned(), age });
                }
                goes_on
            });
            (goes_on, now)
        };
        if let Some(id) = account {
            self.accounts.each(Some(id), |id, account| {
                let (_, now) = add(&mut list, id, account);
                list.total = account.account.tasks.count(wanted, now);
            });
            return list;
        }
        list.total = self.count_tasks(wanted).0;
        if most > 0 {
            self.accounts.each_from(&first.account, |id, account| {
                add(&mut list, id, account).0 && (from.is_some() || list.tasks.len() < list.total)
            });
        }
        list
    }

    /// How many tasks there are, and how many of them have ended.
    pub fn task_counts(&self) -> (usize, usize) {
        let (total, running) = self.count_tasks(&TaskFilter::default());
        (total, total - running)
    }

    /// How many tasks are wanted, and how many of all run.
    fn count_tasks(&self, wanted: &TaskFilter) -> (usize, usize) {
        self.accounts.count(wanted, |account| {
            let now = account.settle(&self.clock, self.world());
            let tasks = &mut account.account.tasks;
            let running = tasks.running(now);
            let counts = TaskCounts { running, by_type: tasks.counts_by_type(now, wanted.status.is_some()) };
            (counts, account.is_still(now))
        })
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
            let id = operations::start_from_outside(&mut state.context(now, self.world()), new_task)?;
            let task = state.account.tasks.get(id).ok_or(TaskStartError::NoRoom)?;
            Ok(TaskView::of(account, task, now))
        })
    }

    /// Puts a task into another state from now on.
    pub fn force_task(&self, account: Option<&str>, id: &str, to: Override) -> Result<TaskView, TaskError> {
        // Found first, for the id may be shared; then forced under its account's lock alone.
        let TaskView { account, id, .. } = self.task(account, id)?;
        let mut forced = Err(TaskError::Unknown(id.clone()));
        self.accounts.change(&account, |state| {
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
            task_type: task.task_type().as_str().to_owned(),
            name: task.name().to_owned(),
            source: task.source().as_str().to_owned(),
            started: task.born,
            state: task.state_at(now),
        }
    }
}
