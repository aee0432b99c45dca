//! One task: an id, a birth and a plan. Its state is computed, never stored.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan::Plan;
use super::state::State;
use super::task_type::TaskType;

/// 128 bits, written as 32 lower-case hex digits where the wire wants text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u128);

impl TaskId {
    /// From random bits.
    pub const fn new(bits: u128) -> Self {
        Self(bits)
    }

    /// The stable number that stands for this id where SDKs declare `TaskId` an integer (spec/api.md §2.4): its
    /// upper 49 bits plus one. So it is never 0, it is below 2^53, as far as JavaScript and Go's reader are exact, and
    /// it has at most 15 digits, beyond which pop-core makes an object of it. Being the upper bits, it leads back to
    /// the id by a range look-up.
    pub fn number(self) -> u64 {
        u64::try_from(self.0 >> 79).map_or(1, |upper| upper + 1)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskId({self})")
    }
}

impl std::str::FromStr for TaskId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u128::from_str_radix(text, 16).map(Self)
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

/// One scan task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// A number to show instead of the one made from the id.
    pub number: Option<u64>,
    /// What it scans.
    pub task_type: TaskType,
    /// `TaskName`; equal to the type in every documented sample.
    pub name: String,
    /// Who started it: `console`, `console_batch`, `schedule`, …
    pub source: String,
    /// When, by the task clock; `CollectTime` on the wire.
    pub born: Timestamp,
    /// Its whole future.
    pub plan: Plan,
    /// How often it was looked at, for plans that advance by looks.
    pub looks: u32,
}

impl Task {
    /// Its state at `now`, without counting as a look.
    pub fn state_at(&self, now: Timestamp) -> State {
        self.plan.state_at(self.born, now, self.looks)
    }

    /// Its state as a caller sees it: one more look.
    pub fn look(&mut self, now: Timestamp) -> State {
        self.looks = self.looks.saturating_add(1);
        self.state_at(now)
    }

    /// The number that stands for it on the wire.
    pub fn shown_number(&self) -> u64 {
        self.number.unwrap_or_else(|| self.id.number())
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
}
