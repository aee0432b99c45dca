//! The judge: one function for each demand, a pure function of expectations and calls.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Unit};

use super::expectation::{Demand, Expectation, Milestone};
use super::selector::Selector;
use crate::journal::{Batch, CallRecord, TaskShown};
use crate::operations;
use crate::text::bounds::{Bounds, Count};

/// Most calls, or pairs of calls, that are shown for one failure.
const SHOWN: usize = 3;

#[derive(Debug)]
pub struct Verdict {
    pub outcomes: Vec<Outcome>,
    pub judged: usize,
    /// How many calls had been evicted from the journal and were not judged.
    pub missed: u64,
}

#[derive(Debug)]
pub struct Outcome {
    pub wanted: String,
    /// How many calls match; of an order, how many steps were found.
    pub seen: usize,
    pub is_order: bool,
    pub failure: Option<Failure>,
}

#[derive(Debug)]
pub struct Failure {
    pub message: String,
    /// The calls that prove it, by number.
    pub calls: Vec<Arc<CallRecord>>,
    /// Calls that explain it, best first, and the conditions that each does not meet.
    pub nearest: Vec<(Arc<CallRecord>, Vec<String>)>,
}

type Calls<'c> = [&'c Arc<CallRecord>];

impl Verdict {
    pub fn has_passed(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.failure.is_none())
    }
}

/// Judges calls, which are in the order in which they arrived.
pub fn judge(expectations: &[Expectation], calls: &Batch) -> Verdict {
    let all: Vec<_> = calls.records.iter().collect();
    let outcomes = expectations.iter().map(|expectation| match expectation {
        Expectation::Order(steps) => order(steps, &all),
        Expectation::Calls(selector, demand) => {
            let matching: Vec<_> = all.iter().copied().filter(|call| selector.matches(call)).collect();
            let (wanted, failure) = match demand {
                Demand::Number(count) => number(selector, *count, &matching, &all),
                Demand::Gap(bounds) => gap(selector, bounds, &matching),
                Demand::NoCallsAfter(Milestone::Terminal) => none_after_the_end(selector, &all),
                Demand::NoCallsAfter(Milestone::Denied) => none_after_a_denial(selector, &matching),
                Demand::RetryAfter => none_too_early(selector, &matching),
            };
            Outcome { wanted, seen: matching.len(), is_order: false, failure }
        }
    });
    Verdict { outcomes: outcomes.collect(), judged: all.len(), missed: calls.missed }
}

fn how_many(calls: usize) -> String {
    if calls == 1 { "1 call".to_owned() } else { format!("{calls} calls") }
}

fn number(
    selector: &Selector,
    count: Count,
    matching: &Calls<'_>,
    all: &Calls<'_>,
) -> (String, Option<Failure>) {
    let (wanted, seen) = (format!("{count} of {}", selector.describe()), matching.len());
    if count.hold(seen as u64) {
        return (wanted, None);
    }
    let nearest = if count.want_more_than(seen as u64) { nearest(selector, all) } else { newest(matching) };
    let mut calls: Vec<_> = nearest.iter().map(|(call, _)| Arc::clone(call)).collect();
    calls.sort_by_key(|call| call.sequence);
    let message = format!("saw {seen} among {}", how_many(all.len()));
    (wanted, Some(Failure { message, calls, nearest }))
}

fn newest(calls: &Calls<'_>) -> Vec<(Arc<CallRecord>, Vec<String>)> {
    calls.iter().rev().take(SHOWN).map(|call| (Arc::clone(call), Vec::new())).collect()
}

/// Calls that differ in the fewest conditions; of another operation only where there is nothing better.
fn nearest(selector: &Selector, calls: &Calls<'_>) -> Vec<(Arc<CallRecord>, Vec<String>)> {
    let same_action = Selector { action: selector.action.clone(), ..Selector::default() };
    let ranked =
        calls.iter().rev().map(|call| (!same_action.matches(call), selector.differences(call), call));
    let mut ranked: Vec<_> = ranked.filter(|(_, differs, _)| !differs.is_empty()).collect();
    ranked.sort_by_key(|(is_other, differs, _)| (*is_other, differs.len()));
    ranked.truncate(SHOWN);
    ranked.into_iter().map(|(_, differs, call)| (Arc::clone(call), differs)).collect()
}

fn order(steps: &[Selector], calls: &Calls<'_>) -> Outcome {
    let names: Vec<String> = steps.iter().map(Selector::describe).collect();
    let wanted = names.join(", then ");
    let (mut rest, mut found) = (calls, Vec::new());
    for (index, (step, name)) in steps.iter().zip(&names).enumerate() {
        if let Some(place) = rest.iter().position(|call| step.matches(call)) {
            found.push(Arc::clone(rest[place]));
            rest = &rest[place + 1..];
            continue;
        }
        let seen = found.len();
        let earlier = calls.iter().rev().find(|call| step.matches(call));
        let this = format!("step {}, {name}, ", index + 1);
        let (message, nearest) = match (earlier, found.last()) {
            (Some(earlier), Some(last)) => (
                format!(
                    "{this}did not come after step {index}, {}, which is call {}; the last such call is call {}",
                    names[index - 1],
                    last.sequence,
                    earlier.sequence
                ),
                newest(&[earlier]),
            ),
            _ => {
                (format!("{this}did not come at all, among {}", how_many(calls.len())), nearest(step, calls))
            }
        };
        found.extend(earlier.map(|call| Arc::clone(call)));
        found.sort_by_key(|call| call.sequence);
        found.dedup_by_key(|call| call.sequence);
        let failure = Some(Failure { message, calls: found, nearest });
        return Outcome { wanted, seen, is_order: true, failure };
    }
    Outcome { wanted, seen: found.len(), is_order: true, failure: None }
}

/// A call that should not be there, after the earlier one that makes it wrong.
type Proof<'c> = (&'c Arc<CallRecord>, &'c Arc<CallRecord>);

/// No failure without a proof; of many, the first are shown.
fn failure(proofs: &[Proof<'_>], say: impl Fn(&CallRecord, &CallRecord) -> String) -> Option<Failure> {
    let (earlier, later) = proofs.first()?;
    let mut message = say(earlier, later);
    if proofs.len() > 1 {
        message.extend(["; ", &proofs.len().to_string(), " such calls"]);
    }
    let shown = proofs.iter().take(SHOWN).flat_map(|(earlier, later)| [earlier, later]);
    let mut calls: Vec<_> = shown.map(|call| Arc::clone(call)).collect();
    calls.sort_by_key(|call| call.sequence);
    calls.dedup_by_key(|call| call.sequence);
    let nearest = calls.iter().map(|call| (Arc::clone(call), Vec::new())).collect();
    Some(Failure { message, calls, nearest })
}

/// Calls of other accounts, and of an account before it was cleared, are other clients' calls.
fn client(call: &CallRecord) -> (&str, u64) {
    (call.account(), call.generation)
}

/// Whether a call arrived when the response to an earlier one had been sent: only then could its client know.
fn knew(call: &CallRecord, earlier: &CallRecord) -> bool {
    earlier.finished().is_some_and(|finished| call.arrived >= finished)
}

fn gap(
    selector: &Selector,
    bounds: &Bounds<SignedDuration>,
    matching: &Calls<'_>,
) -> (String, Option<Failure>) {
    let wanted = format!("{} {} the one before it", selector.describe(), length(bounds));
    let mut calls = matching.to_vec();
    calls.sort_by_key(|call| (client(call), call.arrived));
    let between = |earlier: &CallRecord, later: &CallRecord| later.arrived.saturating_sub(earlier.arrived);
    let proofs: Vec<Proof<'_>> = calls
        .windows(2)
        .map(|pair| (pair[0], pair[1]))
        .filter(|(earlier, later)| client(earlier) == client(later) && !bounds.hold(between(earlier, later)))
        .collect();
    let say = |earlier: &CallRecord, later: &CallRecord| {
        let gap = brief(between(earlier, later));
        format!("call #{} came {gap} after call #{}", later.sequence, earlier.sequence)
    };
    (wanted, failure(&proofs, say))
}

fn length(Bounds { least, most }: &Bounds<SignedDuration>) -> String {
    match most {
        None => format!("at least {least:#} after"),
        Some(most) if least.is_zero() => format!("at most {most:#} after"),
        Some(most) => format!("{least:#} to {most:#} after"),
    }
}

/// A client, an operation, and the parameters that choose the task: another task is another subject.
type Subject<'c> = ((&'c str, u64), &'c str, Vec<(&'c str, &'c str)>);

/// A task that was never shown before is a new one: then the client polls again. What a call shows decides, so only
/// finished calls are judged, in the order in which they finished.
fn none_after_the_end(selector: &Selector, all: &Calls<'_>) -> (String, Option<Failure>) {
    let wanted = format!("no call of {} once the task was shown at its end", selector.describe());
    let mut calls = all.to_vec();
    calls.retain(|call| !call.is_in_flight());
    calls.sort_by_key(|call| call.finished());
    let mut known: HashSet<(&str, u64, String)> = HashSet::new();
    let mut ended: HashMap<Subject<'_>, &Arc<CallRecord>> = HashMap::new();
    let mut proofs: Vec<Proof<'_>> = Vec::new();
    for call in calls {
        if let Some(task) = call.task()
            && known.insert((call.account(), call.generation, task.id()))
        {
            ended.retain(|(client, ..), _| client.0 != call.account());
        }
        let identity = operations::identity(call.action());
        let chosen: Vec<_> = call.params().filter(|(name, _)| identity.contains(name)).collect();
        let subject = (client(call), call.action(), chosen);
        if let Some(end) = ended.get(&subject).filter(|end| knew(call, end)) {
            if selector.matches(call) {
                proofs.push((end, call));
            }
        } else if call.task().is_some_and(TaskShown::is_over) {
            ended.entry(subject).or_insert(call);
        }
    }
    let say = |end: &CallRecord, later: &CallRecord| {
        format!("call #{} came although call #{} had shown the end", later.sequence, end.sequence)
    };
    (wanted, failure(&proofs, say))
}

/// The same call is one with the same parameters.
fn none_after_a_denial(selector: &Selector, matching: &Calls<'_>) -> (String, Option<Failure>) {
    let wanted = format!("no call of {} again once it was denied", selector.describe());
    let mut denied: HashMap<_, Vec<&Arc<CallRecord>>> = HashMap::new();
    let mut proofs: Vec<Proof<'_>> = Vec::new();
    for &call in matching {
        let params: Vec<(&str, &str)> = call.params().collect();
        let denials = denied.entry((client(call), call.action(), params)).or_default();
        if let Some(denial) = denials.iter().find(|denial| knew(call, denial)) {
            proofs.push((denial, call));
        } else if call.status() == Some(403) {
            denials.push(call);
        }
    }
    let say = |denial: &CallRecord, later: &CallRecord| {
        format!("call #{} came although call #{} had been denied", later.sequence, denial.sequence)
    };
    (wanted, failure(&proofs, say))
}

fn none_too_early(selector: &Selector, matching: &Calls<'_>) -> (String, Option<Failure>) {
    let wanted =
        format!("no call of {} earlier than its caller was told (x-acs-retry-after)", selector.describe());
    let mut demanding: HashMap<_, Vec<&Arc<CallRecord>>> = HashMap::new();
    let mut proofs: Vec<Proof<'_>> = Vec::new();
    for &call in matching {
        let earlier = demanding.entry((client(call), call.action())).or_default();
        // The last response that the client knew.
        let teller =
            earlier.iter().filter(|earlier| knew(call, earlier)).max_by_key(|earlier| earlier.finished());
        if let Some(teller) = teller.filter(|teller| missing(teller, call).is_positive()) {
            proofs.push((teller, call));
        }
        if call.retry_after().is_some() {
            earlier.push(call);
        }
    }
    let say = |teller: &CallRecord, later: &CallRecord| {
        let missing = brief(missing(teller, later));
        format!("call #{} came {missing} too early after call #{}", later.sequence, teller.sequence)
    };
    (wanted, failure(&proofs, say))
}

/// How much too early a call came.
fn missing(teller: &CallRecord, later: &CallRecord) -> SignedDuration {
    let wait = teller.retry_after().and_then(|wait| SignedDuration::try_from(wait).ok()).unwrap_or_default();
    teller.finished().unwrap_or_default().saturating_add(wait).saturating_sub(later.arrived)
}

/// With no more digits than a person reads.
fn brief(length: SignedDuration) -> String {
    let unit = if length < SignedDuration::from_millis(1) { Unit::Microsecond } else { Unit::Millisecond };
    format!("{:#}", length.round(unit).unwrap_or(length))
}
