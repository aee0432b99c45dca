//! The journal: the last calls, what struck them and what was answered, for people, assertions and listeners.
//!
//! Invariant: a call costs one lock and no formatting, whoever listens, and it never waits. Listeners have no queues
//! of their own: each remembers a number, is woken, and reads on in the one ring; who is too slow learns how many calls
//! it missed.

mod agent;
mod count;
mod entry;
mod filter;
mod line;
mod secrets;
mod table;
mod texts;
mod verify;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

pub use self::agent::Client;
pub use self::entry::{Entry, Seen, TaskShown};
pub use self::filter::{Filter, Since, Status};
pub use self::table::table;
pub use self::verify::{Expectation, Step, Verdict, Verification};
use crate::protocol::RequestId;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most calls; none are kept at 0.
    pub entries: usize,
    /// Most memory they take, in bytes.
    pub bytes: usize,
    /// Whether calls that are forgotten on demand are kept for [`Journal::everything`].
    pub forgotten: bool,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { entries: 10_000, bytes: 16 << 20, forgotten: false }
    }
}

/// The last calls.
#[derive(Debug)]
pub struct Journal {
    bounds: Bounds,
    ring: Mutex<Ring>,
    changed: Notify,
}

/// By rising sequence number.
#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    /// The number of the last call.
    last: u64,
    /// The highest number that had to make room for others.
    let_go: u64,
    /// How often calls were forgotten on demand.
    forgettings: u64,
    /// Those that were forgotten, if they are kept.
    forgotten: VecDeque<Arc<Entry>>,
    /// How often an account's calls were forgotten, if they are kept.
    lives: HashMap<String, u64>,
}

/// What is new to a listener.
#[derive(Debug)]
pub struct Batch {
    /// The calls, in order.
    pub entries: Vec<Arc<Entry>>,
    /// How many calls made room for others before they could be read.
    pub missed: u64,
    /// Changes whenever calls are forgotten on demand.
    pub forgettings: u64,
}

impl Journal {
    /// An empty one.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, ring: Mutex::default(), changed: Notify::new() }
    }

    /// Whether anything is kept.
    pub fn is_on(&self) -> bool {
        self.bounds.entries > 0
    }

    /// Keeps a call, lets the oldest ones go if there is no room, and wakes listeners.
    pub fn record(&self, seen: &Seen<'_>) {
        if !self.is_on() {
            return;
        }
        let mut entry = Entry::new(seen);
        {
            let mut ring = self.lock();
            ring.last += 1;
            entry.sequence = ring.last;
            entry.life = ring.lives.get("").unwrap_or(&0) + ring.lives.get(entry.account()).unwrap_or(&0);
            ring.bytes += entry.bytes();
            ring.entries.push_back(Arc::new(entry));
            while ring.len() > self.bounds.entries || ring.bytes > self.bounds.bytes {
                if !ring.let_oldest_go() {
                    break;
                }
            }
        }
        self.changed.notify_waiters();
    }

    /// The number of the last call; 0 before the first.
    pub fn last(&self) -> u64 {
        self.lock().last
    }

    /// The calls after the numbered one, at most so many.
    pub fn after(&self, sequence: u64, most: usize) -> Batch {
        let ring = self.lock();
        let start = ring.entries.partition_point(|entry| entry.sequence <= sequence);
        let entries = ring.entries.range(start..).take(most).cloned().collect();
        Batch { entries, missed: ring.let_go.saturating_sub(sequence), forgettings: ring.forgettings }
    }

    /// All calls that are kept, those that were forgotten on demand included if that is wanted.
    pub fn everything(&self) -> Batch {
        let ring = self.lock();
        let mut entries: Vec<_> = ring.forgotten.iter().chain(&ring.entries).cloned().collect();
        entries.sort_by_key(|entry| entry.sequence);
        Batch { entries, missed: ring.let_go, forgettings: ring.forgettings }
    }

    /// The call of that id.
    pub fn find(&self, id: RequestId) -> Option<Arc<Entry>> {
        self.lock().entries.iter().rev().find(|entry| entry.request_id == id).cloned()
    }

    /// How many calls had to make room, ever, and how many bytes the others take.
    pub fn usage(&self) -> (u64, usize) {
        let ring = self.lock();
        (ring.let_go, ring.bytes)
    }

    /// Forgets the calls of an account, or all; answers how many. Numbers go on, so that whoever remembers one can go on
    /// too.
    pub fn forget(&self, account: Option<&str>) -> usize {
        let forgotten = {
            let mut ring = self.lock();
            let (forgotten, kept): (VecDeque<_>, _) = std::mem::take(&mut ring.entries)
                .into_iter()
                .partition(|entry| account.is_none_or(|account| entry.account() == account));
            let count = forgotten.len();
            ring.entries = kept;
            // Who had no calls begins no other life, so names that nobody calls by are not kept.
            if self.bounds.forgotten && count > 0 {
                ring.forgotten.extend(forgotten);
                *ring.lives.entry(account.unwrap_or_default().to_owned()).or_default() += 1;
            }
            ring.bytes = ring.forgotten.iter().chain(&ring.entries).map(|entry| entry.bytes()).sum();
            ring.forgettings += 1;
            count
        };
        self.changed.notify_waiters();
        forgotten
    }

    /// Resolves once something is recorded or forgotten after this call: ask for it first,
    /// look then, and nothing is overlooked.
    pub fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn len(&self) -> usize {
        self.entries.len() + self.forgotten.len()
    }

    /// Answers whether there was one.
    fn let_oldest_go(&mut self) -> bool {
        let Some(entry) = self.forgotten.pop_front().or_else(|| self.entries.pop_front()) else {
            return false;
        };
        self.bytes -= entry.bytes();
        self.let_go = self.let_go.max(entry.sequence);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::Request;
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::domain::Value;
    use crate::protocol::decode;

    /// Records the same call, with another id each time.
    fn record(journal: &Journal, times: u64) {
        let request =
            Request::get("/?Action=GetLastOnceTaskInfo&AccessKeyId=a&TaskType=IMAGE_SCAN&TaskName=x");
        let request = request.header("user-agent", "curl/8.5.0").body(Bytes::new()).unwrap();
        let decoded = decode(&request, 9).unwrap();
        let (call, result) = (decoded.call(&request), Ok(Value::reply([])));
        for number in 0..times {
            journal.record(&Seen {
                request: &request,
                call: Some(&call),
                account: Some("a"),
                faults: &[],
                request_id: RequestId::new(u128::from(number).to_be_bytes()),
                status: Some(200),
                broke: None,
                done: true,
                result: Some(&result),
                retry_after: None,
                elapsed: Duration::ZERO,
                answered: SignedDuration::ZERO,
                task_time: Timestamp::UNIX_EPOCH,
                time: Timestamp::UNIX_EPOCH,
            });
        }
    }

    #[test]
    fn a_million_calls_stay_within_the_bounds() {
        let bounds = Bounds { entries: 1_000, bytes: 100_000, forgotten: false };
        let journal = Journal::new(bounds);
        let sizes = [1_000, 9_000, 990_000].map(|times| {
            record(&journal, times);
            let ring = journal.lock();
            let bytes: usize = ring.entries.iter().map(|entry| entry.bytes()).sum();
            assert_eq!(ring.bytes, bytes, "nothing is lost or counted twice");
            assert!(ring.bytes <= bounds.bytes && ring.entries.len() <= bounds.entries);
            (ring.bytes, ring.entries.len(), ring.entries.capacity())
        });
        assert_eq!(sizes, [sizes[0]; 3], "flat, whatever came");
        assert_eq!(journal.last(), 1_000_000);
    }

    #[test]
    fn either_bound_binds() {
        for bounds in [(10, 1 << 20), (1_000, 10_000)].map(|(entries, bytes)| Bounds {
            entries,
            bytes,
            forgotten: false,
        }) {
            let journal = Journal::new(bounds);
            record(&journal, 100);
            let batch = journal.after(0, usize::MAX);
            assert_eq!(batch.missed + batch.entries.len() as u64, 100);
            assert!(batch.missed > 50, "{bounds:?}");
        }
    }

    #[test]
    fn what_is_forgotten_may_be_kept_for_judges_and_counts() {
        let journal = Journal::new(Bounds { entries: 6, forgotten: true, ..Bounds::default() });
        record(&journal, 3);
        assert_eq!((journal.forget(Some("b")), journal.forget(Some("a")), journal.forget(None)), (0, 3, 0));
        assert_eq!(journal.lock().lives.len(), 1);
        record(&journal, 2);
        let lives = |batch: Batch| -> Vec<_> {
            batch.entries.iter().map(|entry| (entry.sequence, entry.life)).collect()
        };
        assert_eq!(lives(journal.after(0, 9)), [(4, 1), (5, 1)]);
        assert_eq!(lives(journal.everything()), [(1, 0), (2, 0), (3, 0), (4, 1), (5, 1)]);
        record(&journal, 2);
        assert_eq!((journal.everything().entries.len(), journal.everything().missed), (6, 1));
    }

    #[test]
    fn readers_go_on_where_they_were() {
        let journal = Journal::new(Bounds::default());
        record(&journal, 5);
        let numbers = |after, most| -> Vec<u64> {
            journal.after(after, most).entries.iter().map(|entry| entry.sequence).collect()
        };
        assert_eq!(numbers(0, 2), [1, 2]);
        assert_eq!(numbers(2, 9), [3, 4, 5]);
        assert!(numbers(5, 9).is_empty() && numbers(99, 9).is_empty());
        assert_eq!((journal.forget(Some("b")), journal.forget(Some("a"))), (0, 5));
        record(&journal, 1);
        assert_eq!(numbers(0, 9), [6]);
        assert_eq!(journal.after(0, 9).missed, 0, "what was forgotten on demand was not missed");
    }
}
