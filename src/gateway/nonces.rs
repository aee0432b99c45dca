//! Replay check: a nonce may be used once per AccessKeyId while its time stamp is fresh.
//!
//! Bounded: two generations of hashes. The younger fills up; when it is full, or so old that all older nonces have
//! expired, the elder is dropped and the younger takes its place.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use jiff::{SignedDuration, Timestamp};

use super::freshness::WINDOW;
use crate::domain::{ApiError, Code};

/// The nonces that were used.
#[derive(Debug)]
pub(super) struct Nonces {
    // 64-bit keyed hashes instead of texts: a small fixed size each. That two of half a million unequal nonces share one
    // has a chance of about 1 in 10^8.
    younger: HashSet<u64>,
    elder: HashSet<u64>,
    began: Timestamp,
    hasher: RandomState,
    /// Most nonces in one generation.
    room: usize,
}

impl Nonces {
    /// Remembers at most `limit` nonces.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            younger: HashSet::new(),
            elder: HashSet::new(),
            began: Timestamp::MIN,
            hasher: RandomState::new(),
            room: (limit / 2).max(1),
        }
    }

    /// Uses a nonce up, or refuses it if it was used.
    pub(super) fn use_up(
        &mut self,
        access_key_id: &str,
        nonce: &str,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        // A request may be sent again from 15 minutes before to 15 minutes after its time stamp.
        let lifetime: SignedDuration = WINDOW * 2;
        if self.younger.len() >= self.room || now.duration_since(self.began).abs() > lifetime {
            self.elder = std::mem::take(&mut self.younger);
            self.began = now;
        }
        let hash = self.hasher.hash_one((access_key_id, nonce));
        if self.elder.contains(&hash) || !self.younger.insert(hash) {
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
        assert!(nonces.use_up("a", "1", at(0)).is_ok());
        assert!(nonces.use_up("b", "1", at(0)).is_ok());
        assert_eq!(nonces.use_up("a", "1", at(29)).unwrap_err().code, "SignatureNonceUsed");
        assert!(nonces.use_up("a", "2", at(31)).is_ok());
        assert!(nonces.use_up("a", "1", at(59)).is_err());
        assert!(nonces.use_up("a", "3", at(90)).is_ok());
        assert!(nonces.use_up("a", "1", at(121)).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_recent_nonces_survive() {
        let mut nonces = Nonces::new(10);
        for nonce in 0..1000 {
            assert!(nonces.use_up("a", &nonce.to_string(), at(0)).is_ok());
            assert!(nonces.younger.len() + nonces.elder.len() <= 10);
        }
        assert!(nonces.use_up("a", "997", at(0)).is_err());
    }
}
