//! One account as the gateway keeps it: what it holds, its chance, and its clock if it has one of its own.

use jiff::Timestamp;
use serde::Serialize;

use crate::clock::{Clock, Step};
use crate::dice::Dice;
use crate::domain::plan::Transition;
use crate::domain::{Account, State, Task, World};
use crate::operations::{self, Context};

/// An account with all that belongs to it.
#[derive(Debug)]
pub(super) struct Resident {
    pub(super) account: Account,
    pub(super) dice: Dice,
    /// Its own task clock; the world's if it has none.
    pub(super) clock: Option<Clock>,
}

/// A task as an onlooker sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Sighting {
    /// Whose it is.
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
    /// Who started it.
    pub source: String,
    /// When, by its account's task clock.
    pub started: Timestamp,
    /// What it shows.
    #[serde(flatten)]
    pub state: State,
}

/// A change of status of one task, or its birth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TaskTransition {
    /// When, by its account's task clock.
    pub at: Timestamp,
    /// Whose it is.
    pub account: String,
    /// Its id.
    pub id: String,
    /// What it scans.
    #[serde(rename = "type")]
    pub task_type: String,
    /// The status it left; none when it was born.
    pub from: Option<&'static str>,
    /// The status it entered.
    pub to: &'static str,
}

impl Resident {
    /// At its beginning, by the world's clock.
    pub(super) fn new(account: Account, dice: Dice) -> Self {
        Self { account, dice, clock: None }
    }

    /// The time by its clock. Read it under the account's lock: were it read before, a slower call could see an older
    /// time than a faster one that came later, and progress would fall.
    pub(super) fn now(&self, worlds: &Clock) -> Timestamp {
        self.clock.as_ref().unwrap_or(worlds).now()
    }

    /// What operations see of it.
    pub(super) fn context<'a>(&'a mut self, now: Timestamp, world: &'a World) -> Context<'a> {
        Context { now, account: &mut self.account, dice: &mut self.dice, world }
    }

    /// Lets happen what is due; answers with the time.
    pub(super) fn settle(&mut self, worlds: &Clock, world: &World) -> Timestamp {
        let now = self.now(worlds);
        operations::settle(&mut self.context(now, world));
        now
    }

    /// Lets happen what is due, and tells what happened from before a step of its clock to after it, in order.
    pub(super) fn happened(
        &mut self,
        id: &str,
        step: Step,
        worlds: &Clock,
        world: &World,
    ) -> Vec<TaskTransition> {
        let is_old = |task: &&Task| task.born <= step.before;
        // Before births make the oldest of those that are over be forgotten.
        let mut told = tell(id, self.account.tasks.iter().filter(is_old), step);
        self.settle(worlds, world);
        told.extend(tell(id, self.account.tasks.iter().filter(|task| !is_old(task)), step));
        told.sort_by_key(|transition| transition.at);
        told
    }

    /// Its tasks as they are now; nobody's look is counted.
    pub(super) fn sightings(&mut self, id: &str, worlds: &Clock, world: &World) -> Vec<Sighting> {
        let now = self.settle(worlds, world);
        self.account.tasks.iter().map(|task| Sighting::of(id, task, now)).collect()
    }
}

impl Sighting {
    /// Of a task at a time.
    pub(super) fn of(account: &str, task: &Task, now: Timestamp) -> Self {
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

/// Births and changes of status in a step, task by task.
fn tell<'a>(account: &str, tasks: impl Iterator<Item = &'a Task>, step: Step) -> Vec<TaskTransition> {
    let mut told = Vec::new();
    for task in tasks.filter(|task| task.born <= step.after) {
        let mut add = |at, from, to| {
            told.push(TaskTransition {
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
    told
}
