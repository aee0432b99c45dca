//! What a judge says: outcomes of expectations, and the pairs of calls that prove that one was not met.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Unit};

use crate::journal::CallRecord;

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

impl Failure {
    /// The calls that prove it explain it too.
    pub(super) fn proved_by(message: String, calls: Vec<Arc<CallRecord>>) -> Self {
        let nearest = calls.iter().map(|call| (Arc::clone(call), Vec::new())).collect();
        Self { message, calls, nearest }
    }
}

pub(super) type Calls<'c> = [&'c Arc<CallRecord>];

impl Verdict {
    pub fn has_passed(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.failure.is_none())
    }
}

/// An earlier call, a later one that should not be there because of it, and how that one came.
pub(super) type Proof<'c> = (&'c Arc<CallRecord>, &'c Arc<CallRecord>, String);

/// What was wanted, and the proofs that it was not met.
pub(super) type Judged<'c> = (String, Vec<Proof<'c>>);

/// No failure without a proof; of many, the first are shown.
pub(super) fn failure(proofs: &[Proof<'_>]) -> Option<Failure> {
    let (_, later, how) = proofs.first()?;
    let mut message = format!("call #{} came {how}", later.sequence);
    if proofs.len() > 1 {
        message.extend(["; ", &proofs.len().to_string(), " such calls"]);
    }
    let calls = by_number(proofs.iter().take(SHOWN).flat_map(|(earlier, later, _)| [*earlier, *later]));
    Some(Failure::proved_by(message, calls))
}

pub(super) fn by_number<'c>(calls: impl IntoIterator<Item = &'c Arc<CallRecord>>) -> Vec<Arc<CallRecord>> {
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

/// With no more digits than a person reads.
pub(super) fn brief(length: SignedDuration) -> String {
    let unit = if length < SignedDuration::from_millis(1) { Unit::Microsecond } else { Unit::Millisecond };
    format!("{:#}", length.round(unit).unwrap_or(length))
}
