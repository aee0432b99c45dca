//! Tasks as whoever holds the emulator sees and changes them. Looking from here is no look that a task counts.

use super::resident::Sighting;
use super::{AccountError, Gateway};
use crate::domain::{ApiError, NewTask, Override, OverrideError};
use crate::operations;

/// Why nothing was done to a task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    /// There is no such account.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// No task has that id.
    #[error("no task has the id {0:?}")]
    Unknown(String),
    /// Tasks of several accounts have that number.
    #[error("tasks of {} accounts have the id {id}: {}", accounts.len(), accounts.join(", "))]
    Shared {
        /// The id.
        id: String,
        /// Whose they are; of many, the first ten.
        accounts: Vec<String>,
    },
    /// It does not let itself be changed like that.
    #[error(transparent)]
    Refused(#[from] OverrideError),
    /// As many tasks run as are kept.
    #[error("as many tasks run as are kept; limits: {{ kept_tasks }} of the scenario raises that")]
    NoRoom,
}

impl Gateway {
    /// Every task of every account (or of one) as it is now.
    pub fn sightings(&self, account: Option<&str>) -> Vec<Sighting> {
        let run = self.run();
        let mut sightings = Vec::new();
        run.accounts.each(account, |id, resident| {
            sightings.extend(resident.sightings(id, &run.clock, &run.setup.world));
        });
        sightings
    }

    /// The task of that id, 32 hex digits or a number; `account` tells those that share a number apart.
    pub fn task(&self, account: Option<&str>, id: &str) -> Result<Sighting, TaskError> {
        let run = self.run();
        let mut found = Vec::new();
        run.accounts.each(account, |owner, resident| {
            let now = resident.settle(&run.clock, &run.setup.world);
            found.extend(resident.account.tasks.find(id).map(|task| Sighting::of(owner, task, now)));
        });
        match found.len() {
            0 | 1 => found.pop().ok_or_else(|| TaskError::Unknown(short(id))),
            _ => Err(TaskError::Shared {
                id: short(id),
                accounts: found.into_iter().take(10).map(|task| task.account).collect(),
            }),
        }
    }

    /// Starts a task as the console or a schedule would.
    pub fn start_task(&self, account: &str, new: NewTask) -> Result<Sighting, TaskError> {
        let run = self.run();
        let world = &run.setup.world;
        if !run.accounts.has(account) {
            run.check_account(account)?;
        }
        let fresh = || run.fresh(account, run.first_instant);
        run.accounts.transact(account, fresh, |resident| {
            let now = resident.now(&run.clock);
            let begun = operations::start_from_outside(&mut resident.context(now, world), new);
            let id = begun.map_err(|_: ApiError| TaskError::NoRoom)?;
            let task = resident.account.tasks.get(id).ok_or(TaskError::NoRoom)?;
            Ok(Sighting::of(account, task, now))
        })?
    }

    /// Puts a task into another state from now on.
    pub fn force_task(
        &self,
        account: Option<&str>,
        id: &str,
        force: Override,
    ) -> Result<Sighting, TaskError> {
        // Found first, for the id may be shared; then forced under its account's lock alone.
        let Sighting { account, id, .. } = self.task(account, id)?;
        let run = self.run();
        let mut forced = Err(TaskError::Unknown(id.clone()));
        run.accounts.each(Some(&account), |_, resident| {
            let now = resident.settle(&run.clock, &run.setup.world);
            if let Some(task) = resident.account.tasks.find_mut(&id) {
                forced = task
                    .override_at(now, force)
                    .map_err(TaskError::from)
                    .map(|()| Sighting::of(&account, task, now));
            }
        });
        forced
    }
}

/// An id comes from outside: a message must not grow with it.
fn short(id: &str) -> String {
    id.chars().take(80).collect()
}
