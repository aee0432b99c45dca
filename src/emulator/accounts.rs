//! The accounts of a session, each behind a lock of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::clock::Clock;
use crate::dice::Dice;
use crate::domain::{Account, World};
use crate::operations::{self, Context, Settled};

#[derive(Debug)]
pub(super) struct AccountState {
    pub(super) account: Account,
    pub(super) dice: Dice,
    /// Its own task clock; it goes by the session's if it has none.
    pub(super) clock: Option<Clock>,
    /// The latest time at which something happened in it.
    latest: Timestamp,
    pub(super) is_retired: bool,
}

/// An account that a call can keep, whatever becomes of it in the session.
pub(super) type SharedAccount = Arc<Mutex<AccountState>>;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    #[error("an account is named by its AccessKeyId: 1 to 128 letters, digits and - _ .")]
    Impossible,
    #[error("no AccessKeyId {id} exists{}", nearest.as_ref().map(|id| format!("; did you mean {id}?")).unwrap_or_default())]
    Unknown { id: String, nearest: Option<String> },
    #[error("{0} accounts are kept already; --max-accounts raises the limit")]
    TooMany(usize),
}

impl AccountState {
    pub(super) fn new(account: Account, dice: Dice) -> Self {
        Self { account, dice, clock: None, latest: Timestamp::MIN, is_retired: false }
    }

    /// The task clock's reading. Read under the account's lock, it never goes back from one caller to the next.
    pub(super) fn now(&self, session_clock: &Clock) -> Timestamp {
        self.clock.as_ref().unwrap_or(session_clock).now().max(self.latest)
    }

    /// What operations see of it at `now`, or at the latest time that it has seen: a call that was delayed must not show
    /// an earlier state than a call that overtook it.
    pub(super) fn context<'a>(&'a mut self, now: Timestamp, world: &'a World) -> Context<'a> {
        self.latest = self.latest.max(now);
        Context { now: self.latest, account: &mut self.account, dice: &mut self.dice, world }
    }

    /// Applies everything that is due; returns the time.
    pub(super) fn settle(&mut self, session_clock: &Clock, world: &World) -> Timestamp {
        self.settle_counting(session_clock, world);
        self.latest
    }

    /// The same; returns how many tasks were due.
    pub(super) fn settle_counting(&mut self, session_clock: &Clock, world: &World) -> Settled {
        let now = self.now(session_clock);
        operations::settle(&mut self.context(now, world))
    }
}

/// The accounts of a session: those that have called, or that were made through the control API.
#[derive(Debug)]
pub(super) struct AccountStore {
    accounts: Mutex<HashMap<String, SharedAccount>>,
    limit: usize,
}

impl AccountStore {
    pub(super) fn new(accounts: Vec<(String, AccountState)>, limit: usize) -> Self {
        let shared = accounts.into_iter().map(|(id, account)| (id, Arc::new(Mutex::new(account))));
        Self { accounts: Mutex::new(shared.collect()), limit }
    }

    pub(super) fn get(&self, id: &str) -> Option<SharedAccount> {
        self.lock().get(id).cloned()
    }

    pub(super) fn get_or_make(
        &self,
        id: &str,
        make: impl FnOnce() -> AccountState,
    ) -> Result<SharedAccount, AccountError> {
        let find = |accounts: &HashMap<String, SharedAccount>| match accounts.get(id) {
            None if accounts.len() >= self.limit => Err(AccountError::TooMany(self.limit)),
            found => Ok(found.cloned()),
        };
        if let Some(account) = find(&self.lock()).inspect_err(|error| tracing::warn!("{error}"))? {
            return Ok(account);
        }
        // Without the lock: other accounts do not wait while this one is populated.
        let account = Arc::new(Mutex::new(make()));
        let mut accounts = self.lock();
        if let Some(account) = find(&accounts)? {
            return Ok(account);
        }
        if looks_real(id) {
            tracing::warn!("{id} looks like a real AccessKeyId; never give this emulator a real secret");
        }
        accounts.insert(id.to_owned(), Arc::clone(&account));
        Ok(account)
    }

    /// Takes an account out of the session, and puts another in its place if there is one. `clean_up` runs under the
    /// account's lock, so that no call arrives between the two. Calls that hold the account keep it to their end.
    pub(super) fn retire(&self, id: &str, successor: Option<AccountState>, clean_up: impl FnOnce()) -> bool {
        loop {
            let account = self.get(id);
            let mut account = account.as_ref().map(lock);
            match &mut account {
                // Another retirement came between the two locks: its successor is in the map by now.
                Some(account) if account.is_retired => continue,
                Some(account) => account.is_retired = true,
                None => (),
            }
            clean_up();
            match successor {
                Some(account) => self.lock().insert(id.to_owned(), Arc::new(Mutex::new(account))),
                None => self.lock().remove(id),
            };
            return account.is_some();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Runs `act` on an account that is not retired; `make` makes it if it does not exist yet.
    pub(super) fn transact<T>(
        &self,
        id: &str,
        make: impl Fn() -> AccountState,
        act: impl FnOnce(&mut AccountState) -> T,
    ) -> Result<T, AccountError> {
        loop {
            let account = self.get_or_make(id, &make)?;
            let mut account = lock(&account);
            // A reset came between the two locks: its successor is in the map by now.
            if !account.is_retired {
                return Ok(act(&mut account));
            }
        }
    }

    /// Visits every account (or one, if it exists) by name, locking one at a time.
    pub(super) fn each(&self, only: Option<&str>, mut visit: impl FnMut(&str, &mut AccountState)) {
        let owned = |(id, account): (&String, &SharedAccount)| (id.clone(), Arc::clone(account));
        let mut accounts: Vec<(String, SharedAccount)> = match only {
            Some(id) => self.lock().get_key_value(id).into_iter().map(owned).collect(),
            None => self.lock().iter().map(owned).collect(),
        };
        accounts.sort_by(|a, b| a.0.cmp(&b.0));
        for (id, account) in accounts {
            visit(&id, &mut lock(&account));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, SharedAccount>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Locks an account. A panic of one call must not cost the account: what it holds stays consistent call by call.
pub(super) fn lock(account: &SharedAccount) -> MutexGuard<'_, AccountState> {
    account.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `LTAI` and about twenty letters or digits is the shape of real keys.
fn looks_real(id: &str) -> bool {
    id.strip_prefix("LTAI").is_some_and(|rest| {
        (12..=26).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> AccountState {
        AccountState::new(Account::default(), Dice::new(0, "x"))
    }

    #[test]
    fn a_store_refuses_accounts_beyond_its_limit_and_keeps_old_ones_reachable() {
        let store = AccountStore::new(Vec::new(), 1);
        assert!(store.transact("a", new, |_| ()).is_ok());
        assert_eq!(store.transact("b", new, |_| ()), Err(AccountError::TooMany(1)));
        assert!(store.transact("a", new, |_| ()).is_ok());
    }

    #[test]
    fn a_store_visits_accounts_by_name() {
        let store = AccountStore::new(Vec::new(), 9);
        for id in ["b", "c", "a"] {
            store.transact(id, new, |_| ()).unwrap();
        }
        let visited = |only| {
            let mut visited = String::new();
            store.each(only, |id, _| visited.push_str(id));
            visited
        };
        assert_eq!([visited(None), visited(Some("b")), visited(Some("x"))], ["abc", "b", ""]);
    }

    #[test]
    fn a_retired_account_is_replaced_and_no_longer_reached() {
        let store = AccountStore::new(Vec::new(), 9);
        let held = store.get_or_make("a", new).unwrap();
        assert!(store.retire("a", Some(new()), || ()));
        assert!(held.lock().unwrap().is_retired);
        assert!(!store.transact("a", new, |account| account.is_retired).unwrap());
        assert!(store.retire("a", None, || ()) && !store.retire("a", None, || ()));
        assert_eq!(store.len(), 0);
    }

    #[test]
    fn an_account_never_goes_back_in_time() {
        let (mut account, world) = (new(), World::default());
        let later = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(1);
        assert_eq!(account.context(later, &world).now, later);
        assert_eq!(account.context(Timestamp::UNIX_EPOCH, &world).now, later);
    }

    #[test]
    fn real_keys_differ_from_made_up_ones() {
        assert!(looks_real("LTAI5tAbCdEfGhIjKlMnOpQr"));
        assert!(!looks_real("LTAI-test") && !looks_real("test"));
    }
}
