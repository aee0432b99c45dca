//! The journal as calls and readers share it: one lock, and a wake-up for readers that wait.
//!
//! Invariant: a call takes the lock once when it arrives and once when it finishes; nothing is formatted, and nothing
//! waits. Listeners have no queues: each remembers a number, is woken, and reads on; a slow one learns how many calls it
//! missed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::record::{Arrival, CallRecord, Completed, Completion};
use super::ring::{Batch, Capacity, Ring};
use crate::protocol::RequestId;

/// The last calls.
#[derive(Debug)]
pub struct Journal {
    capacity: Capacity,
    ring: Mutex<Ring>,
    changed: Notify,
}

impl Journal {
    /// An empty one.
    pub fn new(capacity: Capacity) -> Self {
        Self { capacity, ring: Mutex::default(), changed: Notify::new() }
    }

    /// Whether anything is kept.
    pub fn is_on(&self) -> bool {
        self.capacity.entries > 0
    }

    /// The number of the current session.
    pub fn generation(&self) -> u64 {
        self.lock().session
    }

    /// Begins a new session: clears all calls and returns the session's number. Sequence numbers go on.
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

    /// Numbers and keeps a call of a session, evicts the oldest ones if there is no room, and wakes listeners.
    ///
    /// # Errors
    ///
    /// The record, which is not kept, if that session is over. If the journal is off, the record is not kept either.
    pub fn arrive(&self, generation: u64, arrival: &Arrival<'_>) -> Result<Arc<CallRecord>, Arc<CallRecord>> {
        let record = CallRecord::new(arrival);
        let record = {
            let mut ring = self.lock();
            if ring.session != generation {
                return Err(Arc::new(record));
            }
            if !self.is_on() {
                return Ok(Arc::new(record));
            }
            ring.push(record, &self.capacity)
        };
        self.changed.notify_waiters();
        Ok(record)
    }

    /// Writes how a call finished, and wakes listeners. A record that the journal no longer has, or never had, is
    /// completed too, for the log. The first completion of a record counts.
    pub fn finish(&self, record: &Arc<CallRecord>, completion: &Completion<'_>) {
        let completed = Completed::new(completion);
        if record.sequence == 0 {
            record.complete(completed);
            return;
        }
        if self.lock().complete(record, completed, &self.capacity) {
            self.changed.notify_waiters();
        }
    }

    /// The number of the last call; 0 before the first.
    pub fn last(&self) -> u64 {
        self.lock().last
    }

    /// How many calls have finished, over all sessions: the cursor that [`Self::finished_after`] goes on from.
    pub fn last_cursor(&self) -> u64 {
        self.lock().last_cursor
    }

    /// The calls that arrived after the numbered one, at most so many; those in flight are among them.
    pub fn after(&self, sequence: u64, most: usize) -> Batch {
        self.lock().after(sequence, most)
    }

    /// The calls that finished after a cursor, in the order in which they finished, at most so many. The cursor equals
    /// the sequence number as long as calls do not overlap.
    pub fn finished_after(&self, cursor: u64, most: usize) -> Batch {
        self.lock().finished_after(cursor, most)
    }

    /// All calls that are kept, the cleared ones included.
    pub fn everything(&self) -> Batch {
        self.lock().everything()
    }

    /// The call of that id.
    pub fn find(&self, id: RequestId) -> Option<Arc<CallRecord>> {
        self.lock().records.iter().rev().find(|record| record.request_id == id).cloned()
    }

    /// How many calls were evicted, ever, and how many bytes the others take.
    pub fn usage(&self) -> (u64, usize) {
        let ring = self.lock();
        (ring.evicted, ring.bytes)
    }

    /// Clears the calls of an account, or all; returns how many. Sequence numbers go on.
    pub fn clear(&self, account: Option<&str>) -> usize {
        let count = self.lock().clear(account, self.capacity.keep_cleared);
        self.changed.notify_waiters();
        count
    }

    /// Resolves once a call arrives, finishes or is cleared after this was called: call it before reading, and no
    /// change is missed.
    pub fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::domain::{ApiError, Code, Value};
    use crate::protocol::decode;

    const DONE: Completion<'static> = Completion {
        status: Some(200),
        broke: None,
        done: true,
        result: None,
        retry_after: None,
        finished: SignedDuration::ZERO,
    };

    /// Lets the same call arrive, with another id each time, and does something with its record.
    fn each(journal: &Journal, times: u64, mut act: impl FnMut(Arc<CallRecord>)) {
        let request =
            Request::get("/?Action=GetLastOnceTaskInfo&AccessKeyId=a&TaskType=IMAGE_SCAN&TaskName=x");
        let request = request.header("user-agent", "curl/8.5.0").body(Bytes::new()).unwrap();
        let decoded = decode(&request, 9).unwrap();
        let call = decoded.call(&request);
        let arrival = |number: u64| Arrival {
            request: &request,
            call: Some(&call),
            account: Some("a"),
            faults: &[],
            request_id: RequestId::new(u128::from(number).to_be_bytes()),
            time: Timestamp::UNIX_EPOCH,
            task_time: Timestamp::UNIX_EPOCH,
            arrived: SignedDuration::ZERO,
        };
        for number in 0..times {
            act(journal.arrive(journal.generation(), &arrival(number)).unwrap());
        }
    }

    fn arrive(journal: &Journal, times: u64) -> Vec<Arc<CallRecord>> {
        let mut records = Vec::new();
        each(journal, times, |record| records.push(record));
        records
    }

    /// Records calls that do not overlap.
    fn record(journal: &Journal, times: u64) {
        let result = Ok(Value::reply([]));
        each(journal, times, |record| {
            journal.finish(&record, &Completion { result: Some(&result), ..DONE });
        });
    }

    fn numbers(batch: &Batch) -> Vec<u64> {
        batch.records.iter().map(|record| record.sequence).collect()
    }

    #[test]
    fn a_million_calls_stay_within_the_capacity() {
        let capacity = Capacity { entries: 1_000, bytes: 100_000, keep_cleared: false };
        let journal = Journal::new(capacity);
        let sizes = [1_000, 9_000, 990_000].map(|times| {
            record(&journal, times);
            let ring = journal.lock();
            let bytes: usize = ring.records.iter().map(|record| record.bytes()).sum();
            assert_eq!(ring.bytes, bytes, "nothing is lost or counted twice");
            assert_eq!(ring.finished.len(), ring.records.len());
            assert!(ring.bytes <= capacity.bytes && ring.records.len() <= capacity.entries);
            (ring.bytes, ring.records.len(), ring.records.capacity())
        });
        assert_eq!(sizes, [sizes[0]; 3], "flat, whatever came");
        assert_eq!((journal.last(), journal.last_cursor()), (1_000_000, 1_000_000));
    }

    #[test]
    fn either_limit_holds() {
        for (entries, bytes) in [(10, 1 << 20), (1_000, 10_000)] {
            let journal = Journal::new(Capacity { entries, bytes, keep_cleared: false });
            record(&journal, 100);
            let batch = journal.after(0, usize::MAX);
            assert_eq!(batch.missed + batch.records.len() as u64, 100);
            assert!(batch.missed > 50, "{entries} {bytes}");
        }
    }

    #[test]
    fn cleared_calls_may_be_kept_and_count() {
        let journal = Journal::new(Capacity { entries: 6, keep_cleared: true, ..Capacity::default() });
        record(&journal, 3);
        assert_eq!((journal.clear(Some("b")), journal.clear(Some("a")), journal.clear(None)), (0, 3, 0));
        assert_eq!(journal.lock().generations.len(), 1);
        record(&journal, 2);
        let generations = |batch: Batch| -> Vec<_> {
            batch.records.iter().map(|record| (record.sequence, record.generation)).collect()
        };
        assert_eq!(generations(journal.after(0, 9)), [(4, 1), (5, 1)]);
        assert_eq!(generations(journal.everything()), [(1, 0), (2, 0), (3, 0), (4, 1), (5, 1)]);
        record(&journal, 2);
        assert_eq!((journal.everything().records.len(), journal.everything().missed), (6, 1));
    }

    #[test]
    fn readers_go_on_where_they_were() {
        let journal = Journal::new(Capacity::default());
        record(&journal, 5);
        let after = |sequence, most| numbers(&journal.after(sequence, most));
        assert_eq!(after(0, 2), [1, 2]);
        assert_eq!(after(2, 9), [3, 4, 5]);
        assert!(after(5, 9).is_empty() && after(99, 9).is_empty());
        assert_eq!((journal.clear(Some("b")), journal.clear(Some("a"))), (0, 5));
        record(&journal, 1);
        assert_eq!((after(0, 9), numbers(&journal.finished_after(5, 9))), (vec![6], vec![6]));
        assert_eq!(journal.after(0, 9).missed, 0, "what was cleared was not missed");
    }

    #[test]
    fn calls_in_flight_are_there_and_finish_in_their_own_order() {
        let journal = Journal::new(Capacity::default());
        let calls = arrive(&journal, 3);
        assert_eq!(numbers(&journal.after(0, 9)), [1, 2, 3]);
        assert!(journal.finished_after(0, 9).records.is_empty() && calls[0].is_in_flight());
        assert_eq!(calls[0].to_json()["in_flight"], true);
        for place in [1, 2, 1, 0] {
            journal.finish(&calls[place], &DONE);
        }
        let finished = journal.finished_after(0, 9);
        assert_eq!(numbers(&finished), [2, 3, 1]);
        let cursors: Vec<_> = finished.records.iter().map(|record| record.cursor()).collect();
        assert_eq!(cursors, [Some(1), Some(2), Some(3)]);
        assert_eq!(numbers(&journal.finished_after(2, 9)), [1]);
    }

    #[test]
    fn a_call_that_was_evicted_or_cleared_finishes_silently() {
        let journal = Journal::new(Capacity { entries: 2, ..Capacity::default() });
        let evicted = arrive(&journal, 3).swap_remove(0);
        let error = Err(ApiError::with_message(Code::INTERNAL, "x".repeat(2_000)));
        journal.finish(&evicted, &Completion { result: Some(&error), ..DONE });
        assert_eq!((evicted.status(), evicted.cursor()), (Some(200), Some(1)));
        assert_eq!((journal.clear(None), journal.usage().1), (2, 0));
        let cleared = arrive(&journal, 1).swap_remove(0);
        journal.next_generation();
        journal.finish(&cleared, &Completion { result: Some(&error), ..DONE });
        assert_eq!(journal.usage().1, 0, "its memory is not the journal's");
        assert!(journal.finished_after(0, 9).records.is_empty());
    }

    #[test]
    fn a_call_of_an_earlier_session_is_not_kept() {
        let journal = Journal::new(Capacity::default());
        record(&journal, 1);
        let before = journal.generation();
        assert_eq!(journal.next_generation(), before + 1);
        let request = Request::new(Bytes::new());
        let arrival = Arrival {
            request: &request,
            call: None,
            account: None,
            faults: &[],
            request_id: RequestId::new([1; 16]),
            time: Timestamp::UNIX_EPOCH,
            task_time: Timestamp::UNIX_EPOCH,
            arrived: SignedDuration::ZERO,
        };
        let late = journal.arrive(before, &arrival).unwrap_err();
        journal.finish(&late, &Completion::abandoned(false, SignedDuration::ZERO));
        assert_eq!((late.sequence, late.broke()), (0, Some("abandoned")));
        assert!(journal.after(0, 9).records.is_empty());
        assert_eq!(journal.arrive(before + 1, &arrival).unwrap().sequence, 2, "numbers go on");
    }
}
