//! Where accounts live: memory. The gateway reaches one through [`Store::transact`] alone, so that another home can
//! take its place.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::clock::Clock;
use crate::dice::Dice;
use crate::domain::plan::Transition;
use crate::domain::{Account, ApiError, Code, State, TaskId};

type Resident = Arc<Mutex<(Account, Dice)>>;

/// The accounts that have called.
#[derive(Debug)]
pub(super) struct Store {
    accounts: Mutex<HashMap<String, Resident>>,
    limit: usize,
}

/// A task as an onlooker sees it.
#[derive(Debug, Serialize)]
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
    /// When, by the task clock.
    pub started: Timestamp,
    /// What it shows.
    #[serde(flatten)]
    pub state: State,
}

/// A file that somebody asked for.
#[derive(Debug)]
pub struct Report {
    /// What it is called.
    pub file_name: String,
    /// What it says.
    pub content: String,
}

/// A change of status of one task.
#[derive(Debug, Serialize)]
pub struct TaskTransition {
    /// When, by the task clock.
    pub at: Timestamp,
    /// Whose it is.
    pub account: String,
    /// Its id.
    pub id: String,
    /// What it scans.
    #[serde(rename = "type")]
    pub task_type: String,
    /// The status it left.
    pub from: &'static str,
    /// The status it entered.
    pub to: &'static str,
}

impl Store {
    /// At most `limit` accounts.
    pub(super) fn new(limit: usize) -> Self {
        Self { accounts: Mutex::default(), limit }
    }

    /// Runs `act` on an account, made by `fresh` if it was never seen; nobody else sees it meanwhile.
    pub(super) fn transact<T>(
        &self,
        id: &str,
        fresh: impl FnOnce() -> (Account, Dice),
        act: impl FnOnce(&mut Account, &mut Dice) -> T,
    ) -> Result<T, ApiError> {
        let resident = self.resident(id, fresh)?;
        let mut resident = resident.lock().unwrap_or_else(PoisonError::into_inner);
        let (account, dice) = &mut *resident;
        Ok(act(account, dice))
    }

    /// Looks at an account, if there is one.
    pub(super) fn peek<T>(&self, id: &str, look: impl FnOnce(&Account) -> T) -> Option<T> {
        let resident = self.lock().get(id).map(Arc::clone)?;
        let resident = resident.lock().unwrap_or_else(PoisonError::into_inner);
        Some(look(&resident.0))
    }

    fn resident(&self, id: &str, fresh: impl FnOnce() -> (Account, Dice)) -> Result<Resident, ApiError> {
        let mut accounts = self.lock();
        if let Some(resident) = accounts.get(id) {
            return Ok(Arc::clone(resident));
        }
        if accounts.len() >= self.limit {
            tracing::warn!("{} accounts are kept already; --max-accounts raises the limit", self.limit);
            return Err(Code::UNAVAILABLE.into());
        }
        if looks_real(id) {
            tracing::warn!("{id} looks like a real AccessKeyId; never give this emulator a real secret");
        }
        let resident = Arc::new(Mutex::new(fresh()));
        accounts.insert(id.to_owned(), Arc::clone(&resident));
        Ok(resident)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Every task of every account, or of one.
    pub(super) fn sightings(&self, only: Option<&str>, clock: &Clock) -> Vec<Sighting> {
        self.collect(only, |id, account, sightings| {
            // Under the account's lock, as every call reads it: what is seen here must not be older than what they saw.
            let now = clock.now();
            sightings.extend(account.tasks.iter().map(|task| Sighting {
                account: id.to_owned(),
                id: task.id.to_string(),
                number: task.shown_number(),
                task_type: task.task_type.as_str().to_owned(),
                name: task.name().to_owned(),
                source: task.source.as_str().to_owned(),
                started: task.born,
                state: task.state_at(now),
            }));
        })
    }

    /// Every change of status in `(after, until]`, by time.
    pub(super) fn transitions(&self, after: Timestamp, until: Timestamp) -> Vec<TaskTransition> {
        let mut transitions = self.collect(None, |id, account, transitions| {
            for task in account.tasks.iter() {
                for Transition { at, from, to } in task.transitions(after, until) {
                    transitions.push(TaskTransition {
                        at,
                        account: id.to_owned(),
                        id: task.id.to_string(),
                        task_type: task.task_type.as_str().to_owned(),
                        from: from.as_str(),
                        to: to.as_str(),
                    });
                }
            }
        });
        transitions.sort_by_key(|transition| transition.at);
        transitions
    }

    /// The finished report of that id, whoever asked for it.
    pub(super) fn report(&self, id: TaskId, clock: &Clock) -> Option<Report> {
        let found = self.collect(None, |_, account, reports| {
            let now = clock.now();
            let export = account.exports.iter().find(|export| export.id == id);
            reports.extend(export.filter(|export| export.progress(now) == 100).map(|export| Report {
                file_name: format!("{}.csv", export.file_name()),
                content: export.csv(&account.servers),
            }));
        });
        found.into_iter().next()
    }

    /// Visits accounts by name, holding one at a time.
    fn collect<T>(&self, only: Option<&str>, visit: impl Fn(&str, &Account, &mut Vec<T>)) -> Vec<T> {
        let mut residents: Vec<(String, Resident)> = self
            .lock()
            .iter()
            .filter(|(id, _)| only.is_none_or(|only| only == *id))
            .map(|(id, resident)| (id.clone(), Arc::clone(resident)))
            .collect();
        residents.sort_by(|a, b| a.0.cmp(&b.0));
        let mut found = Vec::new();
        for (id, resident) in residents {
            let resident = resident.lock().unwrap_or_else(PoisonError::into_inner);
            visit(&id, &resident.0, &mut found);
        }
        found
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Resident>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `LTAI` and twenty letters or digits, give or take a few, is the shape of real keys.
fn looks_real(id: &str) -> bool {
    id.strip_prefix("LTAI").is_some_and(|rest| {
        (12..=26).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> (Account, Dice) {
        (Account::default(), Dice::new(0, "x"))
    }

    #[test]
    fn accounts_are_bounded_but_old_ones_stay_reachable() {
        let store = Store::new(1);
        assert!(store.transact("a", fresh, |_, _| ()).is_ok());
        assert_eq!(store.transact("b", fresh, |_, _| ()).unwrap_err().code, "ServiceUnavailable");
        assert!(store.transact("a", fresh, |_, _| ()).is_ok());
    }

    #[test]
    fn real_keys_are_told_from_invented_ones() {
        assert!(looks_real("LTAI5tAbCdEfGhIjKlMnOpQr"));
        assert!(!looks_real("LTAI-test") && !looks_real("test"));
    }
}
