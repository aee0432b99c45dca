//! The judge: one function for each demand, a pure function of expectations and calls.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::SignedDuration;

use super::expectation::{Demand, Expectation, Milestone};
use super::habits;
use super::outcome::{
    Calls, Failure, Judged, Outcome, SHOWN, Verdict, brief, by_number, client, failure, knew,
};
use super::selector::Selector;
use crate::journal::{Batch, CallRecord};
use crate::text::bounds::{Bounds, Count};
use crate::text::counted::counted;

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
                Demand::NoCallsAfter(Milestone::Terminal) => {
                    let wanted =
                        format!("no call of {} once the task was shown at its end", selector.describe());
                    (wanted, habits::after_the_end(selector, &all))
                }
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

/// Judges what is expected of the end of a command: `bad_end` says how it ended, if not with exit code 0.
pub(crate) fn judge_exit(expectations: &[Expectation], bad_end: Option<&str>, calls: &Batch) -> Vec<Outcome> {
    let exits = expectations.iter().filter_map(Expectation::exit);
    exits.map(|exit| exit.judge(bad_end, &calls.records)).collect()
}

fn number(selector: &Selector, count: Count, matching: &Calls<'_>, all: &Calls<'_>) -> Outcome {
    let (wanted, seen) = (format!("{count} of {}", selector.describe()), matching.len());
    let failure = (!count.hold(seen as u64)).then(|| {
        let is_too_few = count.want_more_than(seen as u64);
        let nearest = if is_too_few { nearest(selector, all) } else { newest(matching) };
        let calls = by_number(nearest.iter().map(|(call, _)| call));
        Failure { message: format!("saw {seen} among {}", counted(all.len(), "call")), calls, nearest }
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
            _ => (
                format!("{this}did not come at all, among {}", counted(calls.len(), "call")),
                nearest(step, calls),
            ),
        };
        let calls = by_number(found.iter().copied().chain(earlier));
        let failure = Some(Failure { message, calls, nearest });
        return Outcome { wanted, seen: found.len(), is_order: true, failure };
    }
    Outcome { wanted, seen: found.len(), is_order: true, failure: None }
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
