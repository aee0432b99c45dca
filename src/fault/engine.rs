//! The rules that are armed, and what they did: the one part of faults that changes.
//!
//! Invariant: a call is judged under one lock, so counts are exact however many call at once; nothing waits under it.
//! Lock order: the account, then the engine. The engine locks no account; `task` reads one that its caller holds.

use std::cell::LazyCell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;

use super::armed::{Armed, Caller, Report};
use super::counters::Counters;
use super::effect::Decision;
use super::rule::{MOST_RULES, Rule};
use super::trigger::JudgeTimes;
use crate::domain::State;
use crate::protocol::Call;

/// The armed rules. Each account has its own counts, so that parallel tests do not count each other's calls.
#[derive(Debug)]
pub struct Engine {
    rules: Mutex<Ruleset>,
    /// Whether a rule may look at tasks: then the task of a call is found before the lock is taken.
    looks_at_tasks: AtomicBool,
}

#[derive(Debug)]
struct Ruleset {
    seed: u64,
    /// What a reset goes back to.
    first: Vec<Rule>,
    armed: Vec<Armed>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArmError {
    #[error("a fault is called {0:?} already")]
    Taken(String),
    #[error("there may be {MOST_RULES} faults at once")]
    TooMany,
}

impl Engine {
    pub fn new(seed: u64, rules: Vec<Rule>, uptime: SignedDuration) -> Self {
        let first = named(rules, &HashSet::new());
        Self::of(Ruleset { seed, armed: armed(first.clone(), uptime), first })
    }

    fn of(rules: Ruleset) -> Self {
        let looks_at_tasks = AtomicBool::new(rules.look_at_tasks());
        Self { rules: Mutex::new(rules), looks_at_tasks }
    }

    /// What goes wrong with a call, or with a TLS handshake if there is no call yet. `task` is called for the task that the
    /// call is about, at most once, and only if some rule looks at tasks.
    pub fn judge(
        &self,
        call: Option<&Call<'_>>,
        caller: Caller<'_>,
        moment: &JudgeTimes,
        task: impl FnOnce() -> Option<State>,
    ) -> Decision {
        let mut decision = Decision::default();
        let task = LazyCell::new(task);
        if self.looks_at_tasks.load(Ordering::Relaxed) {
            // Finding it may take long, and other accounts would wait. A rule that is armed just now finds it later.
            LazyCell::force(&task);
        }
        let Ruleset { seed, armed, .. } = &mut *self.lock();
        for armed in armed {
            armed.judge(&mut decision, *seed, call, caller, moment, || *task);
        }
        decision
    }

    pub fn reports(&self, account: Option<&str>, uptime: SignedDuration) -> Vec<Report> {
        self.lock().armed.iter().map(|armed| armed.report(account, uptime)).collect()
    }

    /// Arms further rules, all of them or none; their names.
    pub fn add(&self, rules: Vec<Rule>, uptime: SignedDuration) -> Result<Vec<String>, ArmError> {
        let mut rules_now = self.lock();
        let armed = &mut rules_now.armed;
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
        self.note(&rules_now);
        Ok(names)
    }

    pub fn replace(&self, rules: Vec<Rule>, uptime: SignedDuration) -> Result<(), ArmError> {
        if rules.len() > MOST_RULES {
            return Err(ArmError::TooMany);
        }
        let mut rules_now = self.lock();
        rules_now.armed = armed(named(rules, &HashSet::new()), uptime);
        self.note(&rules_now);
        Ok(())
    }

    /// Disarms the rules for which `is_meant` holds; how many there were.
    pub fn disarm(&self, is_meant: impl Fn(&Rule) -> bool) -> usize {
        let armed = &mut self.lock().armed;
        let before = armed.len();
        armed.retain(|armed| !is_meant(&armed.rule));
        before - armed.len()
    }

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

    pub fn counters(&self, uptime: SignedDuration) -> Counters {
        self.lock().armed.iter().map(|armed| (armed.rule.id.clone(), armed.counters(uptime))).collect()
    }

    /// A new engine with the same armed rules, the same rules of the start, and these counts, by this seed. Rules that are
    /// not among the counters begin anew. Also the names of counted rules that are not armed; those counts are lost.
    pub fn resumed(&self, seed: u64, mut counters: Counters, uptime: SignedDuration) -> (Self, Vec<String>) {
        let Ruleset { first, armed, .. } = &*self.lock();
        let resume = |rule: Rule| match counters.remove(&rule.id) {
            Some(counters) => Armed::resumed(rule, counters, uptime),
            None => Armed::new(rule, uptime),
        };
        let armed = armed.iter().map(|armed| armed.rule.clone()).map(resume).collect();
        (Self::of(Ruleset { seed, first: first.clone(), armed }), counters.into_keys().collect())
    }

    /// One account begins anew: its counts, and without the rules that were armed later for its calls alone.
    pub fn forget(&self, account: &str) {
        let Ruleset { armed, first, .. } = &mut *self.lock();
        armed.retain(|Armed { rule, .. }| {
            rule.matches.account.as_deref() != Some(account) || first.iter().any(|first| first.id == rule.id)
        });
        for armed in armed {
            armed.tallies.forget(account);
        }
    }

    /// An account was evicted: it begins anew when it calls again, under the same rules.
    pub fn evict(&self, account: &str) {
        for armed in &mut self.lock().armed {
            armed.tallies.evict(account);
        }
    }

    /// The accounts that armed rules name.
    pub fn named_accounts(&self) -> HashSet<String> {
        self.lock().armed.iter().filter_map(|armed| armed.rule.matches.account.clone()).collect()
    }

    /// Rules were armed. Of rules that were disarmed it need not know: it costs only time to believe that they are there.
    fn note(&self, rules: &Ruleset) {
        self.looks_at_tasks.store(rules.look_at_tasks(), Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Ruleset> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ruleset {
    fn look_at_tasks(&self) -> bool {
        self.armed.iter().any(|armed| armed.rule.matches.task.is_some())
    }
}

fn armed(rules: Vec<Rule>, uptime: SignedDuration) -> Vec<Armed> {
    rules.into_iter().map(|rule| Armed::new(rule, uptime)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::armed::Standing;
    use crate::fault::counters::{RuleCounters, RuleTally};
    use crate::fault::effect::{Break, Bucket, FaultRefusal};
    use crate::fault::rule::Rules;

    const fn seconds(count: i64) -> SignedDuration {
        SignedDuration::from_secs(count)
    }

    const SLOW_AND_MORTAL: &str = r#"[
        {"id":"slow","effect":{"throttle":{"per_second":0.1,"burst":1}}},
        {"id":"mortal","trigger":{"ttl":"60s"},"effect":{"lie":"Throttling.User"}}
    ]"#;

    fn rules(json: &str) -> Vec<Rule> {
        serde_json::from_str::<Rules>(json).unwrap().0
    }

    fn engine(json: &str, uptime: i64) -> Engine {
        Engine::new(7, rules(json), seconds(uptime))
    }

    /// What is counted in real time continues as if no other process had come between.
    #[test]
    fn counters_continue_in_a_younger_process() {
        let engine = engine(SLOW_AND_MORTAL, 1000);
        let bucket = Some(Bucket { tokens: 0.0, at: seconds(1004) });
        *engine.lock().armed[0].tallies.of("a", true) = RuleTally { matched: 2, hits: 1, bucket };
        let text = serde_json::to_string(&engine.counters(seconds(1010))).unwrap();
        insta::assert_snapshot!(text, @r#"{"mortal":{"armed":"-PT10S","accounts":{}},"slow":{"accounts":{"a":{"matched":2,"hits":1,"bucket":{"tokens":0.0,"at":"-PT6S"}}}}}"#);

        let counters: Counters = serde_json::from_str(&text).unwrap();
        let other_process = Engine::new(0, rules(SLOW_AND_MORTAL), seconds(3));
        let (younger, lost) = other_process.resumed(7, counters.clone(), seconds(5));
        assert!(lost.is_empty());
        let bucket = younger.lock().armed[0].tallies.of("a", true).bucket;
        assert_eq!(bucket, Some(Bucket { tokens: 0.0, at: seconds(-1) }));
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
        let engine = engine(SLOW_AND_MORTAL, 0);
        engine.add(rules(r#"[{"id":"later","effect":{"delay":"1s"}}]"#), seconds(1)).unwrap();
        let counted = RuleTally { matched: 3, hits: 2, bucket: None };
        let of_a = RuleCounters { accounts: [("a".to_owned(), counted)].into(), ..RuleCounters::default() };
        let counters = Counters::from([("later".to_owned(), of_a.clone()), ("gone".to_owned(), of_a)]);
        let (resumed, lost) = engine.resumed(8, counters, seconds(5));
        assert_eq!((lost, resumed.names()), (vec!["gone".to_owned()], engine.names()));
        let matched = |engine: &Engine| engine.reports(None, seconds(5))[2].matched;
        assert_eq!((matched(&resumed), matched(&engine)), (3, 0));
        assert_eq!(resumed.lock().seed, 8);
    }

    /// The task of a call is looked for once, however many rules ask for it, and never if none does.
    #[test]
    fn the_task_of_a_call_is_found_at_most_once() {
        let asks = |json: &str| {
            let engine = engine("[]", 0);
            engine.add(rules(json), seconds(1)).unwrap();
            let request = http::Request::get("/?Action=GetAuthSummary").body(bytes::Bytes::new()).unwrap();
            let decoded = crate::protocol::decode(&request, 100).unwrap();
            let caller = Caller::new(Some("a"), Standing::Accepted);
            let moment = JudgeTimes { age: seconds(0), uptime: seconds(1) };
            let (asks, was_locked) = (std::cell::Cell::new(0), std::cell::Cell::new(false));
            engine.judge(Some(&decoded.call(&request)), caller, &moment, || {
                asks.set(asks.get() + 1);
                was_locked.set(engine.rules.try_lock().is_err());
                None
            });
            (asks.get(), was_locked.get())
        };
        let looks = r#"{"match":{"task":{"status":"START"}},"effect":{"delay":"1s"}}"#;
        assert_eq!(asks(&format!("[{looks},{looks},{looks}]")), (1, false));
        assert_eq!(asks(r#"[{"effect":{"delay":"1s"}}]"#), (0, false));
    }

    /// Decides on a call that authentication accepts or not, and reports what each rule matched and did.
    fn judged(engine: &Engine, standing: Standing) -> (Decision, Vec<(u64, u64)>) {
        let request =
            http::Request::get("/?Action=GetAuthSummary&AccessKeyId=a").body(bytes::Bytes::new()).unwrap();
        let decoded = crate::protocol::decode(&request, 100).unwrap();
        let moment = JudgeTimes { age: seconds(0), uptime: seconds(1) };
        let decision =
            engine.judge(Some(&decoded.call(&request)), Caller::new(Some("a"), standing), &moment, || None);
        let reports = engine.reports(Some("a"), seconds(1));
        (decision, reports.iter().map(|report| (report.matched, report.hits)).collect())
    }

    /// Of a call that authentication refuses, the service behind it sees nothing.
    #[test]
    fn calls_that_are_not_accepted_meet_the_wire_alone() {
        let engine = engine(
            r#"[{"id":"api","trigger":{"times":1},"effect":{"error":"ServerError","headers":{"remove":["x"]}}},
                {"id":"both","effect":{"delay":"1s","lie":"ServerError"}},
                {"id":"wire","trigger":{"calls":2},"effect":{"connection":"reset"}}]"#,
            0,
        );
        let (refused, counts) = judged(&engine, Standing::Refused);
        assert_eq!((refused.triggered, refused.delay.as_secs()), (vec!["both".to_owned()], 1));
        assert_eq!((refused.refusal, refused.lie, refused.edits), (None, None, vec![]));
        assert_eq!(counts, [(0, 0), (1, 1), (1, 0)]);

        let (refused, counts) = judged(&engine, Standing::Refused);
        assert_eq!(refused.refusal, Some(FaultRefusal::Break(Break::Reset)));
        assert_eq!(counts, [(0, 0), (2, 2), (2, 1)]);

        // The rule for the API has lost none of its calls.
        let (accepted, counts) = judged(&engine, Standing::Accepted);
        assert_eq!(accepted.triggered, ["api", "both"]);
        assert!(matches!(accepted.refusal, Some(FaultRefusal::Error { .. })) && accepted.lie.is_none());
        assert_eq!(counts, [(1, 1), (3, 3), (3, 1)]);
    }
}
