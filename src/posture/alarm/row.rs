//! Some of the alarms that have risen, in the order of time, without a list of them where they follow from the cycle of slots.

use std::ops::Range;

use super::drawn::SLOTS;

/// The numbers of some alarms, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AlarmRow {
    /// Those of some slots of the cycle, within a range of numbers.
    Slots {
        slots: Vec<u32>,
        range: Range<u32>,
    },
    Listed(Vec<u32>),
}

impl AlarmRow {
    pub(super) fn len(&self) -> u32 {
        match self {
            Self::Slots { slots, range } => before(slots, range.end) - before(slots, range.start),
            Self::Listed(numbers) => count(numbers.len()),
        }
    }

    /// The number of the one at an index.
    pub(super) fn get(&self, index: u32) -> Option<u32> {
        match self {
            Self::Slots { slots, range } => {
                let (index, width) = (index.checked_add(before(slots, range.start))?, count(slots.len()));
                let turn = index.checked_div(width)?;
                let number = turn.checked_mul(SLOTS)?.checked_add(*slots.get((index % width) as usize)?)?;
                (number < range.end).then_some(number)
            }
            Self::Listed(numbers) => numbers.get(index as usize).copied(),
        }
    }

    /// The index of the alarm of that number; none if it is not among them.
    pub(super) fn index_of(&self, number: u32) -> Option<u32> {
        match self {
            Self::Slots { slots, range } => {
                let is_in = range.contains(&number) && slots.binary_search(&(number % SLOTS)).is_ok();
                is_in.then(|| before(slots, number) - before(slots, range.start))
            }
            Self::Listed(numbers) => numbers.binary_search(&number).ok().map(count),
        }
    }
}

/// How many of the slots' alarms have a number below `end`.
fn before(slots: &[u32], end: u32) -> u32 {
    let in_last_turn = slots.partition_point(|slot| *slot < end % SLOTS);
    end / SLOTS * count(slots.len()) + count(in_last_turn)
}

/// There are never more alarms than fit.
fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_row_is_what_a_walk_finds(is_wanted in proptest::collection::vec(any::<bool>(), SLOTS as usize), start in 0..200_u32, more in 0..200_u32) {
            let range = start..start + more;
            let walked: Vec<u32> = range.clone().filter(|number| is_wanted[(*number % SLOTS) as usize]).collect();
            let slots = (0..SLOTS).filter(|slot| is_wanted[*slot as usize]).collect();
            let rows = [AlarmRow::Slots { slots, range: range.clone() }, AlarmRow::Listed(walked.clone())];
            for row in rows {
                prop_assert_eq!(row.len() as usize, walked.len());
                let found: Vec<u32> = (0..row.len() + 3).filter_map(|index| row.get(index)).collect();
                prop_assert_eq!(&found, &walked);
                for number in 0..range.end + SLOTS {
                    let place = walked.iter().position(|other| *other == number);
                    prop_assert_eq!(row.index_of(number).map(|index| index as usize), place);
                }
            }
        }
    }
}
