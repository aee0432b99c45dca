//! How many calls have finished, by what they were and what came of them: exact, over all sessions, and bounded.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::{Code, Fidelity};
use crate::journal::CallRecord;
use crate::operations;

/// What calls are counted by. Texts of clients are none of it: there would be no end of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CallKind {
    /// An operation of the service, or `other`.
    pub operation: &'static str,
    /// The HTTP status; 0 if the connection was broken instead.
    pub status: u16,
    /// How the connection broke, if it did.
    pub broke: &'static str,
    /// A code of the table, `other`, or empty.
    pub code: &'static str,
    pub fidelity: Option<Fidelity>,
}

/// All that was counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallTotals {
    pub by_kind: BTreeMap<CallKind, u64>,
    /// How many calls took no longer than each of [`LATENCIES`] and longer than the one before; last, all others.
    pub by_latency: [u64; LATENCIES.len() + 1],
    pub latency_sum: Duration,
}

#[derive(Debug, Default)]
pub(crate) struct CallCounts(Mutex<CallTotals>);

/// The bounds of the histogram, in microseconds: a call takes tenths of a millisecond, and injected delays take seconds.
pub(crate) const LATENCIES: [u64; 15] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    5_000_000, 30_000_000,
];

/// Most kinds; calls of further ones count as one kind for each status.
const MOST_KINDS: usize = 5_000;
const OTHER: &str = "other";

impl CallCounts {
    /// Counts a call whose record is finished.
    pub(crate) fn add(&self, record: &CallRecord) {
        let elapsed = record.elapsed().unwrap_or_default();
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let bucket = LATENCIES.iter().position(|bound| micros <= *bound).unwrap_or(LATENCIES.len());
        let mut kind = CallKind::of(record);
        let mut totals = self.lock();
        if totals.by_kind.len() >= MOST_KINDS && !totals.by_kind.contains_key(&kind) {
            kind = CallKind { operation: OTHER, code: OTHER, fidelity: None, ..kind };
        }
        *totals.by_kind.entry(kind).or_default() += 1;
        totals.by_latency[bucket] += 1;
        totals.latency_sum = totals.latency_sum.saturating_add(elapsed);
    }

    pub(crate) fn totals(&self) -> CallTotals {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, CallTotals> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CallKind {
    fn of(record: &CallRecord) -> Self {
        let code = match record.code() {
            "" => "",
            code if record.escaped().is_some() && code == ESCAPED_CALL => ESCAPED_CALL,
            code => Code::find(code).map_or(OTHER, |code| code.name),
        };
        Self {
            operation: operations::known_name(record.action()).unwrap_or(OTHER),
            status: record.status().unwrap_or_default(),
            broke: record.broke().unwrap_or_default(),
            code,
            fidelity: record.fidelity(),
        }
    }
}

/// The code of an escaped call, which is no code of the service.
pub(crate) const ESCAPED_CALL: &str = "EscapedCall";
