//! What each baseline finds on which servers, drawn from the seed.

use std::ops::Range;

use jiff::Timestamp;

use super::catalogue::{BASELINES, Baseline, BaselineItem};
use super::{BaselineChanges, BaselineSettings};
use crate::dice::{WorldDice, WorldStream};
use crate::posture::risk_level::ByLevel;
use crate::posture::schedule::last_run;
use crate::posture::{Fleet, Order, Platform, Spread};

const ALL: u32 = 1_000_000;

/// What one baseline finds. Its servers are in a row: those on which something fails come first.
#[derive(Debug, Clone)]
pub struct BaselineResult<'a> {
    pub baseline: &'static Baseline,
    /// The places of the servers of its platform.
    places: &'a [u32],
    /// The servers that have what it looks at.
    checked: Spread,
    failing: usize,
    /// For each of its items the part of the row on which that fails. One of them fails wherever something does.
    parts: Vec<Range<usize>>,
    /// Seconds from the start of the daily time of checks.
    delay: u32,
}

/// The results of all baselines, in the order of the catalogue.
#[derive(Debug, Clone)]
pub struct BaselineResults<'a> {
    pub all: Vec<BaselineResult<'a>>,
    changes: &'a BaselineChanges,
}

impl<'a> BaselineResults<'a> {
    pub(crate) fn new(
        dice: &WorldDice,
        fleet: &'a Fleet,
        settings: BaselineSettings,
        changes: &'a BaselineChanges,
    ) -> Self {
        let mut stream = dice.stream("baselines");
        let all = (0..).zip(BASELINES).map(|(place, baseline)| {
            stream.entry(place);
            BaselineResult::draw(baseline, fleet, settings, &mut stream)
        });
        Self { all: all.collect(), changes }
    }

    pub fn of(&self, id: u32) -> Option<&BaselineResult<'a>> {
        self.all.iter().find(|result| result.baseline.id == id)
    }

    /// How many check items fail on a server, by their levels.
    pub fn failed_on(&self, place: usize) -> ByLevel {
        let results = self.all.iter().filter_map(|result| Some((result, result.nth_of(place)?)));
        results.flat_map(|(result, nth)| result.failed(nth).map(|item| item.level)).collect()
    }

    pub fn has_failed_on(&self, place: usize) -> bool {
        self.all.iter().any(|result| result.nth_of(place).is_some_and(|nth| nth < result.failing()))
    }

    /// How many baselines find a weak password on a server.
    pub fn weak_passwords_on(&self, place: usize) -> usize {
        let weak = self.all.iter().filter(|result| result.baseline.is_weak_password());
        weak.filter(|result| result.nth_of(place).is_some_and(|nth| nth < result.failing())).count()
    }

    /// When a baseline was checked last.
    pub fn last_check(&self, result: &BaselineResult<'_>, now: Timestamp) -> Timestamp {
        let usual = self.changes.usual_strategy();
        let scheduled = last_run(now, usual.cycle_days, usual.start_second() + result.delay);
        self.changes.last_check_of(result.baseline.id).map_or(scheduled, |at| at.max(scheduled))
    }

    /// When a server was checked last.
    pub fn last_check_on(&self, place: usize, now: Timestamp) -> Timestamp {
        let usual = self.changes.usual_strategy();
        // A server takes its turn within the hour.
        let turn = u32::try_from(place % 3_600).unwrap_or_default();
        let scheduled = last_run(now, usual.cycle_days, usual.start_second() + turn);
        self.changes.last_check_on(place).map_or(scheduled, |at| at.max(scheduled))
    }

    /// Every check item on every server that it was checked on, by baseline, item and server; each with whether it fails.
    /// Those that fail come first within an item.
    pub fn warnings(
        &self,
    ) -> impl Iterator<Item = (&BaselineResult<'a>, &'static BaselineItem, usize, bool)> {
        self.all.iter().flat_map(|result| {
            let items = result.baseline.items.iter().enumerate();
            items.flat_map(move |(place, item)| {
                let servers = result.on_item(place, true).chain(result.on_item(place, false));
                servers
                    .filter_map(move |nth| Some((result, item, result.place(nth)?, result.fails(place, nth))))
            })
        })
    }
}

impl<'a> BaselineResult<'a> {
    fn draw(
        baseline: &'static Baseline,
        fleet: &'a Fleet,
        settings: BaselineSettings,
        stream: &mut WorldStream,
    ) -> Self {
        let places = fleet.places(baseline.platform);
        let order = Order::new(places.len(), |end| stream.below(end));
        let (low, high) = shares(baseline.platform, settings.per_server);
        let share = low + stream.below(high - low + 1);
        // What a small fleet loses by rounding is given to some of the baselines, as a spread does it.
        let exact = places.len() as u64 * u64::from(share) + u64::from(stream.below(ALL));
        let failing = usize::try_from(exact / u64::from(ALL)).unwrap_or(places.len()).min(places.len());
        let drawn = 200_000 + stream.below(600_000);
        let checked = if baseline.is_everywhere() { ALL } else { drawn.max(share) };
        let checked = order.spread(checked, |end| stream.below(end));
        let failing = failing.min(checked.count());
        let delay = stream.below(3_600);
        let count = u32::try_from(failing).unwrap_or(u32::MAX);
        let mut part = |first: bool| {
            let length = if first { count } else { stream.below(count + 1) };
            let start = stream.below(count - length + 1);
            start as usize..(start + length) as usize
        };
        let parts = (0..baseline.items.len()).map(|place| part(place == 0)).collect();
        Self { baseline, places, checked, failing, parts, delay }
    }

    /// On how many servers it was checked.
    pub fn checked(&self) -> usize {
        self.checked.count()
    }

    /// On how many servers something fails.
    pub fn failing(&self) -> usize {
        self.failing
    }

    /// The place of the `nth` server of its row.
    pub fn place(&self, nth: usize) -> Option<usize> {
        let rank = self.checked.nth(nth)?;
        self.places.get(rank as usize).map(|place| *place as usize)
    }

    /// Where a server stands in its row; none if it was not checked there.
    pub fn nth_of(&self, place: usize) -> Option<usize> {
        let rank = self.places.binary_search(&u32::try_from(place).ok()?).ok()?;
        self.checked.place_of(u32::try_from(rank).ok()?)
    }

    /// Whether an item fails on the `nth` server.
    pub fn fails(&self, item: usize, nth: usize) -> bool {
        self.parts.get(item).is_some_and(|part| part.contains(&nth))
    }

    /// The items that fail on the `nth` server.
    pub fn failed(&self, nth: usize) -> impl Iterator<Item = &'static BaselineItem> {
        let items = self.baseline.items.iter().zip(&self.parts);
        items.filter(move |(_, part)| part.contains(&nth)).map(|(item, _)| item)
    }

    /// The items that fail anywhere.
    pub fn failed_anywhere(&self) -> impl Iterator<Item = &'static BaselineItem> {
        let items = self.baseline.items.iter().zip(&self.parts);
        items.filter(|(_, part)| !part.is_empty()).map(|(item, _)| item)
    }

    /// The servers of its row on which an item fails, or on which it does not.
    pub fn on_item(&self, item: usize, fails: bool) -> impl Iterator<Item = usize> + use<> {
        let part = self.parts.get(item).cloned().unwrap_or_default();
        let (first, second) = if fails { (part, 0..0) } else { (0..part.start, part.end..self.checked()) };
        first.chain(second)
    }

    /// On how many servers an item fails.
    pub fn failing_on_item(&self, item: usize) -> usize {
        self.parts.get(item).map_or(0, Range::len)
    }
}

/// Between which shares of the servers a baseline of a platform fails on, so that a server has so many failing items on
/// average: one item of a baseline fails on all of these servers, each other one on half of them.
fn shares(platform: Platform, per_server: u32) -> (u32, u32) {
    let baselines = BASELINES.iter().filter(|baseline| baseline.platform == platform);
    let twice: usize = baselines.map(|baseline| baseline.items.len() + 1).sum();
    let twice = u32::try_from(twice).unwrap_or(u32::MAX).max(1);
    let double = per_server.saturating_mul(4).saturating_mul(ALL) / twice;
    (double.saturating_sub(ALL).min(ALL), double.min(ALL))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dice::Dice;
    use crate::posture::RiskLevel;

    fn fleet(servers: &[u8]) -> Fleet {
        Fleet::new(servers.iter().map(|server| match server % 4 {
            0 => None,
            1 => Some(Platform::Windows),
            _ => Some(Platform::Linux),
        }))
    }

    proptest! {
        /// Closed forms are what a walk over all servers finds.
        #[test]
        fn counts_are_those_of_a_walk(
            seed: u64, servers in proptest::collection::vec(any::<u8>(), 0..60), per_server in 0..=20_u32,
        ) {
            let (fleet, changes) = (fleet(&servers), BaselineChanges::default());
            let settings = BaselineSettings { per_server };
            let results = BaselineResults::new(&Dice::new(seed, "a").of_world(), &fleet, settings, &changes);
            let mut on_servers = vec![0; servers.len()];
            for result in &results.all {
                let placed: Vec<usize> = (0..servers.len()).filter(|place| result.nth_of(*place).is_some()).collect();
                prop_assert_eq!(placed.len(), result.checked());
                let failing = placed.iter().filter(|place| {
                    let nth = result.nth_of(**place).unwrap();
                    result.failed(nth).next().is_some()
                });
                prop_assert_eq!(failing.count(), result.failing());
                for (place, item) in result.baseline.items.iter().enumerate() {
                    let failing: Vec<usize> = result.on_item(place, true).collect();
                    prop_assert_eq!(failing.len(), result.failing_on_item(place));
                    prop_assert_eq!(failing.len() + result.on_item(place, false).count(), result.checked());
                    for nth in failing {
                        on_servers[result.place(nth).unwrap()] += 1;
                        prop_assert!(result.failed(nth).any(|one| one == item));
                    }
                }
            }
            for (place, count) in on_servers.iter().enumerate() {
                prop_assert_eq!(results.failed_on(place).sum(), *count);
                prop_assert_eq!(results.has_failed_on(place), *count > 0);
            }
            let listed: usize = results.warnings().filter(|(.., fails)| *fails).count();
            prop_assert_eq!(listed, on_servers.iter().sum::<usize>());
            let by_level: usize = RiskLevel::ALL.iter().map(|level| {
                (0..servers.len()).map(|place| results.failed_on(place).of(*level)).sum::<usize>()
            }).sum();
            prop_assert_eq!(by_level, listed);
        }
    }

    #[test]
    fn a_server_has_so_many_failing_items_on_average() {
        let (fleet, changes) = (fleet(&[2; 1_000]), BaselineChanges::default());
        for (per_server, range) in [(0, 0..1), (3, 2_700..3_300), (10, 9_000..11_000)] {
            let failing: usize = (0..40)
                .map(|seed| {
                    let dice = Dice::new(seed, "a").of_world();
                    let results =
                        BaselineResults::new(&dice, &fleet, BaselineSettings { per_server }, &changes);
                    (0..1_000).map(|place| results.failed_on(place).sum()).sum::<usize>()
                })
                .sum();
            assert!(range.contains(&(failing / 40)), "{per_server}: {}", failing / 40);
        }
    }
}
