//! The journal: the last calls, what struck them and what was answered, for people, assertions and listeners.
//!
//! Invariant: a call costs one lock and no formatting, whoever listens, and it never waits. Listeners have no queues
//! of their own: each remembers a number, is woken, and reads on in the one ring; who is too slow learns how many calls
//! it missed.

mod agent;
mod count;
mod entry;
mod filter;
mod secrets;
mod texts;
mod verify;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

pub use self::agent::Client;
pub use self::count::Count;
pub use self::entry::{Entry, Seen};
pub use self::filter::{Filter, Since, Status};
pub use self::verify::{Expectation, Step, Verdict, Verification};
use crate::protocol::RequestId;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most calls; none are kept at 0.
    pub entries: usize,
    /// Most memory they take, in bytes.
    pub bytes: usize,
}

impl Bounds {
    /// The least memory that makes sense: any one call fits in.
    pub const LEAST_BYTES: usize = entry::ENTRY_BYTES;
}

impl Default for Bounds {
    fn default() -> Self {
        Self { entries: 10_000, bytes: 16 << 20 }
    }
}

/// The last calls.
#[derive(Debug)]
pub struct Journal {
    bounds: Bounds,
    ring: Mutex<Ring>,
    grown: Notify,
    closed: AtomicBool,
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
        Self { bounds, ring: Mutex::default(), grown: Notify::new(), closed: AtomicBool::new(false) }
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
            ring.bytes += entry.bytes();
            ring.entries.push_back(Arc::new(entry));
            while ring.entries.len() > self.bounds.entries || ring.bytes > self.bounds.bytes {
                ring.let_oldest_go();
            }
        }
        self.grown.notify_waiters();
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
        let mut ring = self.lock();
        let before = ring.entries.len();
        ring.entries.retain(|entry| account.is_some_and(|account| entry.account() != account));
        ring.bytes = ring.entries.iter().map(|entry| entry.bytes()).sum();
        ring.forgettings += 1;
        before - ring.entries.len()
    }

    /// Resolves once something was recorded after this call, or the journal was closed: ask for it first, look then,
    /// and nothing is overlooked.
    pub fn grown(&self) -> Notified<'_> {
        self.grown.notified()
    }

    /// Whoever listens is to go: the process stops.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.grown.notify_waiters();
    }

    /// Whether listeners are to go.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn let_oldest_go(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.bytes -= entry.bytes();
            self.let_go = entry.sequence;
        }
    }
}
