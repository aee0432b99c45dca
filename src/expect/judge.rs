//! The judge: one function for each demand, a pure function of expectations and calls.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Unit};

use super::expectation::{Demand, Expectation, Milestone};
use super::habits;
use super::selector::Selector;
use crate::journal::{Batch, CallRecord, TaskShown};
use crate::operations;
use crate::text::bounds::{Bounds, Count};

/// Most calls, or pairs of calls, that are shown for one failure.
pub(super) const SHOWN: usize = 3;

#[derive(Debug)]
pub struct Verdict {
    pub outcomes: Vec<Outcome>,
    /// Hosts with port that calls escaped to, by name, and how many did.
    pub escaped: BTreeMap<String, usize>,
    pub judged: usize,
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

pub(super) type Calls<'c> = [&'c Arc<CallRecord>];

impl Verdict {
    pub fn has_passed(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.failure.is_none())
    }
}

/// Judges calls, which are in the order in which they arrived.
pub fn judge(expectations: &[Expectation], calls: &Batch) -> Verdict {
    let all: Vec<_> = calls.records.iter().collect();
    let outcomes = expectations.iter().filter_map(|expectation| match expectation {
        // Judged once the command has ended: `judge_exit`.
        Expectation::Exit(_) => None,
        Expectation::Order(steps) => Some(order(steps, &all)),
        Expectation::Calls(selector, demand) => {
            let matching: Vec<_> = all.iter().copied().filter(|call| selector.matches(call)).collect();
            let (wanted, proofs) = match demand {
                Demand::Number(count) => return Some(number(selector, *count, &matching, &all)),
                Demand::Gap(bounds) => gap(selector, bounds, &matching),
                Demand::NoCallsAfter(Milestone::Terminal) => none_after_the_end(selector, &all),
                Demand::NoCallsAfter(Milestone::Denied) => none_after_a_denial(selector, &matching),
                Demand::RetryAfter => none_too_early(selector, &matching),
                Demand::Never(kind) => habits::judge(*kind, selector, &matching, &all),
            };
            Some(Outcome { wanted, seen: matching.len(), is_order: false, failure: failure(&proofs) })
        }
    });
    let mut escaped = BTreeMap::new();
    for host in all.iter().filter_map(|call| call.escaped()) {
        *escaped.entry(host.to_owned()).or_default() += 1;
    }
    Verdict { outcomes: outcomes.collect(), escaped, judged: all.len(), missed: calls.missed }
}

/// Judges what is expected of the end of a command: `complaint` says how it ended, if that was not well.
pub(crate) fn judge_exit(
    expectations: &[Expectation],
    complaint: Option<&str>,
    calls: &Batch,
) -> Vec<Outcome> {
    let exits = expectations.iter().filter_map(Expectation::exit);
    exits.map(|exit| exit.judge(complaint, &calls.records)).collect()
}

fn how_many(calls: usize) -> String {
    if calls == 1 { "1 call".to_owned() } else { format!("{calls} calls") }
}

fn number(selector: &Selector, count: Count, matching: &Calls<'_>, all: &Calls<'_>) -> Outcome {
    let (wanted, seen) = (format!("{count} of {}", selector.describe()), matching.len());
    let failure = (!count.hold(seen as u64)).then(|| {
        let is_too_few = count.want_more_than(seen as u64);
        let nearest = if is_too_few { nearest(selector, all) } else { newest(matching) };
        let calls = by_number(nearest.iter().map(|(call, _)| call));
        Failure { message: format!("saw {seen} among {}", how_many(all.len())), calls, nearest }
    });
    Outcome { wanted, seen, is_order: false, failure }
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
            found.push(rest[place]);
            rest = &rest[place + 1..];
            continue;
        }
        let earlier = calls.iter().rev().find(|call| step.matches(call)).copied();
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
        let calls = by_number(found.iter().copied().chain(earlier));
        let failure = Some(Failure { message, calls, nearest });
        return Outcome { wanted, seen: found.len(), is_order: true, failure };
    }
    Outcome { wanted, seen: found.len(), is_order: true, failure: None }
}

/// An earlier call, a later one that should not be there because of it, and how that one came.
pub(super) type Proof<'c> = (&'c Arc<CallRecord>, &'c Arc<CallRecord>, String);

/// What was wanted, and the proofs that it was not met.
pub(super) type Judged<'c> = (String, Vec<Proof<'c>>);

/// No failure without a proof; of many, the first are shown.
fn failure(proofs: &[Proof<'_>]) -> Option<Failure> {
    let (_, later, how) = proofs.first()?;
    let mut message = format!("call #{} came {how}", later.sequence);
    if proofs.len() > 1 {
        message.extend(["; ", &proofs.len().to_string(), " such calls"]);
    }
    let calls = by_number(proofs.iter().take(SHOWN).flat_map(|(earlier, later, _)| [*earlier, *later]));
    let nearest = calls.iter().map(|call| (Arc::clone(call), Vec::new())).collect();
    Some(Failure { message, calls, nearest })
}

fn by_number<'c>(calls: impl IntoIterator<Item = &'c Arc<CallRecord>>) -> Vec<Arc<CallRecord>> {
    let calls: BTreeMap<u64, _> = calls.into_iter().map(|call| (call.sequence, Arc::clone(call))).collect();
    calls.into_values().collect()
}

/// Calls of other accounts, and of an account before it was cleared, are other clients' calls.
pub(super) fn client(call: &CallRecord) -> (&str, u64) {
    (call.account(), call.generation)
}

/// Whether a call arrived when the response to an earlier one had been sent: only then could its client know.
pub(super) fn knew(call: &CallRecord, earlier: &CallRecord) -> bool {
    earlier.finished().is_some_and(|finished| call.arrived >= finished)
}

fn gap<'c>(selector: &Selector, bounds: &Bounds<SignedDuration>, matching: &Calls<'c>) -> Judged<'c> {
    let wanted = format!("{} {} the one before it", selector.describe(), length(bounds));
    let mut calls = matching.to_vec();
    calls.sort_by_key(|call| (client(call), call.arrived));
    let mut proofs = Vec::new();
    for (earlier, later) in calls.iter().zip(calls.iter().skip(1)) {
        let gap = later.arrived.saturating_sub(earlier.arrived);
        if client(earlier) == client(later) && !bounds.hold(gap) {
            proofs.push((*earlier, *later, format!("{} after call #{}", brief(gap), earlier.sequence)));
        }
    }
    (wanted, proofs)
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
pub(super) fn none_after_the_end<'c>(selector: &Selector, all: &Calls<'c>) -> Judged<'c> {
    let wanted = format!("no call of {} once the task was shown at its end", selector.describe());
    let mut calls = all.to_vec();
    calls.retain(|call| !call.is_in_flight());
    calls.sort_by_key(|call| call.finished());
    let mut known: HashSet<(&str, u64, String)> = HashSet::new();
    let mut ended: HashMap<Subject<'_>, &Arc<CallRecord>> = HashMap::new();
    let mut proofs = Vec::new();
    for call in calls {
        if let Some(task) = call.task()
            && known.insert((call.account(), call.generation, task.id()))
        {
            ended.retain(|(client, ..), _| client.0 != call.account());
        }
        let identity = operations::identity(call.action());
        // A client that goes on to another region looks at other tasks.
        let chooses = |name: &str| identity.contains(&name) || name == "RegionId";
        let chosen: Vec<_> = call.params().filter(|(name, _)| chooses(name)).collect();
        let subject = (client(call), call.action(), chosen);
        if let Some(end) = ended.get(&subject).filter(|end| knew(call, end)) {
            if selector.matches(call) {
                proofs.push((*end, call, format!("although call #{} had shown the end", end.sequence)));
            }
        } else if call.task().is_some_and(TaskShown::is_over) {
            ended.entry(subject).or_insert(call);
        }
    }
    (wanted, proofs)
}

/// The same call is one with the same parameters.
fn none_after_a_denial<'c>(selector: &Selector, matching: &Calls<'c>) -> Judged<'c> {
    let wanted = format!("no call of {} again once it was denied", selector.describe());
    let mut denied: HashMap<_, Vec<&Arc<CallRecord>>> = HashMap::new();
    let mut proofs = Vec::new();
    for &call in matching {
        let params: Vec<(&str, &str)> = call.params().collect();
        let denials = denied.entry((client(call), call.action(), params)).or_default();
        if let Some(denial) = denials.iter().find(|denial| knew(call, denial)) {
            proofs.push((*denial, call, format!("although call #{} had been denied", denial.sequence)));
        } else if call.status() == Some(403) {
            denials.push(call);
        }
    }
    (wanted, proofs)
}

fn none_too_early<'c>(selector: &Selector, matching: &Calls<'c>) -> Judged<'c> {
    let wanted = format!("no call of {} before its wait was over (x-acs-retry-after)", selector.describe());
    let mut demanding: HashMap<_, Vec<&Arc<CallRecord>>> = HashMap::new();
    let mut proofs = Vec::new();
    for &call in matching {
        let earlier = demanding.entry((client(call), call.action())).or_default();
        // The last response that the client knew.
        let last =
            earlier.iter().filter(|earlier| knew(call, earlier)).max_by_key(|earlier| earlier.finished());
        if let Some(last) = last {
            let wait = last.retry_after().and_then(|wait| SignedDuration::try_from(wait).ok());
            let due = last.finished().unwrap_or_default().saturating_add(wait.unwrap_or_default());
            let missing = due.saturating_sub(call.arrived);
            if missing.is_positive() {
                let how = format!("{} too early after call #{}", brief(missing), last.sequence);
                proofs.push((*last, call, how));
            }
        }
        if call.retry_after().is_some() {
            earlier.push(call);
        }
    }
    (wanted, proofs)
}

/// With no more digits than a person reads.
pub(super) fn brief(length: SignedDuration) -> String {
    let unit = if length < SignedDuration::from_millis(1) { Unit::Microsecond } else { Unit::Millisecond };
    format!("{:#}", length.round(unit).unwrap_or(length))
}
