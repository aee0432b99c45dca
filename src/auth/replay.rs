//! Replay check: a request is at most 15 minutes old or early, and its nonce is used once per AccessKeyId.
//!
//! Memory is bounded: two generations of hashes. When the current one is full, or so old that all older nonces have
//! expired, the previous one is dropped and the current one takes its place.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use jiff::{SignedDuration, Timestamp};

use crate::domain::{ApiError, Code};
use crate::protocol::{Claims, timestamp};

/// How far a request's time may be from the gateway clock, either way (spec/protocol.md §1.4).
const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// Checks the claimed time. A bearer request has none to check: it is not signed.
pub(super) fn check_freshness(claims: &Claims<'_>, now: Timestamp) -> Result<(), ApiError> {
    let Some(claimed) = claims.timestamp else { return Ok(()) };
    let time = timestamp::parse(claimed).ok_or(Code::TIMESTAMP_FORMAT)?;
    if now.duration_since(time).abs() > WINDOW { Err(Code::TIMESTAMP_EXPIRED.into()) } else { Ok(()) }
}

#[derive(Debug)]
pub(crate) struct Nonces {
    // 64-bit keyed hashes instead of texts: a small fixed size each. The probability that two of half a million unequal
    // nonces collide is about 1 in 10^8.
    current: HashSet<u64>,
    previous: HashSet<u64>,
    since: Timestamp,
    hasher: RandomState,
    capacity: usize,
}

impl Nonces {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            current: HashSet::new(),
            previous: HashSet::new(),
            since: Timestamp::MIN,
            hasher: RandomState::new(),
            capacity: (limit / 2).max(1),
        }
    }

    pub(super) fn insert(&mut self, account: &str, nonce: &str, now: Timestamp) -> Result<(), ApiError> {
        // A request may be sent again from 15 minutes before to 15 minutes after its time stamp.
        let lifetime: SignedDuration = WINDOW * 2;
        if self.current.len() >= self.capacity || now.duration_since(self.since).abs() > lifetime {
            self.previous = std::mem::take(&mut self.current);
            self.since = now;
        }
        let hash = self.hasher.hash_one((account, nonce));
        if self.previous.contains(&hash) || !self.current.insert(hash) {
            return Err(Code::NONCE_USED.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn once_per_key_and_window() {
        let mut nonces = Nonces::new(100);
        assert!(nonces.insert("a", "1", at(0)).is_ok());
        assert!(nonces.insert("b", "1", at(0)).is_ok());
        assert_eq!(nonces.insert("a", "1", at(29)).unwrap_err().code, "SignatureNonceUsed");
        assert!(nonces.insert("a", "2", at(31)).is_ok());
        assert!(nonces.insert("a", "1", at(59)).is_err());
        assert!(nonces.insert("a", "3", at(90)).is_ok());
        assert!(nonces.insert("a", "1", at(121)).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_recent_nonces_survive() {
        let mut nonces = Nonces::new(10);
        for nonce in 0..1000 {
            assert!(nonces.insert("a", &nonce.to_string(), at(0)).is_ok());
            assert!(nonces.current.len() + nonces.previous.len() <= 10);
        }
        assert!(nonces.insert("a", "997", at(0)).is_err());
    }
}
