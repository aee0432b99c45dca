//! Limits on what is taken in and on what is kept, so that nothing grows without a bound.

use std::time::Duration;

/// The limits. Defaults are far above what SDKs send and far below what hurts a laptop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub body_bytes: usize,
    pub state_bytes: usize,
    /// Most parameters in one request, query and form together.
    pub parameters: usize,
    /// Longest time for a request to arrive, head and body each.
    pub receive: Duration,
    /// Most connections at once; further ones wait to be accepted.
    pub connections: usize,
    /// Most accounts; a new AccessKeyId beyond that is answered `ServiceUnavailable`.
    pub accounts: usize,
    /// Most nonces for the replay check; beyond that the oldest are forgotten early.
    pub nonces: usize,
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
            accounts: 10_000,
            nonces: 500_000,
        }
    }
}
