//! An armed rule: what it does to calls, and what it did to those of each account.

use jiff::SignedDuration;
use serde::Serialize;

use super::counters::{RuleCounters, RuleTally};
use super::effect::{Decision, Effect, Judging};
use super::rule::Rule;
use super::tallies::{Tallies, UNNAMED};
use super::trigger::JudgeTimes;
use crate::dice::FaultDice;
use crate::domain::State;
use crate::domain::keyring::is_possible_id;
use crate::protocol::Call;

#[derive(Debug)]
pub(super) struct Armed {
    pub(super) rule: Rule,
    /// When it was armed, in real time since the emulator started.
    since: SignedDuration,
    pub(super) tallies: Tallies,
}

/// Who calls. A name that no account can have counts as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'c> {
    /// The account that the call was accepted as, or that a refused call names; empty if there is none.
    pub name: &'c str,
    pub standing: Standing,
}

/// What is known of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Authentication accepted the call.
    Accepted,
    /// Authentication refused the call; the account that it names exists.
    Refused,
    /// Authentication refused the call; it names no account that exists.
    Stranger,
}

impl<'c> Caller<'c> {
    /// Who is behind a TLS handshake: it is not known who calls, so all are counted as one account's.
    pub const HANDSHAKE: Self = Self { name: UNNAMED, standing: Standing::Accepted };

    pub fn new(name: Option<&'c str>, standing: Standing) -> Self {
        Self { name: name.filter(|name| is_possible_id(name)).unwrap_or(UNNAMED), standing }
    }
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
        Self { rule, since, tallies: Tallies::default() }
    }

    /// With what the rule did before a snapshot was taken.
    pub(super) fn resumed(rule: Rule, counters: RuleCounters, uptime: SignedDuration) -> Self {
        let RuleCounters { armed, accounts, rest, evicted } = counters;
        let since = uptime.saturating_add(armed.unwrap_or_default());
        let moved = |tally: RuleTally| tally.counted_from(-uptime);
        let accounts = accounts.into_iter().map(|(account, tally)| (account, moved(tally))).collect();
        Self { rule, since, tallies: Tallies::resumed(accounts, moved(rest), moved(evicted)) }
    }

    /// Adds what the rule does to the call, or to the TLS handshake if there is none yet, if it fires. Of a call that
    /// authentication did not accept, the API sees nothing: only effects on the wire act, and rules that have no
    /// others neither match nor count.
    pub(super) fn judge(
        &mut self,
        decision: &mut Decision,
        seed: u64,
        call: Option<&Call<'_>>,
        caller: Caller<'_>,
        moment: &JudgeTimes,
        task: impl FnOnce() -> Option<State>,
    ) {
        let Self { rule, since, tallies } = self;
        let Caller { name: account, standing } = caller;
        let acts = |effect: &&Effect| standing == Standing::Accepted || effect.is_on_wire();
        if rule.is_for_handshakes() != call.is_none()
            || !rule.effects.0.iter().any(|effect| acts(&effect))
            || !call.is_none_or(|call| rule.matches.covers(call, account, task))
        {
            return;
        }
        let tally = tallies.of(account, standing != Standing::Stranger);
        let dice = FaultDice::new(seed, account, &rule.id);
        if !rule.trigger.fires(tally, moment, *since, &dice) {
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
        let moved = |(name, tally): (&str, &RuleTally)| (name.to_owned(), tally.counted_from(uptime));
        RuleCounters {
            armed: self.rule.trigger.ttl.map(|_| self.since.saturating_sub(uptime)),
            accounts: self.tallies.by_name().into_iter().map(moved).collect(),
            rest: self.tallies.rest.counted_from(uptime),
            evicted: self.tallies.evicted,
        }
    }

    pub(super) fn report(&self, account: Option<&str>, uptime: SignedDuration) -> Report {
        let counted = || self.tallies.live(account);
        let evicted = account.is_none().then_some(&self.tallies.evicted);
        let sum =
            |read: fn(&RuleTally) -> u64| counted().chain(evicted).map(read).fold(0, u64::saturating_add);
        let trigger = &self.rule.trigger;
        // Of several accounts, what is left is what is left to the one that has most.
        let remaining = counted().filter_map(|tally| trigger.remaining(tally)).max();
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
