//! Where accounts live: memory. The gateway reaches them through [`Store::transact`], [`Store::each`] and no other way,
//! so that another home can take its place.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::account::AccountError;
use super::resident::Resident;

type Shared = Arc<Mutex<Resident>>;

/// The accounts that exist: those that have called or were called into being by whoever holds the emulator.
#[derive(Debug)]
pub(super) struct Store {
    accounts: Mutex<HashMap<String, Shared>>,
    limit: usize,
}

impl Store {
    /// At most `limit` accounts.
    pub(super) fn new(limit: usize) -> Self {
        Self { accounts: Mutex::default(), limit }
    }

    /// Of these accounts.
    pub(super) fn of(residents: HashMap<String, Resident>, limit: usize) -> Self {
        let shared = residents.into_iter().map(|(id, resident)| (id, Arc::new(Mutex::new(resident))));
        Self { accounts: Mutex::new(shared.collect()), limit }
    }

    /// Runs `act` on an account, made by `fresh` if it was never seen; nobody else sees it meanwhile.
    pub(super) fn transact<T>(
        &self,
        id: &str,
        fresh: impl FnOnce() -> Resident,
        act: impl FnOnce(&mut Resident) -> T,
    ) -> Result<T, AccountError> {
        let resident = self.resident(id, fresh)?;
        let mut resident = resident.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(act(&mut resident))
    }

    fn resident(&self, id: &str, fresh: impl FnOnce() -> Resident) -> Result<Shared, AccountError> {
        let mut accounts = self.lock();
        if let Some(resident) = accounts.get(id) {
            return Ok(Arc::clone(resident));
        }
        if accounts.len() >= self.limit {
            tracing::warn!("{} accounts are kept already; --max-accounts raises the limit", self.limit);
            return Err(AccountError::TooMany(self.limit));
        }
        if looks_real(id) {
            tracing::warn!("{id} looks like a real AccessKeyId; never give this emulator a real secret");
        }
        let resident = Arc::new(Mutex::new(fresh()));
        accounts.insert(id.to_owned(), Arc::clone(&resident));
        Ok(resident)
    }

    /// Forgets one; whether there was one.
    pub(super) fn forget(&self, id: &str) -> bool {
        self.lock().remove(id).is_some()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there is one of that id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.lock().contains_key(id)
    }

    /// Visits every account (or one, if it exists) by name, holding one at a time.
    pub(super) fn each(&self, only: Option<&str>, mut visit: impl FnMut(&str, &mut Resident)) {
        let mut residents: Vec<(String, Shared)> = match only {
            Some(id) => self.lock().get_key_value(id).into_iter().map(owned).collect(),
            None => self.lock().iter().map(owned).collect(),
        };
        residents.sort_by(|a, b| a.0.cmp(&b.0));
        for (id, resident) in residents {
            visit(&id, &mut resident.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Shared>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn owned((id, resident): (&String, &Shared)) -> (String, Shared) {
    (id.clone(), Arc::clone(resident))
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
    use crate::dice::Dice;
    use crate::domain::Account;

    fn fresh() -> Resident {
        Resident::new(Account::default(), Dice::new(0, "x"))
    }

    #[test]
    fn accounts_are_bounded_but_old_ones_stay_reachable() {
        let store = Store::new(1);
        assert!(store.transact("a", fresh, |_| ()).is_ok());
        assert_eq!(store.transact("b", fresh, |_| ()), Err(AccountError::TooMany(1)));
        assert!(store.transact("a", fresh, |_| ()).is_ok());
    }

    #[test]
    fn accounts_are_visited_by_name() {
        let store = Store::new(9);
        for id in ["b", "c", "a"] {
            store.transact(id, fresh, |_| ()).unwrap();
        }
        let visited = |only| {
            let mut visited = String::new();
            store.each(only, |id, _| visited.push_str(id));
            visited
        };
        assert_eq!(
            (visited(None), visited(Some("b")), visited(Some("x"))),
            ("abc".into(), "b".into(), String::new())
        );
    }

    #[test]
    fn real_keys_are_told_from_invented_ones() {
        assert!(looks_real("LTAI5tAbCdEfGhIjKlMnOpQr"));
        assert!(!looks_real("LTAI-test") && !looks_real("test"));
    }
}
