//! Misbehaviour of clients, found in their calls and proved by pairs of them.
//!
//! Calls are *equal* if client, operation and all parameters are. A call is compared only with an equal one, so that what
//! one part of a program does counts for that part alone.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::SignedDuration;

use super::misbehaviour::Misbehaviour;
use super::outcome::{Calls, Judged, Proof, brief, client, knew};
use super::selector::Selector;
use crate::domain::Code;
use crate::journal::{CallRecord, TaskShown};
use crate::operations;

/// A pause is at least so long in real time, or so long by the task clock, which a test moves instead of waiting.
const PAUSE: SignedDuration = SignedDuration::from_millis(50);
const TASK_PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// So many calls in a row without a pause are a habit; one or two may be chance, or an immediate first retry.
const IN_A_ROW: usize = 3;
/// After so many retries the pauses of any back-off differ.
const RETRIES: usize = 5;
/// How much less a timer may wait than it was told: those of some languages count whole milliseconds.
const TIMER: SignedDuration = SignedDuration::from_millis(5);

/// Equal calls, in the order in which they arrived.
type Series<'c> = Vec<&'c Arc<CallRecord>>;

/// A call and the equal one after it.
type Pair<'c> = (&'c Arc<CallRecord>, &'c Arc<CallRecord>);

pub(super) fn judge<'c>(
    kind: Misbehaviour,
    selector: &Selector,
    matching: &Calls<'c>,
    all: &Calls<'c>,
) -> Judged<'c> {
    let of =
        if *selector == Selector::default() { String::new() } else { format!(" by {}", selector.describe()) };
    let series = series(matching);
    let each = |find: &dyn Fn(&Calls<'c>) -> Vec<Proof<'c>>| -> Vec<Proof<'c>> {
        series.iter().flat_map(|calls| find(calls)).collect()
    };
    let mut proofs = match kind {
        Misbehaviour::PollingAfterEnd => after_the_end(selector, all),
        Misbehaviour::BusyPolling => each(&|calls| without_pause(calls, shows_a_running_task)),
        Misbehaviour::RetryStorms => each(&|calls| without_pause(calls, wants_back_off)),
        Misbehaviour::RetryingRefusals => {
            let writes = writes(all);
            each(&|calls| retried_refusals(calls, &writes))
        }
        Misbehaviour::IgnoringDelays => each(&ignored_delays),
        Misbehaviour::ConstantRetries => each(&constant_retries),
        Misbehaviour::NonceReuse => {
            each(&|calls| refused_as(calls, &[Code::NONCE_USED], "with a nonce that had been used"))
        }
        Misbehaviour::ClockSkew => {
            let codes = [Code::TIMESTAMP_EXPIRED, Code::TIMESTAMP_FORMAT];
            each(&|calls| refused_as(calls, &codes, "with a time stamp that was refused"))
        }
        Misbehaviour::ParallelDuplicates => each(&duplicates),
    };
    proofs.sort_by_key(|(_, later, _)| later.sequence);
    (format!("{}{of}", kind.wanted()), proofs)
}

/// Calls with parameters that the journal did not keep whole may be unequal: they are left out.
fn series<'c>(matching: &Calls<'c>) -> Vec<Series<'c>> {
    let mut places = HashMap::new();
    let mut series: Vec<Series<'c>> = Vec::new();
    let readable = |call: &&&Arc<CallRecord>| !call.action().is_empty() && call.escaped().is_none();
    for &call in matching.iter().filter(readable).filter(|call| call.has_whole_params()) {
        let params: Vec<(&str, &str)> = call.params().collect();
        let place = *places.entry((client(call), call.action(), params)).or_insert(series.len());
        if place == series.len() {
            series.push(Vec::new());
        }
        series[place].push(call);
    }
    for calls in &mut series {
        calls.sort_by_key(|call| call.arrived);
    }
    series
}

/// Each call with the equal one before it.
fn pairs<'s, 'c>(calls: &'s [&'c Arc<CallRecord>]) -> impl Iterator<Item = Pair<'c>> + use<'s, 'c> {
    calls.iter().copied().zip(calls.iter().copied().skip(1))
}

/// From the response to one call to the arrival of the next: in real time, and by the task clock.
fn pauses(earlier: &CallRecord, later: &CallRecord) -> (SignedDuration, SignedDuration) {
    let finished = earlier.finished().unwrap_or(later.arrived);
    let taken = finished.saturating_sub(earlier.arrived);
    let by_task_clock = later.task_time.duration_since(earlier.task_time).saturating_sub(taken);
    (later.arrived.saturating_sub(finished), by_task_clock)
}

fn has_paused(earlier: &CallRecord, later: &CallRecord) -> bool {
    let (real, by_task_clock) = pauses(earlier, later);
    real >= PAUSE || by_task_clock >= TASK_PAUSE
}

fn longer_pause(earlier: &CallRecord, later: &CallRecord) -> SignedDuration {
    let (real, by_task_clock) = pauses(earlier, later);
    real.max(by_task_clock)
}

fn shows_a_running_task(call: &CallRecord) -> bool {
    call.task().is_some_and(|task| !task.is_over())
        && call.task_status().is_some_and(|status| !status.is_empty())
}

/// A failure that may pass: of the service, of the connection, or because there are too many calls.
fn may_pass(call: &CallRecord) -> bool {
    let is_broken = call.broke().is_some_and(|how| how != "abandoned");
    is_broken || call.status().is_some_and(|status| status >= 500) || call.code().starts_with("Throttling")
}

/// Where the response says how long to wait, that counts instead.
fn wants_back_off(call: &CallRecord) -> bool {
    may_pass(call) && call.retry_after().is_none()
}

/// Runs of calls that each follow at once on one of this kind.
fn without_pause<'c>(calls: &Calls<'c>, is_such: impl Fn(&CallRecord) -> bool) -> Vec<Proof<'c>> {
    let (mut proofs, mut run) = (Vec::new(), Vec::new());
    let mut end = |run: &mut Vec<Proof<'c>>| {
        if run.len() >= IN_A_ROW {
            proofs.append(run);
        }
        run.clear();
    };
    for (earlier, later) in pairs(calls) {
        if is_such(earlier) && knew(later, earlier) && !has_paused(earlier, later) {
            let (pause, _) = pauses(earlier, later);
            run.push((
                earlier,
                later,
                format!("{} after the response to call #{}", brief(pause), earlier.sequence),
            ));
        } else {
            end(&mut run);
        }
    }
    end(&mut run);
    proofs
}

/// The calls by which each client changed something, in the order in which they arrived.
type Writes<'c> = HashMap<(&'c str, u64), Vec<&'c Arc<CallRecord>>>;

fn writes<'c>(all: &Calls<'c>) -> Writes<'c> {
    let reads =
        |action: &str| ["Get", "List", "Describe", "Query"].iter().any(|verb| action.starts_with(verb));
    let mut writes = Writes::new();
    for &call in all.iter().filter(|call| call.status() == Some(200) && !reads(call.action())) {
        writes.entry(client(call)).or_default().push(call);
    }
    for calls in writes.values_mut() {
        calls.sort_by_key(|call| call.arrived);
    }
    writes
}

/// A 404 may be wrong by now once the client has changed something; a 403 for an expired token once it has a new one.
fn retried_refusals<'c>(calls: &Calls<'c>, writes: &Writes<'c>) -> Vec<Proof<'c>> {
    let is_final = |call: &CallRecord| {
        matches!(call.status(), Some(403 | 404)) && call.code() != Code::TOKEN_EXPIRED.name
    };
    let changed_between = |earlier: &CallRecord, later: &CallRecord| {
        let writes = writes.get(&client(later)).map_or(&[][..], Vec::as_slice);
        let from = writes.partition_point(|write| !knew(write, earlier));
        let mut between = writes[from..].iter().take_while(|write| write.arrived <= later.arrived);
        between.any(|write| knew(later, write))
    };
    let (mut proofs, mut refusals) = (Vec::new(), Vec::<&Arc<CallRecord>>::new());
    for &call in calls {
        let known = refusals.iter().rev().find(|refusal| knew(call, refusal)).copied();
        if let Some(refusal) = known
            && (refusal.status() == Some(403) || !changed_between(refusal, call))
        {
            let code = refusal.code();
            let how = format!("although call #{} had been refused with {code}", refusal.sequence);
            proofs.push((refusal, call, how));
        }
        if is_final(call) {
            refusals.push(call);
        } else if call.status() == Some(200) {
            refusals.clear();
        }
    }
    proofs
}

fn ignored_delays<'c>(calls: &Calls<'c>) -> Vec<Proof<'c>> {
    let proof = |(earlier, later): Pair<'c>| {
        let demanded = SignedDuration::try_from(earlier.retry_after()?).ok()?;
        let missing = demanded.saturating_sub(longer_pause(earlier, later));
        let how = format!("{} too early after call #{}", brief(missing), earlier.sequence);
        (knew(later, earlier) && missing > TIMER).then_some((earlier, later, how))
    };
    pairs(calls).filter_map(proof).collect()
}

/// Series of retries most of which came after the same pause.
fn constant_retries<'c>(calls: &Calls<'c>) -> Vec<Proof<'c>> {
    let (mut proofs, mut retries) = (Vec::new(), Vec::new());
    for (earlier, later) in pairs(calls) {
        if !may_pass(earlier) {
            proofs.extend(constant(&std::mem::take(&mut retries)));
        } else if wants_back_off(earlier) && knew(later, earlier) {
            retries.push((earlier, later));
        }
    }
    proofs.extend(constant(&retries));
    proofs
}

fn constant<'c>(retries: &[Pair<'c>]) -> Vec<Proof<'c>> {
    let Some(least) = retries.iter().map(|(earlier, later)| longer_pause(earlier, later)).min() else {
        return Vec::new();
    };
    let most = least.saturating_add(least / 10).saturating_add(TIMER);
    let is_equal =
        |(earlier, later): &&Pair<'c>| longer_pause(earlier, later) <= most && has_paused(earlier, later);
    let equal: Vec<_> = retries.iter().filter(is_equal).collect();
    // One that came late because the machine was busy makes no back-off.
    if retries.len() < RETRIES || equal.len() * 5 < retries.len() * 4 {
        return Vec::new();
    }
    let how = |earlier: &CallRecord, later: &CallRecord| {
        let pause = brief(longer_pause(earlier, later));
        format!("{pause} after the response to call #{}, as soon as the retries before it", earlier.sequence)
    };
    equal.into_iter().skip(1).map(|(earlier, later)| (*earlier, *later, how(earlier, later))).collect()
}

/// What the service itself found wrong; not where a fault may have said so.
fn refused_as<'c>(calls: &Calls<'c>, codes: &[&Code], how: &str) -> Vec<Proof<'c>> {
    let is_such = |call: &CallRecord| {
        codes.iter().any(|code| code.name == call.code()) && call.faults().next().is_none()
    };
    let found = calls.iter().enumerate().filter(|(_, call)| is_such(call));
    found
        .map(|(place, call)| (calls[place.saturating_sub(1)], *call, format!("{how} ({})", call.code())))
        .collect()
}

/// Both arrived within a moment, so neither is a retry after a time-out of the client.
fn duplicates<'c>(calls: &Calls<'c>) -> Vec<Proof<'c>> {
    let proof = |(earlier, later): Pair<'c>| {
        let apart = later.arrived.saturating_sub(earlier.arrived);
        let how = || format!("{} after call #{}, which was under way", brief(apart), earlier.sequence);
        (!knew(later, earlier) && apart < PAUSE).then(|| (earlier, later, how()))
    };
    pairs(calls).filter_map(proof).collect()
}

/// A client, an operation, and the parameters that choose the task: another task is another subject.
type Subject<'c> = ((&'c str, u64), &'c str, Vec<(&'c str, &'c str)>);

/// A task that was never shown before is a new one: then the client polls again. What a call shows decides, so only
/// finished calls are judged, in the order in which they finished.
pub(super) fn after_the_end<'c>(selector: &Selector, all: &Calls<'c>) -> Vec<Proof<'c>> {
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
    proofs
}
