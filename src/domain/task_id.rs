//! Ids of tasks: 128 bits, shown as hex digits or as a number.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// How many lower bits of an id its number leaves out.
const NUMBER_SHIFT: u32 = 79;

/// An odd constant spreads neighbours over all bits and maps no two indexes of subtasks to one id.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// Its inverse modulo 2^128: each step of Newton's method doubles the number of right bits, of which the first has three.
const UNSPREAD: u128 = {
    let (mut inverse, mut step) = (SPREAD, 0);
    while step < 6 {
        inverse = inverse.wrapping_mul(2_u128.wrapping_sub(SPREAD.wrapping_mul(inverse)));
        step += 1;
    }
    inverse
};

/// 128 bits, written as 32 lower-case hex digits where the wire wants text. In two halves, since one integer would round the
/// size of a task up to a multiple of 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    high: u64,
    low: u64,
}

impl TaskId {
    pub const fn new(bits: u128) -> Self {
        Self { high: (bits >> 64) as u64, low: (bits << 64 >> 64) as u64 }
    }

    pub(crate) const fn bits(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }

    /// Its first 32 bits, which are random where the id was drawn.
    pub(super) fn upper(self) -> u32 {
        (self.high >> 32) as u32
    }

    /// The stable number that stands for this id where SDKs declare `TaskId` an integer (spec/api.md §2.4): its
    /// upper 49 bits plus one. So it is never 0, it is below 2^53, as far as JavaScript and Go's reader are exact, and
    /// it has at most 15 digits, beyond which pop-core makes an object of it. Being the upper bits, it leads back to
    /// the id by a range look-up.
    pub fn number(self) -> u64 {
        u64::try_from(self.bits() >> NUMBER_SHIFT).map_or(1, |upper| upper + 1)
    }

    pub fn with_number(number: u64) -> Option<RangeInclusive<Self>> {
        let upper = u128::from(number.checked_sub(1).filter(|upper| *upper < 1 << (128 - NUMBER_SHIFT))?);
        let first = upper << NUMBER_SHIFT;
        Some(Self::new(first)..=Self::new(first | ((1 << NUMBER_SHIFT) - 1)))
    }

    /// The id of a subtask, derived from the root's so that it need not be stored.
    pub(super) fn nth(self, index: u32) -> Self {
        Self::new(self.bits() ^ SPREAD.wrapping_mul(u128::from(index) + 1))
    }

    /// The index of a subtask with that id, the inverse of [`nth`](Self::nth).
    pub(super) fn index_of(self, subtask: Self) -> Option<u32> {
        let number = (self.bits() ^ subtask.bits()).wrapping_mul(UNSPREAD);
        u32::try_from(number.checked_sub(1)?).ok()
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.bits())
    }
}

impl std::str::FromStr for TaskId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The parser would accept a sign, which no id has.
        let digits = if text.starts_with('+') { "" } else { text };
        u128::from_str_radix(digits, 16).map(Self::new)
    }
}

impl Serialize for TaskId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TaskId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_hex_and_their_numbers_exact_in_a_double() {
        let id = TaskId::new(u128::MAX);
        assert_eq!(id.to_string(), "f".repeat(32));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.number().to_string().len(), 15);
        assert_eq!(TaskId::new(0).number(), 1);
        assert_eq!(TaskId::new(7).to_string(), format!("{:0>32}", 7));
    }

    #[test]
    fn a_number_leads_back_to_its_id() {
        for id in [TaskId::new(0), TaskId::new(1 << 100), TaskId::new(u128::MAX)] {
            assert!(TaskId::with_number(id.number()).unwrap().contains(&id));
        }
        assert_eq!(TaskId::with_number(0), None);
        assert_eq!(TaskId::with_number(u64::MAX), None);
    }

    #[test]
    fn subtasks_have_ids_of_their_own() {
        let ids: std::collections::BTreeSet<_> = (0..10_000).map(|place| TaskId::new(5).nth(place)).collect();
        assert_eq!(ids.len(), 10_000);
        for index in [0, 1, 9_999, u32::MAX] {
            assert_eq!(TaskId::new(5).index_of(TaskId::new(5).nth(index)), Some(index));
        }
        for other in [TaskId::new(5), TaskId::new(6)] {
            assert_eq!(TaskId::new(5).index_of(other), None);
        }
    }
}
