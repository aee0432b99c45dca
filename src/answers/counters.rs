//! How many calls each answer was given to, and how a snapshot keeps it: by name, for the answers themselves are the
//! scenario's or a script's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text::by_hand;

/// By the names of the answers.
pub(crate) type AnswerCounters = BTreeMap<String, AnswerHits>;

/// The calls that one answer was given to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerHits {
    pub(super) accounts: BTreeMap<String, u64>,
    /// Those of accounts that were evicted: they begin anew, and the sum stays right.
    #[serde(default, skip_serializing_if = "by_hand::is_zero")]
    pub(super) evicted: u64,
}

impl AnswerHits {
    /// How many there were, of all accounts or of one.
    pub(super) fn sum(&self, only: Option<&str>) -> u64 {
        match only {
            Some(account) => self.of(account),
            None => self.accounts.values().fold(self.evicted, |sum, hits| sum.saturating_add(*hits)),
        }
    }

    /// The most that one account has, or those of the one that is asked for.
    pub(super) fn furthest(&self, only: Option<&str>) -> u64 {
        only.map_or_else(
            || self.accounts.values().copied().max().unwrap_or_default(),
            |account| self.of(account),
        )
    }

    fn of(&self, account: &str) -> u64 {
        self.accounts.get(account).copied().unwrap_or_default()
    }

    /// Counts one more; how many there were before it.
    pub(super) fn count(&mut self, account: &str) -> u64 {
        if let Some(hits) = self.accounts.get_mut(account) {
            let before = *hits;
            *hits = before.saturating_add(1);
            return before;
        }
        self.accounts.insert(account.to_owned(), 1);
        0
    }

    pub(super) fn forget(&mut self, account: &str) -> u64 {
        self.accounts.remove(account).unwrap_or_default()
    }

    pub(super) fn evict(&mut self, account: &str) {
        self.evicted = self.evicted.saturating_add(self.forget(account));
    }
}
