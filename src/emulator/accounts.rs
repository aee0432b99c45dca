//! The accounts of a session, each behind a lock of its own.

use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::account_map::{AccountMap, Sum, TaskCounts};
pub(super) use super::account_state::{AccountState, SharedAccount, lock};
use crate::domain::TaskFilter;
use crate::text::similar::question;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    #[error("an account is named by its AccessKeyId: 1 to 128 letters, digits and - _ .")]
    Impossible,
    #[error("no AccessKeyId {id} exists{}", question(nearest.as_deref()))]
    Unknown { id: String, nearest: Option<String> },
    #[error(
        "{0} accounts are kept already, and none can be evicted: all that were looked at are configured, or \
         something runs in them; --max-accounts raises the limit"
    )]
    TooMany(usize),
}

/// The accounts of a session: those that have called, or that were made through the control API.
#[derive(Debug)]
pub(super) struct AccountStore {
    kept: Mutex<AccountMap>,
    limit: usize,
}

/// Most accounts that one call looks at to make room: with ten thousand, some hundredths of a millisecond.
const MOST_LOOKS: usize = 256;

impl AccountStore {
    pub(super) fn new(accounts: Vec<(String, AccountState)>, limit: usize) -> Self {
        let mut kept = AccountMap::default();
        for (id, account) in accounts {
            kept.insert(&id, Arc::new(Mutex::new(account)));
        }
        Self { kept: Mutex::new(kept), limit }
    }

    pub(super) fn get(&self, id: &str) -> Option<SharedAccount> {
        self.lock().get(id)
    }

    /// The account of that name, which counts as used now; `make` makes it if it does not exist yet.
    pub(super) fn get_or_make(
        &self,
        id: &str,
        make: impl FnOnce() -> AccountState,
    ) -> Result<SharedAccount, AccountError> {
        let find = |kept: &mut AccountMap| match kept.used(id) {
            None if kept.len() >= self.limit => Err(AccountError::TooMany(self.limit)),
            found => Ok(found),
        };
        if let Some(account) = find(&mut self.lock())? {
            return Ok(account);
        }
        // Without the lock: other accounts do not wait while this one is populated.
        let account = Arc::new(Mutex::new(make()));
        let mut kept = self.lock();
        if let Some(account) = find(&mut kept)? {
            return Ok(account);
        }
        if looks_real(id) {
            tracing::warn!("{id} looks like a real AccessKeyId; never give this emulator a real secret");
        }
        kept.insert(id, Arc::clone(&account));
        Ok(account)
    }

    /// Evicts the least recently used account that `may_go`; returns its name, and how many were evicted so far. An account
    /// that a call holds stays, so that no call works on an account that is gone. Those that cannot go count as used now,
    /// and are looked at again after all others: many of them cost a call no more than a few do.
    pub(super) fn evict(
        &self,
        may_go: impl FnMut(&str, &mut AccountState) -> bool,
    ) -> Option<(Arc<str>, u64)> {
        let (id, evicted, count) = self.take_evicted(may_go)?;
        // Without the lock: other accounts do not wait while its tasks are freed.
        drop(evicted);
        Some((id, count))
    }

    fn take_evicted(
        &self,
        mut may_go: impl FnMut(&str, &mut AccountState) -> bool,
    ) -> Option<(Arc<str>, SharedAccount, u64)> {
        let mut kept = self.lock();
        for _ in 0..kept.len().min(MOST_LOOKS) {
            let id = kept.least_used()?;
            // Only the map refers to it, and the map is locked: it needs no lock of its own.
            let account = kept.unshared(&id);
            let account = account.map(|account| account.get_mut().unwrap_or_else(PoisonError::into_inner));
            if account.is_some_and(|account| may_go(&id, account)) {
                let account = kept.remove(&id)?;
                kept.evicted += 1;
                return Some((id, account, kept.evicted));
            }
            kept.used(&id)?;
        }
        None
    }

    /// How many accounts were evicted so far.
    pub(super) fn evicted(&self) -> u64 {
        self.lock().evicted
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
            let _former = match successor {
                Some(account) => self.lock().insert(id, Arc::new(Mutex::new(account))),
                None => self.lock().remove(id),
            };
            return account.is_some();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Visits every account (or one, if it exists) by name, locking one at a time.
    pub(super) fn each(&self, only: Option<&str>, mut visit: impl FnMut(&str, &mut AccountState)) {
        // Names, not accounts: what is held cannot be evicted.
        let ids: Vec<Arc<str>> = match only {
            Some(id) => vec![id.into()],
            None => self.lock().names().collect(),
        };
        for id in ids {
            self.visit(&id, |account| visit(&id, account));
        }
    }

    /// Visits accounts by name, from a name on, until `visit` says that it is enough.
    pub(super) fn each_from(&self, from: &str, mut visit: impl FnMut(&str, &mut AccountState) -> bool) {
        let mut from = Bound::Included(Arc::from(from));
        loop {
            // Some at a time: it may be enough soon.
            let ids: Vec<Arc<str>> = self.lock().names_from(from).take(MOST_LOOKS).collect();
            let Some(last) = ids.last().cloned() else { return };
            let goes_on = |id: &Arc<str>| self.visit(id, |account| visit(id, account)).unwrap_or(true);
            if !ids.iter().all(goes_on) {
                return;
            }
            from = Bound::Excluded(last);
        }
    }

    /// Visits an account if it exists, under its lock.
    pub(super) fn visit<T>(&self, id: &str, visit: impl FnOnce(&mut AccountState) -> T) -> Option<T> {
        while let Some(account) = self.get(id) {
            let mut account = lock(&account);
            // A reset came between the two locks: its successor is in the map by now.
            if !account.is_retired {
                return Some(visit(&mut account));
            }
        }
        None
    }

    /// The same; the account counts as used now.
    pub(super) fn change<T>(&self, id: &str, change: impl FnOnce(&mut AccountState) -> T) -> Option<T> {
        self.lock().used(id)?;
        self.visit(id, change)
    }

    /// How many tasks are wanted, and how many of all run. Only accounts that may have changed
    /// since they were last counted are visited.
    pub(super) fn count(
        &self,
        wanted: &TaskFilter,
        mut count: impl FnMut(&mut AccountState) -> (TaskCounts, bool),
    ) -> (usize, usize) {
        let mut others = Sum::default();
        let ids = self.lock().begin_count();
        for id in ids {
            let Some((counts, is_still)) = self.visit(&id, &mut count) else { continue };
            let refused = if is_still { self.lock().keep_counts(&id, counts) } else { Some(counts) };
            if let Some(counts) = refused {
                others.add(&counts);
            }
        }
        let kept = self.lock();
        let counted = kept.counted();
        (counted.total(wanted) + others.total(wanted), counted.running + others.running)
    }

    /// The accounts that were used since a cursor, and the cursor for the next time.
    pub(super) fn used_since(&self, cursor: u64) -> (Vec<Arc<str>>, u64) {
        self.lock().used_since(cursor)
    }

    /// The accounts that were used last, the last one first.
    pub(super) fn recent(&self, most: usize) -> Vec<(Arc<str>, SharedAccount)> {
        self.lock().recent(most)
    }

    /// Whether a call, or another visitor, works on an account.
    pub(super) fn is_held(&self, id: &str) -> bool {
        self.lock().is_held(id)
    }

    fn lock(&self) -> MutexGuard<'_, AccountMap> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
    use crate::dice::Dice;
    use crate::domain::Account;

    fn new() -> AccountState {
        AccountState::new(Account::default(), Dice::new(0, "x"))
    }

    fn filled(limit: usize, ids: &str) -> AccountStore {
        let store = AccountStore::new(Vec::new(), limit);
        for id in ids.split("").filter(|id| !id.is_empty()) {
            store.get_or_make(id, new).unwrap();
        }
        store
    }

    #[test]
    fn a_store_refuses_accounts_beyond_its_limit_and_keeps_old_ones_reachable() {
        let store = filled(1, "a");
        assert!(matches!(store.get_or_make("b", new), Err(AccountError::TooMany(1))));
        assert!(store.get_or_make("a", new).is_ok());
    }

    #[test]
    fn the_least_recently_used_account_is_evicted_that_may_go_and_that_nobody_holds() {
        let store = filled(9, "abcdef");
        store.get_or_make("a", new).unwrap();
        let held = store.get("c");
        let evict =
            |stays: &str| store.evict(|id, _| !stays.contains(id)).map(|(id, count)| format!("{id}{count}"));
        assert_eq!(evict("b").as_deref(), Some("d1"), "b and c count as used after a");
        assert_eq!(
            [evict(""), evict(""), evict(""), evict(""), evict("")].map(Option::unwrap_or_default),
            ["e2", "f3", "a4", "b5", ""]
        );
        drop(held);
        assert_eq!((evict("c"), store.len()), (None, 1));
        assert_eq!((evict(""), store.len()), (Some("c6".into()), 0));
        assert_eq!(evict(""), None);
    }

    #[test]
    fn one_call_looks_at_some_accounts_and_the_next_call_at_others() {
        let store = AccountStore::new(Vec::new(), 1000);
        for number in 0..=MOST_LOOKS {
            store.get_or_make(&number.to_string(), new).unwrap();
        }
        let mut looks = 0;
        let mut evict = || {
            store.evict(|id, _| {
                looks += 1;
                id == "256"
            })
        };
        assert!(evict().is_none());
        assert_eq!(evict().unwrap().0.as_ref(), "256");
        assert_eq!(looks, MOST_LOOKS + 1);
    }

    #[test]
    fn a_store_visits_accounts_by_name() {
        let store = filled(9, "bca");
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
        assert!(!lock(&store.get_or_make("a", new).unwrap()).is_retired);
        assert!(store.retire("a", None, || ()) && !store.retire("a", None, || ()));
        assert_eq!((store.len(), store.lock().names().count()), (0, 0));
    }

    #[test]
    fn real_keys_differ_from_made_up_ones() {
        assert!(looks_real("LTAI5tAbCdEfGhIjKlMnOpQr"));
        assert!(!looks_real("LTAI-test") && !looks_real("test"));
    }
}
