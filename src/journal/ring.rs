//! The ring of records: bounded by number and by memory, read by cursors.
//!
//! Invariant: a call takes the lock once when it arrives and once when it finishes; nothing is formatted, and nothing
//! waits. Listeners have no queues: each remembers a number, is woken, and reads on; a slow one learns how many calls it
//! missed.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::record::{Arrival, CallRecord, Completed, Completion};
use crate::protocol::RequestId;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Most calls; none are kept at 0.
    pub entries: usize,
    pub bytes: usize,
    /// Whether calls that were cleared are kept for [`Journal::everything`](super::Journal::everything).
    pub keep_cleared: bool,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { entries: 10_000, bytes: 16 << 20, keep_cleared: false }
    }
}

#[derive(Debug)]
pub struct Journal {
    capacity: Capacity,
    ring: Mutex<Ring>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Ring {
    /// Of the current session, by sequence number.
    records: VecDeque<KeptCall>,
    /// Those of them that have finished, by cursor.
    finished: VecDeque<(u64, Arc<CallRecord>)>,
    bytes: usize,
    session: u64,
    last: u64,
    /// The last cursor. Calls that the ring no longer has count too, so that it equals `last` when none is in flight.
    last_cursor: u64,
    /// The highest sequence number, and the highest cursor, that were evicted.
    evicted: u64,
    evicted_cursor: u64,
    clears: u64,
    cleared: VecDeque<KeptCall>,
    /// How often an account's calls were cleared, if cleared records are kept; under "", how often all were.
    generations: HashMap<String, u64>,
}

/// A record, and what is needed to find and to evict it. Records lie apart in memory, and reading one that was not used for
/// long takes longer than all else here.
#[derive(Debug, Clone)]
struct KeptCall {
    sequence: u64,
    /// `None` while it is in flight.
    cursor: Option<u64>,
    bytes: usize,
    record: Arc<CallRecord>,
}

/// What one record takes in the two lists.
const LIST_BYTES: usize = size_of::<KeptCall>() + size_of::<(u64, Arc<CallRecord>)>();

#[derive(Debug, Default)]
pub struct Batch {
    pub records: Vec<Arc<CallRecord>>,
    /// How many calls were evicted before they could be read.
    pub missed: u64,
    pub clears: u64,
}

impl Journal {
    pub fn new(capacity: Capacity) -> Self {
        Self { capacity, ring: Mutex::default(), changed: Notify::new() }
    }

    pub fn is_on(&self) -> bool {
        self.capacity.entries > 0
    }

    pub fn generation(&self) -> u64 {
        self.lock().session
    }

    /// Begins a new session: clears all calls and returns the session's number. Sequence numbers continue.
    pub fn next_generation(&self) -> u64 {
        let session = {
            let mut ring = self.lock();
            ring.clear(None, self.capacity.keep_cleared);
            ring.session += 1;
            ring.session
        };
        self.changed.notify_waiters();
        session
    }

    /// Numbers and keeps a call of a session, evicts the oldest ones if there is no room, and wakes listeners. Returns the
    /// record as an error, and does not keep it, if that session is over. A journal that is off keeps none.
    pub fn arrive(&self, generation: u64, arrival: &Arrival<'_>) -> Result<Arc<CallRecord>, Arc<CallRecord>> {
        let record = CallRecord::new(arrival);
        let mut ring = self.lock();
        if ring.session != generation {
            return Err(Arc::new(record));
        }
        if !self.is_on() {
            return Ok(Arc::new(record));
        }
        let record = ring.push(record, &self.capacity);
        drop(ring);
        self.changed.notify_waiters();
        Ok(record)
    }

    /// Writes how a call finished, and wakes listeners. A record that the journal no longer has, or never had, is
    /// completed too, for the log. The first completion of a record counts.
    pub fn finish(&self, record: &Arc<CallRecord>, completion: &Completion<'_>) {
        let completed = Completed::new(completion);
        if record.sequence == 0 {
            let _ = record.completed.set(completed);
            return;
        }
        if self.lock().complete(record, completed, &self.capacity) {
            self.changed.notify_waiters();
        }
    }

    pub fn last(&self) -> u64 {
        self.lock().last
    }

    /// How many calls have finished, over all sessions: the cursor that [`Self::finished_after`] continues from.
    pub fn last_cursor(&self) -> u64 {
        self.lock().last_cursor
    }

    /// The calls that arrived after the numbered one, at most so many; those in flight are among them.
    pub fn after(&self, sequence: u64, most: usize) -> Batch {
        let ring = self.lock();
        let number = |kept: &KeptCall| kept.sequence;
        ring.batch(&ring.records, number, |kept| &kept.record, ring.evicted, (sequence, most))
    }

    /// The calls that finished after a cursor, in the order in which they finished, at most so many. The cursor equals
    /// the sequence number as long as calls do not overlap.
    pub fn finished_after(&self, cursor: u64, most: usize) -> Batch {
        let ring = self.lock();
        ring.batch(&ring.finished, cursor_of, |(_, record)| record, ring.evicted_cursor, (cursor, most))
    }

    /// All calls that are kept, the cleared ones included.
    pub fn everything(&self) -> Batch {
        let ring = self.lock();
        let kept = ring.cleared.iter().chain(&ring.records);
        let mut records: Vec<_> = kept.map(|kept| Arc::clone(&kept.record)).collect();
        records.sort_by_key(|record| record.sequence);
        Batch { records, missed: ring.evicted, clears: ring.clears }
    }

    pub fn find(&self, id: RequestId) -> Option<Arc<CallRecord>> {
        let ring = self.lock();
        let mut records = ring.records.iter().rev().map(|kept| &kept.record);
        records.find(|record| record.request_id == id).cloned()
    }

    /// How many calls were evicted, ever, and how many bytes the others take.
    pub fn usage(&self) -> (u64, usize) {
        let ring = self.lock();
        (ring.evicted, ring.bytes)
    }

    /// How many calls are kept, the cleared ones included.
    pub fn kept(&self) -> usize {
        let ring = self.lock();
        ring.records.len() + ring.cleared.len()
    }

    pub fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// Clears the calls of an account, or all; returns how many. Sequence numbers continue.
    pub fn clear(&self, account: Option<&str>) -> usize {
        let count = self.lock().clear(account, self.capacity.keep_cleared);
        self.changed.notify_waiters();
        count
    }

    /// Resolves once a call arrives, finishes or is cleared from now on. Call it before reading: no change is missed.
    pub fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cursor_of(finished: &(u64, Arc<CallRecord>)) -> u64 {
    finished.0
}

impl Ring {
    fn push(&mut self, mut record: CallRecord, capacity: &Capacity) -> Arc<CallRecord> {
        self.last += 1;
        record.sequence = self.last;
        let cleared = |account| self.generations.get(account).copied().unwrap_or_default();
        record.generation = cleared("") + cleared(record.account());
        let bytes = record.bytes() + LIST_BYTES;
        let record = Arc::new(record);
        self.bytes += bytes;
        self.records.push_back(KeptCall {
            sequence: self.last,
            cursor: None,
            bytes,
            record: Arc::clone(&record),
        });
        self.evict(capacity);
        record
    }

    /// Completes a numbered record, here or not; `false` if it was complete.
    fn complete(&mut self, record: &Arc<CallRecord>, mut completed: Completed, capacity: &Capacity) -> bool {
        let cursor = self.last_cursor + 1;
        completed.cursor = cursor;
        if record.completed.set(completed).is_err() {
            return false;
        }
        self.last_cursor = cursor;
        let place = self.place_of(record.sequence);
        let kept = match place {
            Some(place) => self.records.get_mut(place),
            None => self.cleared.iter_mut().rev().find(|cleared| Arc::ptr_eq(&cleared.record, record)),
        };
        if let Some(kept) = kept {
            kept.cursor = Some(cursor);
            let before = std::mem::replace(&mut kept.bytes, record.bytes() + LIST_BYTES);
            self.bytes = self.bytes - before + kept.bytes;
        }
        if place.is_some() {
            self.finished.push_back((cursor, Arc::clone(record)));
        }
        self.evict(capacity);
        true
    }

    fn place_of(&self, sequence: u64) -> Option<usize> {
        let is_it = |place: &usize| self.records.get(*place).is_some_and(|kept| kept.sequence == sequence);
        // Where none was cleared, it is as far from the first as its number.
        let first = self.records.front()?.sequence;
        let guess = usize::try_from(sequence.saturating_sub(first)).ok().filter(is_it);
        guess.or_else(|| self.records.binary_search_by_key(&sequence, |kept| kept.sequence).ok())
    }

    fn batch<K>(
        &self,
        records: &VecDeque<K>,
        number: impl Fn(&K) -> u64,
        record: impl Fn(&K) -> &Arc<CallRecord>,
        evicted: u64,
        (after, most): (u64, usize),
    ) -> Batch {
        let start = records.partition_point(|kept| number(kept) <= after);
        // Calls do not finish in the order in which they are evicted: some that are older may be here still.
        let here = records.partition_point(|kept| number(kept) <= evicted).saturating_sub(start);
        let missed = evicted.saturating_sub(after).saturating_sub(here as u64);
        let records = records.range(start..).take(most).map(|kept| Arc::clone(record(kept))).collect();
        Batch { records, missed, clears: self.clears }
    }

    /// Removes the oldest records until the rest is within the capacity.
    fn evict(&mut self, capacity: &Capacity) {
        while self.records.len() + self.cleared.len() > capacity.entries || self.bytes > capacity.bytes {
            let Some(kept) = self.cleared.pop_front().or_else(|| self.records.pop_front()) else { return };
            self.bytes -= kept.bytes;
            self.evicted = self.evicted.max(kept.sequence);
            let Some(cursor) = kept.cursor else { continue };
            let is_first = self.finished.front().is_some_and(|finished| cursor_of(finished) == cursor);
            let place = if is_first { Ok(0) } else { self.finished.binary_search_by_key(&cursor, cursor_of) };
            if let Ok(place) = place {
                self.finished.remove(place);
                self.evicted_cursor = self.evicted_cursor.max(cursor);
            }
        }
    }

    fn clear(&mut self, account: Option<&str>, keep_cleared: bool) -> usize {
        let is_cleared = |record: &CallRecord| account.is_none_or(|account| record.account() == account);
        let (cleared, kept): (VecDeque<_>, _) = std::mem::take(&mut self.records)
            .into_iter()
            .partition(|kept: &KeptCall| is_cleared(&kept.record));
        let count = cleared.len();
        self.records = kept;
        self.finished.retain(|(_, record)| !is_cleared(record));
        // Only an account that had calls begins a new generation, so names that never called are not kept.
        if keep_cleared && count > 0 {
            self.cleared.extend(cleared);
            *self.generations.entry(account.unwrap_or_default().to_owned()).or_default() += 1;
        }
        self.bytes = self.cleared.iter().chain(&self.records).map(|kept| kept.bytes).sum();
        self.clears += 1;
        count
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::domain::Value;

    fn record(journal: &Journal, times: u64) {
        let request = Request::get("/").header("user-agent", "curl/8.5.0").body(Bytes::new()).unwrap();
        let result = Ok(Value::reply([]));
        let completion = Completion { status: Some(200), result: Some(&result), ..Completion::default() };
        let arrival = Arrival {
            request: &request,
            call: None,
            escaped: None,
            account: Some("a"),
            faults: &["slow".to_owned()],
            request_id: RequestId::new([7; 16]),
            time: Timestamp::UNIX_EPOCH,
            task_time: Timestamp::UNIX_EPOCH,
            arrived: SignedDuration::ZERO,
        };
        for _ in 0..times {
            journal.finish(&journal.arrive(0, &arrival).unwrap(), &completion);
        }
    }

    #[test]
    fn a_million_calls_stay_within_the_capacity() {
        let capacity = Capacity { entries: 1_000, bytes: 100_000, keep_cleared: false };
        let journal = Journal::new(capacity);
        let sizes = [1_000, 9_000, 990_000].map(|times| {
            record(&journal, times);
            let ring = journal.lock();
            let bytes: usize = ring.records.iter().map(|kept| kept.record.bytes() + LIST_BYTES).sum();
            assert_eq!(ring.bytes, bytes, "nothing is lost or counted twice");
            assert_eq!(ring.finished.len(), ring.records.len());
            assert!(ring.bytes <= capacity.bytes && ring.records.len() <= capacity.entries);
            (ring.bytes, ring.records.len(), ring.records.capacity())
        });
        assert_eq!(sizes, [sizes[0]; 3], "flat, whatever came");
        assert_eq!((journal.last(), journal.last_cursor()), (1_000_000, 1_000_000));
    }

    #[test]
    fn accounts_without_calls_take_no_memory_when_they_are_cleared() {
        let journal = Journal::new(Capacity { keep_cleared: true, ..Capacity::default() });
        record(&journal, 3);
        assert_eq!((journal.clear(Some("b")), journal.clear(Some("a")), journal.clear(None)), (0, 3, 0));
        assert_eq!(journal.lock().generations.len(), 1);
    }
}
