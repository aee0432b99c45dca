//! The client of a request, as far as a service needs it: whether there is room for the request, and whether the client is gone.
//!
//! A connection is *idle* while it waits for a request, receives one, waits for its turn or sends an answer; *busy* while a service works on
//! a request; *hung* once a fault lets it hang. Only idle and hung connections can be closed to make room for others.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;

/// A client. Without a connection, as in tests, there is always room, and it is never gone.
#[derive(Debug, Clone, Default)]
pub struct Peer(Option<Arc<ConnectionSlot>>);

/// What is counted over all connections.
#[derive(Debug)]
pub(crate) struct ConnectionCounts {
    /// Most connections at once, and most requests at once that may take long.
    pub(crate) limit: usize,
    busy: AtomicUsize,
    open: AtomicUsize,
    /// Orders the changes of all connections.
    changes: AtomicU64,
}

/// How much of the limits on connections is used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionUsage {
    pub(crate) open: usize,
    /// Requests at work that may take long.
    pub(crate) long_requests: usize,
    /// The limit of each.
    pub(crate) limit: usize,
}

/// One open connection and its state.
#[derive(Debug)]
pub(crate) struct ConnectionSlot {
    pub(crate) stream: Arc<TcpStream>,
    counts: Arc<ConnectionCounts>,
    state: AtomicU8,
    since: AtomicU64,
    born: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ConnectionState {
    Idle,
    Busy,
    Hung,
    Closing,
}

/// How long a request may keep its connection busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// No longer than it takes to compute an answer: there is always room for it.
    Short,
    /// As long as a fault or a client wants. There may be as many as connections.
    Long,
}

/// A request that is being worked on. Its connection is idle again once this is dropped.
#[derive(Debug)]
pub(crate) struct Busy(Option<(Arc<ConnectionSlot>, Work)>);

/// As many requests that may take long are being worked on as there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoRoom;

/// The system's buffer for an event stream.
const EVENT_SEND_BUFFER: usize = 64 << 10;

/// Between two looks at a client that has sent more than its request.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

impl Peer {
    pub(crate) fn new(slot: Arc<ConnectionSlot>) -> Self {
        Self(Some(slot))
    }

    /// Begins the work on a request that has been received.
    pub(crate) fn begin(&self, work: Work) -> Result<Busy, NoRoom> {
        let Some(slot) = &self.0 else { return Ok(Busy(None)) };
        let counts = &slot.counts;
        if work == Work::Long && counts.busy.fetch_add(1, Ordering::Relaxed) >= counts.limit {
            counts.busy.fetch_sub(1, Ordering::Relaxed);
            return Err(NoRoom);
        }
        let busy = Busy(Some((Arc::clone(slot), work)));
        // It fails if the connection is about to be closed: then the answer is not read.
        if slot.change(ConnectionState::Idle, ConnectionState::Busy) { Ok(busy) } else { Err(NoRoom) }
    }

    /// The address of this emulator that the client has reached; none without a connection.
    pub(crate) fn local_address(&self) -> Option<SocketAddr> {
        self.0.as_ref()?.stream.local_addr().ok()
    }

    /// How much of the limit is used; none without a connection.
    pub(crate) fn usage(&self) -> Option<ConnectionUsage> {
        let counts = &self.0.as_ref()?.counts;
        Some(ConnectionUsage {
            open: counts.open.load(Ordering::Relaxed),
            long_requests: counts.busy.load(Ordering::Relaxed),
            limit: counts.limit,
        })
    }

    /// The address of the client; none without a connection.
    pub(crate) fn remote_address(&self) -> Option<IpAddr> {
        Some(self.0.as_ref()?.stream.peer_addr().ok()?.ip().to_canonical())
    }

    /// Keeps little of an answer that never ends in the system's buffers: a client that does not read should be noticed.
    pub(crate) fn buffer_little(&self) {
        if let Some(slot) = &self.0 {
            // If it fails, the client is gone, which will be noticed.
            let _ = SockRef::from(&*slot.stream).set_send_buffer_size(EVENT_SEND_BUFFER);
        }
    }

    /// Resolves once the client has closed its side of the connection.
    pub(crate) fn gone(&self) -> impl Future<Output = ()> + Send + 'static {
        let slot = self.0.clone();
        async move {
            let Some(slot) = slot else { return std::future::pending().await };
            // What it sends is not read here, for it may be the next request: so data must not count as a change.
            while let Ok(ready) = slot.stream.ready(Interest::READABLE).await {
                if ready.is_read_closed() {
                    return;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }
}

impl ConnectionCounts {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, busy: AtomicUsize::new(0), open: AtomicUsize::new(0), changes: AtomicU64::new(0) }
    }
}

impl ConnectionSlot {
    pub(crate) fn new(stream: Arc<TcpStream>, counts: Arc<ConnectionCounts>) -> Self {
        let born = counts.changes.fetch_add(1, Ordering::Relaxed);
        counts.open.fetch_add(1, Ordering::Relaxed);
        Self {
            stream,
            counts,
            state: AtomicU8::new(ConnectionState::Idle as u8),
            since: AtomicU64::new(born),
            born,
        }
    }

    pub(crate) fn has_had_no_request(&self) -> bool {
        self.since.load(Ordering::Relaxed) == self.born
    }

    /// Whether it is in this state, and since which change.
    pub(crate) fn since(&self, state: ConnectionState) -> Option<u64> {
        let is = self.state.load(Ordering::Acquire) == state as u8;
        is.then(|| self.since.load(Ordering::Relaxed))
    }

    /// Changes its state, unless it is in another one than `from`.
    pub(crate) fn change(&self, from: ConnectionState, to: ConnectionState) -> bool {
        let changes =
            self.state.compare_exchange(from as u8, to as u8, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if changes {
            self.since.store(self.counts.changes.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        }
        changes
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.counts.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Some((slot, work)) = &self.0 else { return };
        slot.change(ConnectionState::Busy, ConnectionState::Idle);
        if *work == Work::Long {
            slot.counts.busy.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
