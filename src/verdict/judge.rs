//! One function for each thing that can be demanded of calls.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Unit};

use super::{Failure, Outcome, Verdict};
use crate::journal::{Batch, CallRecord, Filter, TaskShown};
use crate::scenario::expect::{Demand, Expectation, Kind, Milestone};
use crate::text::bounds::{Bounds, Count};

/// Most proofs that are shown of one failure; the first ones explain the rest.
const SHOWN: usize = 3;

type Calls<'c> = &'c [Arc<CallRecord>];

/// Judges calls, which are in the order in which they were answered.
pub fn judge(expectations: &[Expectation], calls: &Batch) -> Verdict {
    let outcomes = expectations.iter().map(|expectation| match expectation {
        Expectation::Calls(kind, demand) => {
            let kind = filter(kind);
            let (wanted, failure) = match demand {
                Demand::Number(count) => number(&kind, *count, &calls.records),
                Demand::Gap(bounds) => gap(&kind, bounds, &calls.records),
                Demand::NoneAfter(Milestone::Terminal) => none_after_the_end(&kind, &calls.records),
                Demand::NoneAfter(Milestone::Denied) => none_after_a_denial(&kind, &calls.records),
                Demand::RetryAfter => none_too_early(&kind, &calls.records),
            };
            Outcome { wanted, failure }
        }
        Expectation::Order(kinds) => {
            let (wanted, failure) = order(kinds, &calls.records);
            Outcome { wanted, failure }
        }
    });
    Verdict { outcomes: outcomes.collect(), judged: calls.records.len(), missed: calls.missed }
}

fn filter(Kind { action, params }: &Kind) -> Filter {
    let params = params.iter().cloned().collect();
    Filter { action: action.clone(), params, ..Filter::default() }
}

/// A call, and an earlier one that makes it wrong.
type Proof<'c> = (&'c Arc<CallRecord>, &'c Arc<CallRecord>);

/// No failure without a proof; of many, the first are shown.
fn failure(proofs: &[Proof<'_>], say: impl Fn(&CallRecord, &CallRecord) -> String) -> Option<Failure> {
    let (earlier, later) = proofs.first()?;
    let mut message = say(earlier, later);
    if proofs.len() > 1 {
        message.extend(["; ", &proofs.len().to_string(), " such calls"]);
    }
    let mut shown: Vec<Arc<CallRecord>> = proofs
        .iter()
        .take(SHOWN)
        .flat_map(|(earlier, later)| [earlier, later])
        .map(|call| Arc::clone(call))
        .collect();
    shown.sort_by_key(|call| call.sequence);
    shown.dedup_by_key(|call| call.sequence);
    Some(Failure { message, calls: shown })
}

fn number(kind: &Filter, count: Count, calls: Calls<'_>) -> (String, Option<Failure>) {
    let (such, others): (Vec<_>, Vec<_>) = calls.iter().partition(|call| kind.matches(call));
    let wanted = format!("{count} of {}", kind.describe());
    let seen = such.len();
    if count.hold(seen as u64) {
        return (wanted, None);
    }
    let is_too_few = count.want_more_than(seen as u64);
    // The last of too many; of too few, those that nearly were it.
    let mut shown: Vec<_> = if is_too_few { others } else { such };
    if is_too_few {
        shown.sort_by_key(|call| (kind.differences(call).len(), std::cmp::Reverse(call.sequence)));
        shown.truncate(SHOWN);
    }
    shown.sort_by_key(|call| call.sequence);
    let shown = shown.iter().rev().take(SHOWN).rev().map(|call| Arc::clone(call)).collect();
    let nearly = if is_too_few && seen < calls.len() { "; the nearest others" } else { "" };
    (
        wanted,
        Some(Failure {
            message: format!("there were {seen}, among {}{nearly}", how_many(calls.len())),
            calls: shown,
        }),
    )
}

fn how_many(calls: usize) -> String {
    if calls == 1 { "1 call".to_owned() } else { format!("{calls} calls") }
}

/// By arrival, for a client that calls from several threads is not answered in that order.
fn gap(kind: &Filter, bounds: &Bounds<SignedDuration>, calls: Calls<'_>) -> (String, Option<Failure>) {
    let wanted = format!("{} {} the one before it", kind.describe(), length(bounds));
    let mut such: Vec<_> = calls.iter().filter(|call| kind.matches(call)).collect();
    such.sort_by_key(|call| (call.account(), call.generation, call.arrived));
    let proofs: Vec<Proof<'_>> = such
        .windows(2)
        .filter(|pair| (pair[0].account(), pair[0].generation) == (pair[1].account(), pair[1].generation))
        .filter(|pair| !bounds.hold(between(pair[0], pair[1])))
        .map(|pair| (pair[0], pair[1]))
        .collect();
    let say = |earlier: &CallRecord, later: &CallRecord| {
        let gap = brief(between(earlier, later));
        format!("call #{} came {gap} after call #{}", later.sequence, earlier.sequence)
    };
    (wanted, failure(&proofs, say))
}

fn between(earlier: &CallRecord, later: &CallRecord) -> SignedDuration {
    later.arrived.saturating_sub(earlier.arrived)
}

fn length(Bounds { least, most }: &Bounds<SignedDuration>) -> String {
    match most {
        None => format!("at least {least:#} after"),
        Some(most) if least.is_zero() => format!("at most {most:#} after"),
        Some(most) => format!("{least:#} to {most:#} after"),
    }
}

type Subject = ((String, u64), String, Vec<(String, String)>);

/// What a call is about, so that looking at another task is not taken for looking once more.
fn subject(call: &CallRecord) -> Subject {
    let telling = |name: &str| ["TaskType", "TaskId", "RootTaskId"].contains(&name);
    let told = call.params().filter(|(name, _)| telling(name));
    let told = told.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    ((call.account().to_owned(), call.generation), call.action().to_owned(), told)
}

/// A task that was never shown before is a new one to look at: then looking goes on.
fn none_after_the_end(kind: &Filter, calls: Calls<'_>) -> (String, Option<Failure>) {
    let wanted = format!("no call of {} once the task was shown at its end", kind.describe());
    let mut known: HashSet<(&str, u64, String)> = HashSet::new();
    let mut ended: HashMap<Subject, &Arc<CallRecord>> = HashMap::new();
    let mut proofs: Vec<Proof<'_>> = Vec::new();
    for call in calls {
        if let Some(task) = call.task()
            && known.insert((call.account(), call.generation, task.id()))
        {
            ended.retain(|((account, _), ..), _| account != call.account());
        }
        let subject = subject(call);
        if let Some(end) =
            ended.get(&subject).filter(|end| end.finished().is_some_and(|end| call.arrived >= end))
        {
            if kind.matches(call) {
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

/// The same call is one with the same parameters: to ask for something else is no retry.
fn none_after_a_denial(kind: &Filter, calls: Calls<'_>) -> (String, Option<Failure>) {
    let wanted = format!("no call of {} again once it was denied", kind.describe());
    let same = |call: &Arc<CallRecord>| {
        let params = call.params().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        (call.account().to_owned(), call.generation, call.action().to_owned(), params)
    };
    let mut denied: HashMap<_, &Arc<CallRecord>> = HashMap::new();
    let mut proofs: Vec<Proof<'_>> = Vec::new();
    for call in calls.iter().filter(|call| kind.matches(call)) {
        if let Some(denial) =
            denied.get(&same(call)).filter(|denial| denial.finished().is_some_and(|end| call.arrived >= end))
        {
            proofs.push((denial, call));
        } else if call.status() == Some(403) {
            denied.entry(same(call)).or_insert(call);
        }
    }
    let say = |denial: &CallRecord, later: &CallRecord| {
        format!("call #{} came although call #{} had been denied", later.sequence, denial.sequence)
    };
    (wanted, failure(&proofs, say))
}

fn none_too_early(kind: &Filter, calls: Calls<'_>) -> (String, Option<Failure>) {
    let wanted =
        format!("no call of {} earlier than its caller was told (x-acs-retry-after)", kind.describe());
    let mut told: HashMap<(&str, u64, &str), &Arc<CallRecord>> = HashMap::new();
    let mut proofs: Vec<Proof<'_>> = Vec::new();
    let mut such: Vec<_> = calls.iter().filter(|call| kind.matches(call)).collect();
    such.sort_by_key(|call| call.arrived);
    for call in such {
        let caller = (call.account(), call.generation, call.action());
        if let Some(teller) = told.get(&caller)
            // What was under way already could not know.
            && teller.finished().is_some_and(|end| call.arrived >= end)
            && missing(teller, call).is_positive()
        {
            proofs.push((teller, call));
        }
        if call.retry_after().is_some() {
            told.insert(caller, call);
        }
    }
    let say = |teller: &CallRecord, later: &CallRecord| {
        let missing = brief(missing(teller, later));
        format!("call #{} came {missing} too early after call #{}", later.sequence, teller.sequence)
    };
    (wanted, failure(&proofs, say))
}

/// No more digits than somebody reads.
fn brief(length: SignedDuration) -> String {
    let unit = if length < SignedDuration::from_millis(1) { Unit::Microsecond } else { Unit::Millisecond };
    format!("{:#}", length.round(unit).unwrap_or(length))
}

/// How much too early a call came.
fn missing(teller: &CallRecord, later: &CallRecord) -> SignedDuration {
    let wait = teller.retry_after().and_then(|wait| SignedDuration::try_from(wait).ok()).unwrap_or_default();
    teller.finished().unwrap_or_default().saturating_add(wait).saturating_sub(later.arrived)
}

fn order(kinds: &[Kind], calls: Calls<'_>) -> (String, Option<Failure>) {
    let filters: Vec<Filter> = kinds.iter().map(filter).collect();
    let names: Vec<String> = filters.iter().map(Filter::describe).collect();
    let wanted = names.join(", then ");
    let (mut rest, mut found) = (calls, Vec::new());
    for (kind, name) in filters.iter().zip(&names) {
        if let Some(place) = rest.iter().position(|call| kind.matches(call)) {
            found.push(Arc::clone(&rest[place]));
            rest = &rest[place + 1..];
            continue;
        }
        let message = match (calls.iter().rfind(|call| kind.matches(call)), found.last()) {
            (Some(earlier), Some(last)) => {
                let message = format!("no {name} came after call #{}", last.sequence);
                found.insert(0, Arc::clone(earlier));
                message
            }
            _ => format!("no {name} came, among {}", how_many(calls.len())),
        };
        found.sort_by_key(|call| call.sequence);
        found.dedup_by_key(|call| call.sequence);
        return (wanted, Some(Failure { message, calls: found }));
    }
    (wanted, None)
}
