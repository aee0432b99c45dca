//! How much is taken in: nothing that comes over a socket grows without a bound.

use std::time::Duration;

/// The bounds. Defaults are far above what SDKs send and far below what hurts a laptop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest request body, in bytes.
    pub body_bytes: usize,
    /// Largest snapshot to be put back, in bytes.
    pub state_bytes: usize,
    /// Most parameters in one request, query and form together.
    pub parameters: usize,
    /// Longest time for a request to arrive, head and body each.
    pub receive: Duration,
    /// Most connections at once; further ones wait to be accepted.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            // Some hundred thousand tasks on a few servers each.
            state_bytes: 64 << 20,
            // The largest call of the product in public use is a list of a few hundred UUIDs.
            parameters: 2_000,
            receive: Duration::from_secs(30),
            // Below the usual soft limit of 1024 open files on laptops.
            connections: 900,
        }
    }
}

impl Limits {
    /// How large a body may be, and the flag that says so: a snapshot's, or any other.
    pub(super) fn body(&self, is_snapshot: bool) -> (usize, &'static str) {
        if is_snapshot { (self.state_bytes, "--max-state") } else { (self.body_bytes, "--max-body") }
    }
}
