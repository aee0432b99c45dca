//! The accounts of a session by name and by last use, and counts of the tasks of those that have not changed since.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex};

use super::account_state::{AccountState, SharedAccount};
use crate::domain::{TaskFilter, TaskType, TypeCounts};

#[derive(Debug, Default)]
pub(super) struct AccountMap {
    accounts: HashMap<Arc<str>, Entry>,
    names: BTreeSet<Arc<str>>,
    /// Their names by their last uses, the earliest first.
    uses: BTreeMap<u64, Arc<str>>,
    last_use: u64,
    pub(super) evicted: u64,
    /// Accounts that are not among the counted ones.
    uncounted: BTreeSet<Arc<str>>,
    /// The tasks of all counted accounts.
    counted: Sum,
}

#[derive(Debug)]
struct Entry {
    account: SharedAccount,
    used: u64,
    /// Its tasks, if it has not been used since they were counted.
    counts: Option<TaskCounts>,
    /// Whether it was used since the last count began.
    is_touched: bool,
}

/// The tasks of one account: how many of each type, and how many of all run.
#[derive(Debug)]
pub(super) struct TaskCounts {
    pub(super) by_type: Vec<(TaskType, TypeCounts)>,
    pub(super) running: usize,
}

/// The same of some accounts.
#[derive(Debug, Default)]
pub(super) struct Sum {
    by_type: BTreeMap<TaskType, TypeCounts>,
    pub(super) running: usize,
}

impl Sum {
    pub(super) fn total(&self, wanted: &TaskFilter) -> usize {
        match &wanted.task_type {
            Some(task_type) => self.by_type.get(task_type).map_or(0, |counts| counts.of(wanted.status)),
            None => self.by_type.values().map(|counts| counts.of(wanted.status)).sum(),
        }
    }

    pub(super) fn add(&mut self, counts: &TaskCounts) {
        self.running += counts.running;
        for (task_type, count) in &counts.by_type {
            match self.by_type.get_mut(task_type) {
                Some(sum) => *sum += *count,
                None => drop(self.by_type.insert(task_type.clone(), *count)),
            }
        }
    }

    fn subtract(&mut self, counts: &TaskCounts) {
        self.running -= counts.running;
        for (task_type, count) in &counts.by_type {
            let Some(sum) = self.by_type.get_mut(task_type) else { continue };
            *sum -= *count;
            if sum.is_empty() {
                self.by_type.remove(task_type);
            }
        }
    }
}

impl AccountMap {
    /// The account that had that name is returned, so that it is not freed under the lock.
    pub(super) fn insert(&mut self, id: &str, account: SharedAccount) -> Option<SharedAccount> {
        let former = self.remove(id);
        self.last_use += 1;
        let id: Arc<str> = id.into();
        self.uses.insert(self.last_use, Arc::clone(&id));
        self.names.insert(Arc::clone(&id));
        self.uncounted.insert(Arc::clone(&id));
        self.accounts.insert(id, Entry { account, used: self.last_use, counts: None, is_touched: true });
        former
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<SharedAccount> {
        let Entry { account, used, counts, .. } = self.accounts.remove(id)?;
        self.uses.remove(&used);
        self.names.remove(id);
        match counts {
            Some(counts) => self.counted.subtract(&counts),
            None => drop(self.uncounted.remove(id)),
        }
        Some(account)
    }

    pub(super) fn len(&self) -> usize {
        self.accounts.len()
    }

    pub(super) fn get(&self, id: &str) -> Option<SharedAccount> {
        self.accounts.get(id).map(|entry| Arc::clone(&entry.account))
    }

    /// The account of that name, which counts as used now.
    pub(super) fn used(&mut self, id: &str) -> Option<SharedAccount> {
        let entry = self.accounts.get_mut(id)?;
        entry.is_touched = true;
        if let Some(counts) = entry.counts.take() {
            self.counted.subtract(&counts);
            self.uncounted.extend(self.uses.get(&entry.used).cloned());
        }
        if entry.used != self.last_use {
            self.last_use += 1;
            let id = self.uses.remove(&entry.used)?;
            entry.used = self.last_use;
            self.uses.insert(self.last_use, id);
        }
        Some(Arc::clone(&entry.account))
    }

    /// The name of the least recently used account.
    pub(super) fn least_used(&self) -> Option<Arc<str>> {
        self.uses.first_key_value().map(|(_, id)| Arc::clone(id))
    }

    /// An account that the map alone refers to.
    pub(super) fn unshared(&mut self, id: &str) -> Option<&mut Mutex<AccountState>> {
        self.accounts.get_mut(id).and_then(|entry| Arc::get_mut(&mut entry.account))
    }

    pub(super) fn is_held(&self, id: &str) -> bool {
        self.accounts.get(id).is_some_and(|entry| Arc::strong_count(&entry.account) > 1)
    }

    /// In order.
    pub(super) fn names(&self) -> impl Iterator<Item = Arc<str>> {
        self.names.iter().cloned()
    }

    /// In order, from a name on.
    pub(super) fn names_from(&self, from: Bound<Arc<str>>) -> impl Iterator<Item = Arc<str>> {
        self.names.range((from, Bound::Unbounded)).cloned()
    }

    /// The accounts that were used since a cursor, the last one included, and the cursor for the next time.
    pub(super) fn used_since(&self, cursor: u64) -> (Vec<Arc<str>>, u64) {
        (self.uses.range(cursor..).map(|(_, id)| Arc::clone(id)).collect(), self.last_use)
    }

    pub(super) fn counted(&self) -> &Sum {
        &self.counted
    }

    /// The names of the accounts that must be counted anew.
    pub(super) fn begin_count(&mut self) -> Vec<Arc<str>> {
        for id in &self.uncounted {
            if let Some(entry) = self.accounts.get_mut(id) {
                // A call that holds it may change it at any time.
                entry.is_touched = Arc::strong_count(&entry.account) > 1;
            }
        }
        self.uncounted.iter().cloned().collect()
    }

    /// Keeps the counts of an account until it is used again; returns them if it was used since the count began.
    pub(super) fn keep_counts(&mut self, id: &str, counts: TaskCounts) -> Option<TaskCounts> {
        match self.accounts.get_mut(id) {
            Some(entry) if !entry.is_touched && entry.counts.is_none() => {
                self.counted.add(&counts);
                entry.counts = Some(counts);
                self.uncounted.remove(id);
                None
            }
            _ => Some(counts),
        }
    }
}
