//! The rules that are armed, and what they did: the one part of faults that changes.
//!
//! Invariant: a call is judged under one lock, so counts are exact however many call at once; nothing waits under it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::judge::{Judge, Moment, Verdict};
use super::rule::Rule;
use super::trigger::Tally;
use crate::dice::FaultDice;
use crate::domain;
use crate::protocol::Call;

/// Most accounts counted one by one; strangers choose what they call themselves, so those beyond are counted as one.
const MOST_ACCOUNTS: usize = 10_000;
/// Most rules armed at once.
pub const MOST_RULES: usize = 1_000;

/// The armed rules. Each account has its own counts, so that parallel tests do not count each other's calls.
#[derive(Debug)]
pub struct Engine(Mutex<State>);

#[derive(Debug)]
struct State {
    seed: u64,
    /// What a reset goes back to.
    first: Vec<Rule>,
    armed: Vec<Armed>,
}

#[derive(Debug)]
struct Armed {
    rule: Rule,
    /// When, in real time since the emulator started.
    since: Duration,
    tallies: HashMap<String, Tally>,
}

/// What a rule did so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Its name.
    pub id: String,
    /// Calls it struck.
    pub hits: u64,
    /// Calls it was for.
    pub matched: u64,
    /// How often it may still strike, where that is known.
    pub remaining: Option<u64>,
    /// Whether it struck as often as it may.
    pub exhausted: bool,
    /// Whether its time to live is over.
    pub expired: bool,
}

/// Why rules were not armed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArmError {
    /// Two rules of one name.
    #[error("a fault is called {0:?} already")]
    Taken(String),
    /// Too many.
    #[error("there may be {MOST_RULES} faults at once")]
    TooMany,
}

impl Engine {
    /// With these rules armed from the start, which is now.
    pub fn new(seed: u64, rules: Vec<Rule>, uptime: Duration) -> Self {
        Self(Mutex::new(State::new(seed, rules, uptime)))
    }

    /// These rules and this chance instead of all there was, as a reset will go back to.
    pub fn load(&self, seed: u64, rules: Vec<Rule>, uptime: Duration) {
        *self.lock() = State::new(seed, rules, uptime);
    }

    /// What goes wrong with a call. `moment` and `task` are asked only if there is a rule; `task` is the one that the
    /// call is about.
    pub fn judge(
        &self,
        call: &Call<'_>,
        moment: impl FnOnce() -> Moment,
        task: impl Fn() -> Option<domain::State>,
    ) -> Verdict {
        let mut verdict = Verdict::default();
        let State { seed, armed, .. } = &mut *self.lock();
        if armed.is_empty() {
            return verdict;
        }
        let (moment, account) = (moment(), call.claims.access_key_id.unwrap_or_default());
        for Armed { rule, since, tallies } in armed.iter_mut() {
            let dice = FaultDice::new(*seed, account, &rule.id);
            let tally = tally(tallies, account);
            verdict.add(&mut Judge { rule, armed: *since, tally, dice }, call, &moment, &task);
        }
        verdict
    }

    /// Every rule and what it did, to all accounts or to one.
    pub fn reports(&self, account: Option<&str>, uptime: Duration) -> Vec<Report> {
        self.lock().armed.iter().map(|armed| armed.report(account, uptime)).collect()
    }

    /// Arms further rules, all of them or none; their names.
    pub fn add(&self, rules: Vec<Rule>, uptime: Duration) -> Result<Vec<String>, ArmError> {
        let armed = &mut self.lock().armed;
        let taken = armed.iter().map(|armed| armed.rule.id.as_str()).collect();
        let rules = named(rules, &taken);
        if let Some(rule) = rules.iter().find(|rule| taken.contains(rule.id.as_str())) {
            return Err(ArmError::Taken(rule.id.clone()));
        }
        if armed.len() + rules.len() > MOST_RULES {
            return Err(ArmError::TooMany);
        }
        let names = rules.iter().map(|rule| rule.id.clone()).collect();
        armed.extend(rules.into_iter().map(|rule| Armed::new(rule, uptime)));
        Ok(names)
    }

    /// Arms these instead of all others.
    pub fn replace(&self, rules: Vec<Rule>, uptime: Duration) -> Result<(), ArmError> {
        if rules.len() > MOST_RULES {
            return Err(ArmError::TooMany);
        }
        let rules = named(rules, &HashSet::new());
        self.lock().armed = armed(rules, uptime);
        Ok(())
    }

    /// Disarms the rule of that name; whether there was one.
    pub fn remove(&self, id: &str) -> bool {
        let armed = &mut self.lock().armed;
        let before = armed.len();
        armed.retain(|armed| armed.rule.id != id);
        armed.len() < before
    }

    /// The rules of the beginning, as if nobody had called.
    pub fn reset(&self, uptime: Duration) {
        let mut state = self.lock();
        state.armed = armed(state.first.clone(), uptime);
    }

    /// One account's counts begin anew.
    pub fn forget(&self, account: &str) {
        for armed in &mut self.lock().armed {
            armed.tallies.remove(account);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(seed: u64, rules: Vec<Rule>, uptime: Duration) -> Self {
        let first = named(rules, &HashSet::new());
        Self { seed, armed: armed(first.clone(), uptime), first }
    }
}

fn armed(rules: Vec<Rule>, uptime: Duration) -> Vec<Armed> {
    rules.into_iter().map(|rule| Armed::new(rule, uptime)).collect()
}

fn tally<'t>(tallies: &'t mut HashMap<String, Tally>, account: &str) -> &'t mut Tally {
    let is_counted = tallies.contains_key(account) || tallies.len() < MOST_ACCOUNTS;
    tallies.entry(if is_counted { account } else { "" }.to_owned()).or_default()
}

/// Gives `fault-1`, `fault-2` and so on to those that have no name, leaving out what is taken.
fn named(mut rules: Vec<Rule>, taken: &HashSet<&str>) -> Vec<Rule> {
    let given: HashSet<String> = rules.iter().map(|rule| rule.id.clone()).collect();
    let mut free = (1..)
        .map(|number| format!("fault-{number}"))
        .filter(|name| !given.contains(name) && !taken.contains(name.as_str()));
    for rule in rules.iter_mut().filter(|rule| rule.id.is_empty()) {
        rule.id = free.next().unwrap_or_default();
    }
    rules
}

impl Armed {
    fn new(rule: Rule, since: Duration) -> Self {
        Self { rule, since, tallies: HashMap::new() }
    }

    fn report(&self, account: Option<&str>, uptime: Duration) -> Report {
        let counted = || self.tallies.iter().filter(|(id, _)| account.is_none_or(|account| account == *id));
        let sum = |read: fn(&Tally) -> u64| counted().map(|(_, tally)| read(tally)).sum();
        let trigger = &self.rule.trigger;
        // Of several accounts, what is left is what is left to the one that has most.
        let remaining = counted().filter_map(|(_, tally)| trigger.remaining(tally)).max();
        Report {
            id: self.rule.id.clone(),
            hits: sum(|tally| tally.hits),
            matched: sum(|tally| tally.matched),
            remaining: remaining.or(trigger.remaining(&Tally::default())),
            exhausted: counted().count() > 0 && counted().all(|(_, tally)| trigger.is_exhausted(tally)),
            expired: trigger.has_expired(uptime, self.since),
        }
    }
}
