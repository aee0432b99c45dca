//! Replay check: a request is at most 15 minutes old or early, and its nonce is used once per AccessKeyId.
//!
//! Memory is bounded: two generations of hashes. When the current one is full, or so old that no request of the previous
//! one can be fresh, the previous one is dropped and the current one takes its place.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
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

/// A request may be sent again from 15 minutes before to 15 minutes after its time stamp.
const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// When a call is authenticated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AuthTimes {
    /// By the gateway clock, which follows the machine's date and its steps, or stands still.
    pub(crate) gateway: Timestamp,
    /// In real time since the emulator started. It has no steps.
    pub(crate) uptime: SignedDuration,
}

#[derive(Debug)]
pub(crate) struct Nonces {
    // 64-bit keyed hashes instead of texts: a small fixed size each. The probability that two of half a million unequal
    // nonces collide is about 1 in 10^8.
    current: HashTable<u64>,
    previous: HashTable<u64>,
    /// When the current generation began.
    since: SignedDuration,
    /// By the gateway clock, the last request of each generation.
    current_last: Timestamp,
    previous_last: Timestamp,
    hasher: RandomState,
    capacity: usize,
}

impl Nonces {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            current: HashTable::new(),
            previous: HashTable::new(),
            since: SignedDuration::ZERO,
            current_last: Timestamp::MIN,
            previous_last: Timestamp::MIN,
            hasher: RandomState::new(),
            capacity: (limit / 2).max(1),
        }
    }

    pub(super) fn insert(&mut self, account: &str, nonce: &str, now: AuthTimes) -> Result<(), ApiError> {
        let AuthTimes { gateway, uptime } = now;
        // Both clocks must agree that the previous generation is over. After a step of the date ahead, the gateway clock
        // alone would forget nonces that are fresh again once the date is right; while it stands still, real time would.
        let is_over = uptime.saturating_sub(self.since) > LIFETIME
            && gateway.duration_since(self.previous_last) > LIFETIME;
        if self.current.len() >= self.capacity || is_over {
            self.previous = std::mem::take(&mut self.current);
            self.previous_last = std::mem::replace(&mut self.current_last, Timestamp::MIN);
            self.since = uptime;
        }
        let hash = self.hasher.hash_one((account, nonce));
        let is_in = |known: &HashTable<u64>| known.find(hash, |other| *other == hash).is_some();
        if is_in(&self.previous) || is_in(&self.current) {
            return Err(Code::NONCE_USED.into());
        }
        self.current.insert_unique(hash, hash, |known| *known);
        self.current_last = self.current_last.max(gateway);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes after the start, by the date and in real time.
    fn times(date: i64, uptime: i64) -> AuthTimes {
        let uptime = SignedDuration::from_mins(uptime);
        AuthTimes { gateway: Timestamp::UNIX_EPOCH + SignedDuration::from_mins(date), uptime }
    }

    fn at(minutes: i64) -> AuthTimes {
        times(minutes, minutes)
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
    fn a_step_of_the_date_back_and_forth_forgets_no_nonce() {
        const DAY: i64 = 24 * 60;
        for step in [-DAY, DAY, -31, 31] {
            let mut nonces = Nonces::new(100);
            assert!(nonces.insert("a", "1", at(0)).is_ok());
            for minute in 1..10 {
                let wrong = times(minute + step, minute);
                assert!(nonces.insert("a", &format!("while it is wrong {minute}"), wrong).is_ok());
                assert!(nonces.insert("a", &format!("set right {minute}"), at(minute)).is_ok());
            }
            assert!(nonces.insert("a", "1", at(10)).is_err(), "{step}");
        }
    }

    #[test]
    fn a_date_that_was_set_back_makes_no_old_request_new() {
        let mut nonces = Nonces::new(1000);
        assert!(nonces.insert("a", "1", at(0)).is_ok());
        // An hour passes, and each minute the date is set to the same time again.
        for minute in 1..100 {
            assert!(nonces.insert("a", &format!("then {minute}"), times(1, minute)).is_ok());
            assert!(nonces.insert("a", "1", times(1, minute)).is_err());
        }
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
