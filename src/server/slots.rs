//! The connections that are open, and which of them are closed to make room for others.
//!
//! There are a few more places than the limit says, so that a request of the control API is always accepted: they are
//! never filled by requests that may take long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::peer::{ConnectionCounts, ConnectionSlot, ConnectionState};

/// Places beyond the limit.
pub(super) const RESERVE: usize = 32;

/// How many of the last connections are new.
const NEW: u64 = RESERVE as u64 / 2;

/// Between two looks for room, where every connection is busy.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

#[derive(Debug, Clone)]
pub(super) struct Slots(Arc<SlotTable>);

#[derive(Debug)]
struct SlotTable {
    counts: Arc<ConnectionCounts>,
    open: Mutex<OpenConnections>,
    left: Notify,
}

#[derive(Debug, Default)]
struct OpenConnections {
    last: u64,
    entries: HashMap<u64, OpenConnection>,
}

#[derive(Debug)]
struct OpenConnection {
    slot: Arc<ConnectionSlot>,
    /// The task that serves it, once it runs.
    task: Option<AbortHandle>,
}

/// The place of one connection; dropping it frees the place.
#[derive(Debug)]
pub(super) struct SlotLease {
    pub(super) slot: Arc<ConnectionSlot>,
    number: u64,
    slots: Slots,
}

impl Slots {
    pub(super) fn new(limit: usize) -> Self {
        let counts = Arc::new(ConnectionCounts::new(limit));
        Self(Arc::new(SlotTable { counts, open: Mutex::default(), left: Notify::new() }))
    }

    /// Resolves once another connection may be accepted.
    pub(super) async fn available(&self) {
        loop {
            let left = self.0.left.notified();
            if self.len() < self.0.counts.limit + RESERVE || self.make_room() {
                return;
            }
            // A connection that becomes idle does not say so.
            let _ = tokio::time::timeout(LOOK_AGAIN, left).await;
        }
    }

    /// Takes a place for a connection, and makes room if there are more now than the limit says.
    pub(super) fn enter(&self, stream: Arc<TcpStream>) -> SlotLease {
        let slot = Arc::new(ConnectionSlot::new(stream, Arc::clone(&self.0.counts)));
        let mut open = self.lock();
        open.last += 1;
        let number = open.last;
        open.entries.insert(number, OpenConnection { slot: Arc::clone(&slot), task: None });
        let is_full = open.entries.len() > self.0.counts.limit;
        drop(open);
        if is_full {
            self.make_room();
        }
        SlotLease { slot, number, slots: self.clone() }
    }

    /// Says which task serves a connection. It can be closed from now on.
    pub(super) fn attach(&self, number: u64, task: AbortHandle) {
        // It may be over already.
        if let Some(entry) = self.lock().entries.get_mut(&number) {
            entry.task = Some(task);
        }
    }

    /// Closes the connection that has been idle for the longest time; of many, some at once, for looking for them takes
    /// time. If none is idle, the one that has hung for the longest time. Returns whether there was one.
    pub(super) fn make_room(&self) -> bool {
        let mut open = self.lock();
        let many = (open.entries.len() / 100).max(1);
        let is_crowded = open.entries.len() >= self.0.counts.limit + RESERVE;
        open.close(ConnectionState::Idle, many, false)
            || open.close(ConnectionState::Hung, 1, true)
            || is_crowded && open.close(ConnectionState::Idle, 1, true)
    }

    fn len(&self) -> usize {
        self.lock().entries.len()
    }

    fn lock(&self) -> MutexGuard<'_, OpenConnections> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenConnections {
    /// Closes the oldest connections in this state, at most so many; returns whether there was one. The last ones that
    /// were accepted may have a request on its way: they are closed only if `even_new`.
    fn close(&mut self, state: ConnectionState, most: usize, even_new: bool) -> bool {
        let first_new = self.last.saturating_sub(NEW);
        let since = |(number, entry): (&u64, &OpenConnection)| {
            let is_new = *number > first_new && entry.slot.has_had_no_request();
            let since = entry.slot.since(state).filter(|_| even_new || !is_new)?;
            entry.task.as_ref().map(|_| (since, *number))
        };
        let mut found: Vec<(u64, u64)> = self.entries.iter().filter_map(since).collect();
        if most < found.len() {
            found.select_nth_unstable(most);
            found.truncate(most);
        }
        let mut is_any = false;
        for (_, number) in found {
            // A request may have arrived meanwhile.
            if self
                .entries
                .get(&number)
                .is_some_and(|entry| entry.slot.change(state, ConnectionState::Closing))
            {
                is_any = true;
                let task = self.entries.remove(&number).and_then(|entry| entry.task);
                task.iter().for_each(AbortHandle::abort);
            }
        }
        is_any
    }
}

impl SlotLease {
    pub(super) fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for SlotLease {
    fn drop(&mut self) {
        // Outside of the lock: dropping an entry may close a socket.
        let _entry = self.slots.lock().entries.remove(&self.number);
        self.slots.0.left.notify_waiters();
    }
}
