//! The rules that are armed, and what they did: the one part of faults that changes.
//!
//! Invariant: a call is judged under one lock, so counts are exact however many call at once; nothing waits under it.
//! Lock order: the account, then the engine. The engine locks no account; `task` reads one that its caller holds.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use serde::Serialize;

use super::counters::{Counters, RuleCounters, RuleTally};
use super::judge::{Decision, Judge};
use super::rule::Rule;
use super::trigger::Moment;
use crate::dice::FaultDice;
use crate::domain::State;
use crate::protocol::Call;

/// Most accounts counted one by one; clients choose their names, so those beyond are counted as one.
const MOST_ACCOUNTS: usize = 10_000;
/// The account of calls that name none, and of TLS handshakes.
const UNNAMED: &str = "";
/// Most rules armed at once.
pub const MOST_RULES: usize = 1_000;

/// The armed rules. Each account has its own counts, so that parallel tests do not count each other's calls.
#[derive(Debug)]
pub struct Engine(Mutex<Ruleset>);

#[derive(Debug)]
struct Ruleset {
    seed: u64,
    /// What a reset goes back to.
    first: Vec<Rule>,
    armed: Vec<Armed>,
}

#[derive(Debug)]
struct Armed {
    rule: Rule,
    /// When, in real time since the emulator started.
    since: SignedDuration,
    tallies: HashMap<String, RuleTally>,
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
        Self(Mutex::new(Ruleset::new(seed, rules, uptime)))
    }

    /// What goes wrong with a call; `accepted` says whether authentication accepted it. `task` is called for the task that
    /// the call is about, under the engine's lock and only if a rule needs it.
    pub fn judge(
        &self,
        call: &Call<'_>,
        accepted: bool,
        moment: &Moment,
        task: impl Fn() -> Option<State>,
    ) -> Decision {
        self.decide(Some(call), accepted, moment, task)
    }

    /// What goes wrong with a TLS handshake. It is not yet known who calls, so all handshakes are counted as one
    /// account's, the one without a name.
    pub fn judge_handshake(&self, moment: &Moment) -> Decision {
        self.decide(None, true, moment, || None)
    }

    fn decide(
        &self,
        call: Option<&Call<'_>>,
        accepted: bool,
        moment: &Moment,
        task: impl Fn() -> Option<State>,
    ) -> Decision {
        let mut decision = Decision::default();
        let account = call.and_then(|call| call.claims.access_key_id).unwrap_or(UNNAMED);
        let Ruleset { seed, armed, .. } = &mut *self.lock();
        let meant = armed.iter_mut().filter(|armed| armed.rule.is_for_handshakes() == call.is_none());
        for Armed { rule, since, tallies } in meant {
            let dice = FaultDice::new(*seed, account, &rule.id);
            let mut judge = Judge { rule, armed: *since, tally: tally(tallies, account), dice };
            decision.add(&mut judge, call, accepted, moment, &task);
        }
        decision
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

    /// Disarms the rules for which `is_meant` holds; how many there were.
    pub fn disarm(&self, is_meant: impl Fn(&Rule) -> bool) -> usize {
        let armed = &mut self.lock().armed;
        let before = armed.len();
        armed.retain(|armed| !is_meant(&armed.rule));
        before - armed.len()
    }

    /// The names of the armed rules, in order.
    pub fn names(&self) -> Vec<String> {
        self.lock().armed.iter().map(|armed| armed.rule.id.clone()).collect()
    }

    /// Ids and error codes of the armed rules and of those that a reset goes back to.
    pub fn ids_and_codes(&self) -> (Vec<String>, Vec<String>) {
        let Ruleset { armed, first, .. } = &*self.lock();
        let rules = || armed.iter().map(|armed| &armed.rule).chain(first);
        let codes = rules().filter_map(Rule::code).map(str::to_owned).collect();
        (rules().map(|rule| rule.id.clone()).collect(), codes)
    }

    /// What every rule did so far.
    pub fn counters(&self, uptime: SignedDuration) -> Counters {
        self.lock().armed.iter().map(|armed| (armed.rule.id.clone(), armed.counters(uptime))).collect()
    }

    /// A new engine with the same armed rules, the same rules of the start, and these counts, by this seed. Rules that are
    /// not among the counters begin anew. Also the names of counted rules that are not armed; those counts are lost.
    pub fn resumed(&self, seed: u64, counters: Counters, uptime: SignedDuration) -> (Self, Vec<String>) {
        let state = self.lock();
        let rules = state.armed.iter().map(|armed| armed.rule.clone()).collect();
        let mut resumed = Ruleset { seed, first: state.first.clone(), armed: armed(rules, uptime) };
        let lost = resumed.resume(counters, uptime);
        (Self(Mutex::new(resumed)), lost)
    }

    /// One account begins anew: its counts, and without the rules that were armed later for its calls alone.
    pub fn forget(&self, account: &str) {
        let Ruleset { armed, first, .. } = &mut *self.lock();
        armed.retain(|Armed { rule, .. }| {
            rule.matches.account.as_deref() != Some(account) || first.iter().any(|first| first.id == rule.id)
        });
        for armed in armed {
            armed.tallies.remove(account);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ruleset> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ruleset {
    fn new(seed: u64, rules: Vec<Rule>, uptime: SignedDuration) -> Self {
        let first = named(rules, &HashSet::new());
        Self { seed, armed: armed(first.clone(), uptime), first }
    }

    fn resume(&mut self, mut counters: Counters, uptime: SignedDuration) -> Vec<String> {
        for armed in &mut self.armed {
            let before = counters.remove(&armed.rule.id);
            (armed.since, armed.tallies) = before.map_or((uptime, HashMap::new()), |before| {
                let RuleCounters { armed, accounts } = before;
                let tallies = accounts.into_iter();
                let moved = |(account, tally): (String, RuleTally)| (account, tally.counted_from(-uptime));
                (uptime.saturating_add(armed.unwrap_or_default()), tallies.map(moved).collect())
            });
        }
        counters.into_keys().collect()
    }
}

fn armed(rules: Vec<Rule>, uptime: SignedDuration) -> Vec<Armed> {
    rules.into_iter().map(|rule| Armed::new(rule, uptime)).collect()
}

fn tally<'t>(tallies: &'t mut HashMap<String, RuleTally>, account: &str) -> &'t mut RuleTally {
    let is_counted = tallies.contains_key(account) || tallies.len() < MOST_ACCOUNTS;
    tallies.entry(if is_counted { account } else { UNNAMED }.to_owned()).or_default()
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
        let moved = |(account, tally): (&String, &RuleTally)| (account.clone(), tally.counted_from(uptime));
        RuleCounters {
            armed: self.rule.trigger.ttl.map(|_| self.since.saturating_sub(uptime)),
            accounts: self.tallies.iter().map(moved).collect(),
        }
    }

    fn report(&self, account: Option<&str>, uptime: SignedDuration) -> Report {
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
            exhausted: counted().count() > 0 && counted().all(|(_, tally)| trigger.is_exhausted(tally)),
            expired: trigger.has_expired(uptime, self.since),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::fault::effect::{Break, Bucket};
    use crate::fault::{FaultRefusal, Rules};

    const fn seconds(count: i64) -> SignedDuration {
        SignedDuration::from_secs(count)
    }

    fn rules() -> Vec<Rule> {
        rules_of(
            r#"[{"id":"slow","effect":{"throttle":{"per_second":0.1,"burst":1}}},
                {"id":"mortal","trigger":{"ttl":"60s"},"effect":{"lie":"Throttling.User"}}]"#,
        )
    }

    fn rules_of(json: &str) -> Vec<Rule> {
        let Rules(rules) = serde_json::from_str(json).unwrap();
        rules
    }

    /// What is counted in real time continues as if no other process had come between.
    #[test]
    fn counters_continue_in_a_younger_process() {
        let engine = Engine::new(7, rules(), seconds(1000));
        let drained = Bucket { tokens: 0.0, at: seconds(1004) };
        engine.lock().armed[0]
            .tallies
            .insert("a".into(), RuleTally { matched: 2, hits: 1, bucket: Some(drained) });
        let text = serde_json::to_string(&engine.counters(seconds(1010))).unwrap();
        insta::assert_snapshot!(text, @r#"{"mortal":{"armed":"-PT10S","accounts":{}},"slow":{"accounts":{"a":{"matched":2,"hits":1,"bucket":{"tokens":0.0,"at":"-PT6S"}}}}}"#);

        let counters: Counters = serde_json::from_str(&text).unwrap();
        let (younger, lost) = Engine::new(0, rules(), seconds(3)).resumed(7, counters.clone(), seconds(5));
        assert!(lost.is_empty());
        assert_eq!(
            younger.lock().armed[0].tallies["a"].bucket,
            Some(Bucket { tokens: 0.0, at: seconds(-1) })
        );
        assert_eq!(younger.counters(seconds(5)), counters);
        let is_expired = |uptime| younger.reports(None, seconds(uptime))[1].expired;
        assert_eq!([is_expired(5 + 49), is_expired(5 + 50)], [false, true]);
        assert_eq!(younger.lock().seed, 7);

        // A rule that was not counted starts from zero, one that is not armed is reported.
        let other = Counters::from([("gone".to_owned(), counters["slow"].clone())]);
        let (again, lost) = younger.resumed(8, other, seconds(6));
        assert_eq!((lost, again.reports(None, seconds(6))[0].matched), (vec!["gone".to_owned()], 0));
    }

    #[test]
    fn a_resumed_engine_has_what_is_armed_and_the_counts() {
        let engine = Engine::new(7, rules(), seconds(0));
        engine.add(rules_of(r#"[{"id":"later","effect":{"delay":"1s"}}]"#), seconds(1)).unwrap();
        let counted = RuleTally { matched: 3, hits: 2, bucket: None };
        let of_a = RuleCounters { armed: None, accounts: [("a".to_owned(), counted)].into() };
        let counters = Counters::from([("later".to_owned(), of_a.clone()), ("gone".to_owned(), of_a)]);
        let (resumed, lost) = engine.resumed(8, counters, seconds(5));
        assert_eq!((lost, resumed.names()), (vec!["gone".to_owned()], engine.names()));
        let matched = |engine: &Engine| engine.reports(None, seconds(5))[2].matched;
        assert_eq!((matched(&resumed), matched(&engine)), (3, 0));
        assert_eq!(resumed.lock().seed, 8);
    }

    /// Decides on a call that authentication accepts or not, and reports what each rule matched and did.
    fn judged(engine: &Engine, accepted: bool) -> (Decision, Vec<(u64, u64)>) {
        let request =
            http::Request::get("/?Action=GetAuthSummary&AccessKeyId=a").body(bytes::Bytes::new()).unwrap();
        let decoded = crate::protocol::decode(&request, 100).unwrap();
        let moment = Moment { now: Timestamp::UNIX_EPOCH, start: Timestamp::UNIX_EPOCH, uptime: seconds(1) };
        let decision = engine.judge(&decoded.call(&request), accepted, &moment, || None);
        let reports = engine.reports(Some("a"), seconds(1));
        (decision, reports.iter().map(|report| (report.matched, report.hits)).collect())
    }

    /// Of a call that authentication refuses, the service behind it sees nothing.
    #[test]
    fn calls_that_are_not_accepted_meet_the_wire_alone() {
        let engine = Engine::new(
            7,
            rules_of(
                r#"[{"id":"api","trigger":{"times":1},"effect":{"error":"ServerError","headers":{"remove":["x"]}}},
                    {"id":"both","effect":{"delay":"1s","lie":"ServerError"}},
                    {"id":"wire","trigger":{"calls":2},"effect":{"connection":"reset"}}]"#,
            ),
            seconds(0),
        );
        let (refused, counts) = judged(&engine, false);
        assert_eq!((refused.triggered, refused.delay.as_secs()), (vec!["both".to_owned()], 1));
        assert_eq!((refused.refusal, refused.lie, refused.edits), (None, None, vec![]));
        assert_eq!(counts, [(0, 0), (1, 1), (1, 0)]);

        let (refused, counts) = judged(&engine, false);
        assert_eq!(refused.refusal, Some(FaultRefusal::Break(Break::Reset)));
        assert_eq!(counts, [(0, 0), (2, 2), (2, 1)]);

        // The rule for the API has lost none of its calls.
        let (accepted, counts) = judged(&engine, true);
        assert_eq!(accepted.triggered, ["api", "both"]);
        assert!(matches!(accepted.refusal, Some(FaultRefusal::Error { .. })) && accepted.lie.is_none());
        assert_eq!(counts, [(1, 1), (3, 3), (3, 1)]);
    }
}
