//! What an account changed of its baseline checks: its strategies, and the times of the executions that callers started.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::catalogue::Baseline;
use super::strategy::{Strategy, StrategyChange};
use crate::text::limited::map;

/// Strategies of an account, the one that every account has included.
const STRATEGIES: u32 = 21;
/// More baselines than the catalogue has; an edited snapshot may name others.
const ENTRIES: u32 = 1_000;
/// Places of servers, each at most once.
const PLACES: u32 = 10_000;

/// In snapshots too, so that the names of its members are fixed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BaselineChanges {
    /// By id: those that were added, and the one that every account has, if it was changed.
    #[serde(deserialize_with = "map::<STRATEGIES, _, _, _>")]
    strategies: BTreeMap<u32, Strategy>,
    /// When an execution that a caller started last checked each baseline, by its id.
    #[serde(deserialize_with = "map::<ENTRIES, _, _, _>")]
    baselines: BTreeMap<u32, Timestamp>,
    /// When such an execution last checked the servers.
    servers: Option<Timestamp>,
    /// The servers that were offline then, by place, with the time before.
    #[serde(deserialize_with = "map::<PLACES, _, _, _>")]
    missed: BTreeMap<u32, Option<Timestamp>>,
}

impl BaselineChanges {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub fn usual_strategy(&self) -> Strategy {
        self.strategies.get(&Strategy::USUAL).cloned().unwrap_or_else(Strategy::usual)
    }

    pub fn strategy(&self, id: u32) -> Option<Strategy> {
        if id == Strategy::USUAL { Some(self.usual_strategy()) } else { self.strategies.get(&id).cloned() }
    }

    /// All strategies with their ids, the one that every account has first.
    pub fn strategies(&self) -> impl Iterator<Item = (u32, Strategy)> {
        let own = self.strategies.iter().filter(|(id, _)| **id != Strategy::USUAL);
        let own = own.map(|(id, strategy)| (*id, strategy.clone()));
        std::iter::once((Strategy::USUAL, self.usual_strategy())).chain(own)
    }

    /// Adds a strategy, or puts it in place of the one of that id. Returns its id.
    pub fn put_strategy(&mut self, id: Option<u32>, strategy: Strategy) -> Result<u32, StrategyChange> {
        let id = match id {
            Some(id) if self.strategy(id).is_none() => return Err(StrategyChange::Unknown),
            Some(id) => id,
            None if self.strategies().count() > Strategy::MOST => return Err(StrategyChange::TooMany),
            None => {
                let last = self.strategies.keys().next_back().copied().unwrap_or(Strategy::USUAL);
                // Only an edited snapshot has an id that large.
                last.max(Strategy::USUAL).checked_add(1).ok_or(StrategyChange::TooMany)?
            }
        };
        self.strategies.insert(id, strategy);
        Ok(id)
    }

    pub fn delete_strategy(&mut self, id: u32) -> Result<(), StrategyChange> {
        if id == Strategy::USUAL {
            return Err(StrategyChange::Lasting);
        }
        self.strategies.remove(&id).map(drop).ok_or(StrategyChange::Unknown)
    }

    /// An execution that a caller started has ended; it failed on these servers.
    pub fn has_run(&mut self, strategy: &Strategy, at: Timestamp, missed: impl IntoIterator<Item = u32>) {
        for Baseline { id, .. } in strategy.baselines() {
            self.baselines.insert(*id, at);
        }
        self.missed = missed.into_iter().map(|place| (place, self.checked_on(place))).collect();
        self.servers = Some(at);
    }

    pub fn last_check_of(&self, baseline: u32) -> Option<Timestamp> {
        self.baselines.get(&baseline).copied()
    }

    pub fn last_check_on(&self, place: usize) -> Option<Timestamp> {
        u32::try_from(place).ok().and_then(|place| self.checked_on(place))
    }

    fn checked_on(&self, place: u32) -> Option<Timestamp> {
        self.missed.get(&place).copied().unwrap_or(self.servers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_was_offline_keeps_the_time_before() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut changes = BaselineChanges::default();
        let usual = changes.usual_strategy();
        changes.has_run(&usual, at(1), [7]);
        assert_eq!([7, 8].map(|place| changes.last_check_on(place)), [None, Some(at(1))]);
        changes.has_run(&usual, at(2), [8]);
        assert_eq!([7, 8].map(|place| changes.last_check_on(place)), [Some(at(2)), Some(at(1))]);
        assert_eq!(changes.last_check_of(401), Some(at(2)));
    }

    #[test]
    fn strategies_are_added_up_to_a_number_and_the_usual_one_stays() {
        let mut changes = BaselineChanges::default();
        assert_eq!(changes.put_strategy(Some(7), Strategy::usual()), Err(StrategyChange::Unknown));
        for id in 2..=21 {
            assert_eq!(changes.put_strategy(None, Strategy::usual()), Ok(id));
        }
        assert_eq!(changes.put_strategy(None, Strategy::usual()), Err(StrategyChange::TooMany));
        assert_eq!(changes.delete_strategy(1), Err(StrategyChange::Lasting));
        assert_eq!(
            (changes.delete_strategy(5), changes.delete_strategy(5)),
            (Ok(()), Err(StrategyChange::Unknown))
        );
        assert_eq!(changes.strategies().count(), 20);
    }
}
