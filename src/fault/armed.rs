//! An armed rule: what it does to calls, and what it did to those of each account.

use std::collections::HashMap;

use jiff::SignedDuration;
use serde::Serialize;

use super::counters::{RuleCounters, RuleTally};
use super::effect::{Decision, Effect, Judging};
use super::rule::Rule;
use super::trigger::JudgeTimes;
use crate::dice::FaultDice;
use crate::domain::State;
use crate::protocol::Call;

/// Most accounts counted one by one; clients choose their names, so those beyond are counted as one.
const MOST_ACCOUNTS: usize = 10_000;
/// The account of calls that name none, and of TLS handshakes.
const UNNAMED: &str = "";

#[derive(Debug)]
pub(super) struct Armed {
    pub(super) rule: Rule,
    /// When it was armed, in real time since the emulator started.
    since: SignedDuration,
    pub(super) tallies: HashMap<String, RuleTally>,
}

/// What a rule did so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Its name.
    pub id: String,
    /// The rule, as it may be written, without its name.
    pub rule: serde_json::Value,
    /// Calls that it fired for.
    pub hits: u64,
    /// Calls that match it.
    pub matched: u64,
    /// How often it may still fire, where that is known.
    pub remaining: Option<u64>,
    /// Whether it fired as often as it may.
    pub exhausted: bool,
    /// Whether its time to live is over.
    pub expired: bool,
}

impl Armed {
    pub(super) fn new(rule: Rule, since: SignedDuration) -> Self {
        Self { rule, since, tallies: HashMap::new() }
    }

    /// With what the rule did before a snapshot was taken.
    pub(super) fn resumed(rule: Rule, counters: RuleCounters, uptime: SignedDuration) -> Self {
        let RuleCounters { armed, accounts } = counters;
        let since = uptime.saturating_add(armed.unwrap_or_default());
        let moved = |(account, tally): (String, RuleTally)| (account, tally.counted_from(-uptime));
        Self { rule, since, tallies: accounts.into_iter().map(moved).collect() }
    }

    /// Adds what the rule does to the call, or to the TLS handshake if there is none yet, if it fires. Of a call that
    /// authentication did not accept, the API sees nothing: only effects on the wire act, and rules that have no
    /// others neither match nor count.
    pub(super) fn judge(
        &mut self,
        decision: &mut Decision,
        seed: u64,
        call: Option<&Call<'_>>,
        accepted: bool,
        moment: &JudgeTimes,
        task: impl FnOnce() -> Option<State>,
    ) {
        let Self { rule, since, tallies } = self;
        let account = call.and_then(|call| call.claims.access_key_id).unwrap_or(UNNAMED);
        let acts = |effect: &&Effect| accepted || effect.is_on_wire();
        if rule.is_for_handshakes() != call.is_none() {
            return;
        }
        let is_counted = tallies.contains_key(account) || tallies.len() < MOST_ACCOUNTS;
        let tally = tallies.entry(if is_counted { account } else { UNNAMED }.to_owned()).or_default();
        let dice = FaultDice::new(seed, account, &rule.id);
        if !rule.effects.0.iter().any(|effect| acts(&effect))
            || !call.is_none_or(|call| rule.matches.covers(call, task))
            || !rule.trigger.fires(tally, moment, *since, &dice)
        {
            return;
        }
        let dice = dice.at(tally.matched);
        let mut judging = Judging { decision, bucket: &mut tally.bucket, uptime: moment.uptime, dice };
        let mut acted = false;
        for effect in rule.effects.0.iter().filter(acts) {
            acted |= effect.decide(&mut judging);
        }
        if acted {
            decision.triggered.push(rule.id.clone());
        } else {
            // A bucket with a token in it let the call pass, or another rule refused it first: that is no hit.
            tally.hits -= 1;
        }
    }

    pub(super) fn counters(&self, uptime: SignedDuration) -> RuleCounters {
        let moved = |(account, tally): (&String, &RuleTally)| (account.clone(), tally.counted_from(uptime));
        RuleCounters {
            armed: self.rule.trigger.ttl.map(|_| self.since.saturating_sub(uptime)),
            accounts: self.tallies.iter().map(moved).collect(),
        }
    }

    pub(super) fn report(&self, account: Option<&str>, uptime: SignedDuration) -> Report {
        let counted = || self.tallies.iter().filter(|(id, _)| account.is_none_or(|account| account == *id));
        let sum = |read: fn(&RuleTally) -> u64| counted().map(|(_, tally)| read(tally)).sum();
        let trigger = &self.rule.trigger;
        // Of several accounts, what is left is what is left to the one that has most.
        let remaining = counted().filter_map(|(_, tally)| trigger.remaining(tally)).max();
        Report {
            id: self.rule.id.clone(),
            rule: serde_json::to_value(&self.rule).unwrap_or_default(),
            hits: sum(|tally| tally.hits),
            matched: sum(|tally| tally.matched),
            remaining: remaining.or(trigger.remaining(&RuleTally::default())),
            exhausted: remaining == Some(0),
            expired: trigger.has_expired(uptime, self.since),
        }
    }
}
