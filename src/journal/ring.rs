//! The ring of records: bounded by number and by memory, read by cursors.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::record::{CallRecord, Completed};

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Most calls; none are kept at 0.
    pub entries: usize,
    /// Most memory they take, in bytes.
    pub bytes: usize,
    /// Whether calls that were cleared are kept for [`Journal::everything`](super::Journal::everything).
    pub keep_cleared: bool,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { entries: 10_000, bytes: 16 << 20, keep_cleared: false }
    }
}

/// The records, without a lock.
#[derive(Debug, Default)]
pub(super) struct Ring {
    /// Of the current session, by sequence number.
    pub(super) records: VecDeque<Arc<CallRecord>>,
    /// Those of them that have finished, by cursor.
    pub(super) finished: VecDeque<Arc<CallRecord>>,
    pub(super) bytes: usize,
    /// The number of the current session.
    pub(super) session: u64,
    /// The last sequence number.
    pub(super) last: u64,
    /// The last cursor. Calls that the ring no longer has count too, so that it equals `last` when none is in flight.
    pub(super) last_cursor: u64,
    /// The highest sequence number, and the highest cursor, that were evicted.
    pub(super) evicted: u64,
    pub(super) evicted_cursor: u64,
    /// How often calls were cleared.
    pub(super) clears: u64,
    /// Cleared records, if they are kept.
    pub(super) cleared: VecDeque<Arc<CallRecord>>,
    /// How often an account's calls were cleared, if cleared records are kept; under "", how often all were.
    pub(super) generations: HashMap<String, u64>,
}

/// The records after a cursor.
#[derive(Debug)]
pub struct Batch {
    /// In order.
    pub records: Vec<Arc<CallRecord>>,
    /// How many calls were evicted before they could be read.
    pub missed: u64,
    /// Changes whenever calls are cleared.
    pub clears: u64,
}

fn cursor_of(record: &Arc<CallRecord>) -> u64 {
    record.cursor().unwrap_or_default()
}

impl Ring {
    /// Numbers and keeps a record.
    pub(super) fn push(&mut self, mut record: CallRecord, capacity: &Capacity) -> Arc<CallRecord> {
        self.last += 1;
        record.sequence = self.last;
        let cleared = |account| self.generations.get(account).copied().unwrap_or_default();
        record.generation = cleared("") + cleared(record.account());
        let record = Arc::new(record);
        self.bytes += record.bytes();
        self.records.push_back(Arc::clone(&record));
        self.evict(capacity);
        record
    }

    /// Completes a numbered record, here or not; `false` if it was complete.
    pub(super) fn complete(
        &mut self,
        record: &Arc<CallRecord>,
        mut completed: Completed,
        capacity: &Capacity,
    ) -> bool {
        let (place, before) = (self.place(record), record.bytes());
        completed.cursor = self.last_cursor + 1;
        if !record.complete(completed) {
            return false;
        }
        self.last_cursor += 1;
        if place.is_some() || self.cleared.iter().rev().any(|cleared| Arc::ptr_eq(cleared, record)) {
            self.bytes += record.bytes() - before;
        }
        if place.is_some() {
            self.finished.push_back(Arc::clone(record));
        }
        self.evict(capacity);
        true
    }

    pub(super) fn after(&self, sequence: u64, most: usize) -> Batch {
        self.batch(&self.records, |record| record.sequence, self.evicted, sequence, most)
    }

    pub(super) fn finished_after(&self, cursor: u64, most: usize) -> Batch {
        self.batch(&self.finished, cursor_of, self.evicted_cursor, cursor, most)
    }

    pub(super) fn everything(&self) -> Batch {
        let mut records: Vec<_> = self.cleared.iter().chain(&self.records).cloned().collect();
        records.sort_by_key(|record| record.sequence);
        Batch { records, missed: self.evicted, clears: self.clears }
    }

    /// Where a record is, if it is still here.
    fn place(&self, record: &CallRecord) -> Option<usize> {
        self.records.binary_search_by_key(&record.sequence, |record| record.sequence).ok()
    }

    fn batch(
        &self,
        records: &VecDeque<Arc<CallRecord>>,
        number: impl Fn(&Arc<CallRecord>) -> u64,
        evicted: u64,
        after: u64,
        most: usize,
    ) -> Batch {
        let start = records.partition_point(|record| number(record) <= after);
        // Calls do not finish in the order in which they are evicted: some that are older may be here still.
        let here = records.partition_point(|record| number(record) <= evicted).saturating_sub(start);
        let missed = evicted.saturating_sub(after).saturating_sub(here as u64);
        Batch { records: records.range(start..).take(most).cloned().collect(), missed, clears: self.clears }
    }

    /// Removes the oldest records until the rest is within the capacity.
    fn evict(&mut self, capacity: &Capacity) {
        while self.records.len() + self.cleared.len() > capacity.entries || self.bytes > capacity.bytes {
            let Some(record) = self.cleared.pop_front().or_else(|| self.records.pop_front()) else { return };
            self.bytes -= record.bytes();
            self.evicted = self.evicted.max(record.sequence);
            if let Some(cursor) = record.cursor()
                && let Ok(place) = self.finished.binary_search_by_key(&cursor, cursor_of)
            {
                self.finished.remove(place);
                self.evicted_cursor = self.evicted_cursor.max(cursor);
            }
        }
    }

    pub(super) fn clear(&mut self, account: Option<&str>, keep_cleared: bool) -> usize {
        let is_cleared = |record: &Arc<CallRecord>| account.is_none_or(|account| record.account() == account);
        let (cleared, kept): (VecDeque<_>, _) =
            std::mem::take(&mut self.records).into_iter().partition(is_cleared);
        let count = cleared.len();
        self.records = kept;
        self.finished.retain(|record| !is_cleared(record));
        // Only an account that had calls begins a new generation, so names that never called are not kept.
        if keep_cleared && count > 0 {
            self.cleared.extend(cleared);
            *self.generations.entry(account.unwrap_or_default().to_owned()).or_default() += 1;
        }
        self.bytes = self.cleared.iter().chain(&self.records).map(|record| record.bytes()).sum();
        self.clears += 1;
        count
    }
}
