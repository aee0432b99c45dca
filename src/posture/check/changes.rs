//! What an account changed of its configuration checks: its policy, and the times of the checks that callers started.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::text::limited::{list, map};

/// More items than the catalogue has; an edited snapshot may name others.
const ENTRIES: u32 = 1_000;

/// In snapshots too, so that the names of its members are fixed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckChanges {
    pub policy: CheckPolicy,
    /// Which items were put into the policy, or taken out of it, by id.
    #[serde(deserialize_with = "map::<ENTRIES, _, _, _>")]
    selected: BTreeMap<u32, bool>,
    /// When a check that a caller started last looked at each item.
    #[serde(deserialize_with = "map::<ENTRIES, _, _, _>")]
    checked: BTreeMap<u32, Timestamp>,
}

/// When the service checks by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckPolicy {
    /// Days of the week; 1 is Monday.
    #[serde(deserialize_with = "list::<7, _, _, _>")]
    pub cycle_days: Vec<u8>,
    /// Hours of the day.
    pub start: u8,
    pub end: u8,
    pub is_automatic: bool,
    /// Whether new items of the standards are taken in.
    pub adds_new: bool,
}

impl Default for CheckPolicy {
    fn default() -> Self {
        Self { cycle_days: (1..=7).collect(), start: 0, end: 6, is_automatic: true, adds_new: true }
    }
}

impl CheckChanges {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the account put an item into the policy, or took it out.
    pub fn selection(&self, item: u32) -> Option<bool> {
        self.selected.get(&item).copied()
    }

    pub fn select(&mut self, item: u32, is_selected: bool) {
        self.selected.insert(item, is_selected);
    }

    /// When a check that a caller started last looked at an item, or when it was last checked before a change of the policy.
    pub fn last_check(&self, item: u32) -> Option<Timestamp> {
        self.checked.get(&item).copied()
    }

    pub fn has_checked(&mut self, item: u32, at: Timestamp) {
        let last = self.checked.entry(item).or_insert(at);
        *last = at.max(*last);
    }
}
