//! What the rules did so far, and how a snapshot keeps it: by name, for the rules themselves are the scenario's or a
//! script's.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::effect::Bucket;

/// By the names of the rules.
pub(crate) type Counters = BTreeMap<String, RuleCounters>;

/// What one rule did. Times are counted from the time of the snapshot, so that they mean something to another process.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleCounters {
    /// When it was armed, if it has a time to live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub armed: Option<SignedDuration>,
    pub accounts: BTreeMap<String, RuleTally>,
    /// What it did to the calls of all names beyond the limit of those that are counted one by one.
    #[serde(default, skip_serializing_if = "RuleTally::is_zero")]
    pub rest: RuleTally,
    /// What it did to the calls of accounts that were evicted.
    #[serde(default, skip_serializing_if = "RuleTally::is_zero")]
    pub evicted: RuleTally,
}

/// What a rule did to the calls of one account.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct RuleTally {
    pub matched: u64,
    pub hits: u64,
    pub bucket: Option<Bucket>,
}

impl RuleTally {
    fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// Adds the counts of another one.
    pub(super) fn add(&mut self, other: &Self) {
        self.matched = self.matched.saturating_add(other.matched);
        self.hits = self.hits.saturating_add(other.hits);
    }

    /// With its times counted from a time that was `origin` by the clock they were counted by.
    pub(super) fn counted_from(self, origin: SignedDuration) -> Self {
        let moved = |Bucket { tokens, at }: Bucket| Bucket { tokens, at: at.saturating_sub(origin) };
        Self { bucket: self.bucket.map(moved), ..self }
    }
}
