//! The rules that are armed, and what they did: the one part of faults that changes.
//!
//! Invariant: a call is judged under one lock, so counts are exact however many call at once; nothing waits under it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use serde::Serialize;

use super::counters::{Counters, RuleCounters};
use super::judge::{Decision, HandshakeDecision, Judge, Moment};
use super::rule::Rule;
use super::trigger::Tally;
use crate::dice::FaultDice;
use crate::domain;
use crate::protocol::Call;

/// Most accounts counted one by one; strangers choose what they call themselves, so those beyond are counted as one.
const MOST_ACCOUNTS: usize = 10_000;
/// The account of calls that name none, and of what comes before a call does.
const NOBODY: &str = "";
/// Most rules armed at once.
pub const MOST_RULES: usize = 1_000;

/// The armed rules. Each account has its own counts, so that parallel tests do not count each other's calls.
#[derive(Debug)]
pub struct Engine(Mutex<State>);

#[derive(Debug)]
struct State {
    seed: u64,
    /// What a reset goes back to.
    first: (u64, Vec<Rule>),
    armed: Vec<Armed>,
}

#[derive(Debug)]
struct Armed {
    rule: Rule,
    /// When, in real time since the emulator started.
    since: SignedDuration,
    tallies: HashMap<String, Tally>,
}

/// What a rule did so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Its name.
    pub id: String,
    /// What it was written as.
    pub rule: serde_json::Value,
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
    pub fn new(seed: u64, rules: Vec<Rule>, uptime: SignedDuration) -> Self {
        Self(Mutex::new(State::new(seed, rules, uptime)))
    }

    /// These rules and this chance instead of all there was, as a reset will go back to.
    pub fn load(&self, seed: u64, rules: Vec<Rule>, uptime: SignedDuration) {
        *self.lock() = State::new(seed, rules, uptime);
    }

    /// What goes wrong with a call. `moment` and `task` are asked only if there is a rule; `task` is the one that the
    /// call is about.
    pub fn judge(
        &self,
        call: &Call<'_>,
        accepted: bool,
        moment: &Moment,
        task: impl Fn() -> Option<domain::State>,
    ) -> Decision {
        let mut verdict = Decision::default();
        let State { seed, armed, .. } = &mut *self.lock();
        if armed.is_empty() {
            return verdict;
        }
        let (moment, account) = (moment, call.claims.access_key_id.unwrap_or(NOBODY));
        let for_calls = armed.iter_mut().filter(|armed| armed.rule.certificate().is_none());
        for Armed { rule, since, tallies } in for_calls {
            let dice = FaultDice::new(*seed, account, &rule.id);
            let tally = tally(tallies, account);
            verdict.add(&mut Judge { rule, armed: *since, tally, dice }, call, accepted, moment, &task);
        }
        verdict
    }

    /// What goes wrong with a TLS handshake. Nobody has said yet who calls, so all handshakes are counted as one
    /// account's, the one without a name.
    pub fn judge_handshake(&self, moment: &Moment) -> HandshakeDecision {
        let mut verdict = HandshakeDecision::default();
        let State { seed, armed, .. } = &mut *self.lock();
        let for_handshakes = armed.iter_mut().filter(|armed| armed.rule.certificate().is_some());
        for Armed { rule, since, tallies } in for_handshakes {
            let (dice, tally) = (FaultDice::new(*seed, NOBODY, &rule.id), tally(tallies, NOBODY));
            verdict.add(&mut Judge { rule, armed: *since, tally, dice }, moment);
        }
        verdict
    }

    /// Every rule and what it did, to all accounts or to one.
    pub fn reports(&self, account: Option<&str>, uptime: SignedDuration) -> Vec<Report> {
        self.lock().armed.iter().map(|armed| armed.report(account, uptime)).collect()
    }

    /// Arms further rules, all of them or none; their names.
    pub fn add(&self, rules: Vec<Rule>, uptime: SignedDuration) -> Result<Vec<String>, ArmError> {
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
    pub fn replace(&self, rules: Vec<Rule>, uptime: SignedDuration) -> Result<(), ArmError> {
        if rules.len() > MOST_RULES {
            return Err(ArmError::TooMany);
        }
        let rules = named(rules, &HashSet::new());
        self.lock().armed = armed(rules, uptime);
        Ok(())
    }

    /// Disarms such rules; how many there were.
    pub fn disarm(&self, such: impl Fn(&Rule) -> bool) -> usize {
        let armed = &mut self.lock().armed;
        let before = armed.len();
        armed.retain(|armed| !such(&armed.rule));
        before - armed.len()
    }

    /// What the armed rules are called, in order.
    pub fn names(&self) -> Vec<String> {
        self.lock().armed.iter().map(|armed| armed.rule.id.clone()).collect()
    }

    /// Ids and error codes of the armed rules and of those that a reset goes back to.
    pub fn ids_and_codes(&self) -> (Vec<String>, Vec<String>) {
        let State { armed, first: (_, first), .. } = &*self.lock();
        let rules = || armed.iter().map(|armed| &armed.rule).chain(first);
        let codes = rules().filter_map(Rule::code).map(str::to_owned).collect();
        (rules().map(|rule| rule.id.clone()).collect(), codes)
    }

    /// The rules of the beginning, as if nobody had called.
    pub fn reset(&self, uptime: SignedDuration) {
        let mut state = self.lock();
        let (seed, rules) = state.first.clone();
        (state.seed, state.armed) = (seed, armed(rules, uptime));
    }

    /// What every rule did so far.
    pub fn counters(&self, uptime: SignedDuration) -> Counters {
        self.lock().armed.iter().map(|armed| (armed.rule.id.clone(), armed.counters(uptime))).collect()
    }

    /// Goes on from such counters, by that seed: the armed rules stay, and those that are not among the counters begin
    /// anew. Answers with the names of counted rules that are not armed; those counts are lost.
    pub fn go_on_from(&self, seed: u64, mut counters: Counters, uptime: SignedDuration) -> Vec<String> {
        let mut state = self.lock();
        state.seed = seed;
        for armed in &mut state.armed {
            let before = counters.remove(&armed.rule.id);
            (armed.since, armed.tallies) = before.map_or((uptime, HashMap::new()), |before| {
                let RuleCounters { armed, accounts } = before;
                let tallies = accounts.into_iter();
                let moved = |(account, tally): (String, Tally)| (account, tally.counted_from(-uptime));
                (uptime.saturating_add(armed.unwrap_or_default()), tallies.map(moved).collect())
            });
        }
        counters.into_keys().collect()
    }

    /// x
    pub fn resumed(&self, seed: u64, counters: Counters, uptime: SignedDuration) -> (Self, Vec<String>) {
        let new = {
            let s = self.lock();
            Self(Mutex::new(State {
                seed: s.seed,
                first: s.first.clone(),
                armed: s.armed.iter().map(|a| Armed::new(a.rule.clone(), uptime)).collect(),
            }))
        };
        let unknown = new.go_on_from(seed, counters, uptime);
        (new, unknown)
    }

    /// One account begins anew: its counts, and without the rules that were armed later for its calls alone.
    pub fn forget(&self, account: &str) {
        let State { armed, first: (_, first), .. } = &mut *self.lock();
        armed.retain(|Armed { rule, .. }| {
            rule.matches.account.as_deref() != Some(account) || first.iter().any(|first| first.id == rule.id)
        });
        for armed in armed {
            armed.tallies.remove(account);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(seed: u64, rules: Vec<Rule>, uptime: SignedDuration) -> Self {
        let first = named(rules, &HashSet::new());
        Self { seed, armed: armed(first.clone(), uptime), first: (seed, first) }
    }
}

fn armed(rules: Vec<Rule>, uptime: SignedDuration) -> Vec<Armed> {
    rules.into_iter().map(|rule| Armed::new(rule, uptime)).collect()
}

fn tally<'t>(tallies: &'t mut HashMap<String, Tally>, account: &str) -> &'t mut Tally {
    let is_counted = tallies.contains_key(account) || tallies.len() < MOST_ACCOUNTS;
    tallies.entry(if is_counted { account } else { NOBODY }.to_owned()).or_default()
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
    fn new(rule: Rule, since: SignedDuration) -> Self {
        Self { rule, since, tallies: HashMap::new() }
    }

    fn counters(&self, uptime: SignedDuration) -> RuleCounters {
        let moved = |(account, tally): (&String, &Tally)| (account.clone(), tally.counted_from(uptime));
        RuleCounters {
            armed: self.rule.trigger.ttl.map(|_| self.since.saturating_sub(uptime)),
            accounts: self.tallies.iter().map(moved).collect(),
        }
    }

    fn report(&self, account: Option<&str>, uptime: SignedDuration) -> Report {
        let counted = || self.tallies.iter().filter(|(id, _)| account.is_none_or(|account| account == *id));
        let sum = |read: fn(&Tally) -> u64| counted().map(|(_, tally)| read(tally)).sum();
        let trigger = &self.rule.trigger;
        // Of several accounts, what is left is what is left to the one that has most.
        let remaining = counted().filter_map(|(_, tally)| trigger.remaining(tally)).max();
        Report {
            id: self.rule.id.clone(),
            rule: self.rule.written.clone(),
            hits: sum(|tally| tally.hits),
            matched: sum(|tally| tally.matched),
            remaining: remaining.or(trigger.remaining(&Tally::default())),
            exhausted: counted().count() > 0 && counted().all(|(_, tally)| trigger.is_exhausted(tally)),
            expired: trigger.has_expired(uptime, self.since),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Code;
    use crate::fault::rule::Throttle;
    use crate::fault::trigger::Bucket;
    use crate::fault::{Effect, Match, Trigger};

    const fn seconds(count: i64) -> SignedDuration {
        SignedDuration::from_secs(count)
    }

    fn rules() -> Vec<Rule> {
        let rule = |id: &str, effect, ttl| Rule {
            id: id.to_owned(),
            matches: Match::default(),
            trigger: Trigger { ttl, ..Trigger::default() },
            effects: vec![effect],
            written: serde_json::Value::Null,
        };
        let throttle = Throttle { per_second: 0.1, burst: 1, code: Code::THROTTLING_USER };
        vec![
            rule("slow", Effect::Throttle(throttle), None),
            rule("mortal", Effect::Lie(Code::THROTTLING_USER.into()), Some(seconds(60))),
        ]
    }

    /// What is counted in real time goes on as if no other process had come between.
    #[test]
    fn counters_go_on_in_a_process_that_is_younger() {
        let engine = Engine::new(7, rules(), seconds(1000));
        let drained = Bucket { tokens: 0.0, at: seconds(1004) };
        engine.lock().armed[0]
            .tallies
            .insert("a".into(), Tally { matched: 2, hits: 1, bucket: Some(drained) });
        let text = serde_json::to_string(&engine.counters(seconds(1010))).unwrap();
        insta::assert_snapshot!(text, @r#"{"mortal":{"armed":"-PT10S","accounts":{}},"slow":{"accounts":{"a":{"matched":2,"hits":1,"bucket":{"tokens":0.0,"at":"-PT6S"}}}}}"#);

        let younger = Engine::new(0, rules(), seconds(3));
        let counters: Counters = serde_json::from_str(&text).unwrap();
        assert!(younger.go_on_from(7, counters.clone(), seconds(5)).is_empty());
        assert_eq!(
            younger.lock().armed[0].tallies["a"].bucket,
            Some(Bucket { tokens: 0.0, at: seconds(-1) })
        );
        assert_eq!(younger.counters(seconds(5)), counters);
        let is_expired = |uptime| younger.reports(None, seconds(uptime))[1].expired;
        assert_eq!([is_expired(5 + 49), is_expired(5 + 50)], [false, true]);
        assert_eq!(younger.lock().seed, 7);

        // A rule that was not counted begins anew, one that is not armed is told of; a reset forgets it all.
        let other = Counters::from([("gone".to_owned(), counters["slow"].clone())]);
        assert_eq!(younger.go_on_from(8, other, seconds(6)), ["gone"]);
        assert_eq!(younger.reports(None, seconds(6))[0].matched, 0);
        younger.reset(seconds(7));
        assert_eq!(younger.lock().seed, 0);
    }
}
