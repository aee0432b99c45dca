//! What each check item finds, drawn from the seed.

use jiff::Timestamp;

use super::catalogue::{CHECK_ITEMS, CheckItem, CheckStandard};
use super::{CheckChanges, CheckSettings};
use crate::dice::WorldDice;
use crate::posture::schedule::last_run_on;
use crate::posture::{Order, RiskLevel, Spread};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckStatus {
    NotPass,
    Pass,
    NotCheck,
}

/// What one check item finds.
#[derive(Debug, Clone)]
pub struct CheckResult {
    pub item: &'static CheckItem,
    pub status: CheckStatus,
    /// None while it was never checked.
    pub last_check: Option<Timestamp>,
    pub is_selected: bool,
    /// How many instances it looks at.
    pub instances: usize,
    failing: Spread,
}

/// The results of all check items, in the order of the catalogue.
#[derive(Debug, Clone)]
pub struct CheckResults {
    pub all: Vec<CheckResult>,
}

/// How many items of each status and level there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CheckedProducts([[usize; 3]; 3]);

impl CheckStatus {
    pub const ALL: [Self; 3] = [Self::NotPass, Self::Pass, Self::NotCheck];

    pub fn word(self) -> &'static str {
        match self {
            Self::NotPass => "NOT_PASS",
            Self::Pass => "PASS",
            Self::NotCheck => "NOT_CHECK",
        }
    }
}

impl CheckedProducts {
    pub fn of(self, status: CheckStatus, level: RiskLevel) -> usize {
        self.0[status as usize][level as usize]
    }

    pub fn sum(self, status: CheckStatus) -> usize {
        self.0[status as usize].iter().sum()
    }
}

impl<'r> FromIterator<&'r CheckResult> for CheckedProducts {
    fn from_iter<I: IntoIterator<Item = &'r CheckResult>>(results: I) -> Self {
        let mut counts = Self::default();
        for result in results {
            counts.0[result.status as usize][result.item.level as usize] += 1;
        }
        counts
    }
}

impl CheckResults {
    /// `servers` are those that the account lists.
    pub(crate) fn new(
        dice: &WorldDice,
        servers: usize,
        settings: CheckSettings,
        changes: &CheckChanges,
        now: Timestamp,
    ) -> Self {
        let (mut stream, mut assets) = (dice.stream("configuration checks"), dice.stream("cloud products"));
        let all = (0..).zip(CHECK_ITEMS).map(|(place, item)| {
            stream.entry(place);
            // Items on one kind of asset look at the same ones.
            let alike = |other: &&CheckItem| {
                (other.instance_type, other.instance_subtype) == (item.instance_type, item.instance_subtype)
            };
            let first = CHECK_ITEMS.iter().find(alike).map_or(0, |first| first.id);
            assets.entry(first % 10_000);
            let owned = 1 + assets.below(6);
            let instances = if item.is_of_servers() { servers } else { owned as usize };
            let fails = stream.below(1_000_000) < settings.failing && instances > 0;
            let is_usual = stream.below(10) > 0;
            let delay = stream.below(3_600);
            let order = Order::new(instances, |end| stream.below(end));
            // One at least, of many up to half.
            let share = if fails { 1_000_000 / u32::try_from(instances).unwrap_or(1).max(1) } else { 0 };
            let share = if fails { share.max(stream.below(500_000)) + 1 } else { 0 };
            let failing = order.spread(share, |end| stream.below(end));
            let is_selected = changes.selection(item.id).unwrap_or(is_usual);
            let policy = &changes.policy;
            let scheduled = || last_run_on(now, &policy.cycle_days, u32::from(policy.start) * 3_600 + delay);
            // The policy has looked at what it always had; at what was added it looks after the first check.
            let asked = changes.last_check(item.id);
            let is_scheduled = is_selected && policy.is_automatic && (is_usual || asked.is_some());
            let last_check = asked.max(is_scheduled.then(scheduled));
            let status = match (last_check, failing.count()) {
                (None, _) => CheckStatus::NotCheck,
                (_, 0) => CheckStatus::Pass,
                _ => CheckStatus::NotPass,
            };
            CheckResult { item, status, last_check, is_selected, instances, failing }
        });
        Self { all: all.collect() }
    }

    pub fn of(&self, id: u32) -> Option<&CheckResult> {
        self.all.iter().find(|result| result.item.id == id)
    }

    /// How many items that look at servers fail on the one at a place.
    pub fn failed_on(&self, place: usize) -> usize {
        self.all.iter().filter(|result| result.item.is_of_servers() && result.fails_on(place)).count()
    }

    /// Those that belong to a standard.
    pub fn of_standard(&self, standard: CheckStandard) -> impl Iterator<Item = &CheckResult> {
        self.all
            .iter()
            .filter(move |result| result.item.sections().any(|section| section.standard == standard))
    }

    /// How many instances they look at.
    pub fn instances(&self) -> usize {
        let mut kinds: Vec<(&str, &str)> = Vec::new();
        let mut sum = 0;
        for result in &self.all {
            let kind = (result.item.instance_type, result.item.instance_subtype);
            if !kinds.contains(&kind) {
                kinds.push(kind);
                sum += result.instances;
            }
        }
        sum
    }
}

impl CheckResult {
    /// Whether it fails on the instance at a place: what was not checked fails nowhere.
    pub fn fails_on(&self, place: usize) -> bool {
        self.status == CheckStatus::NotPass
            && u32::try_from(place).is_ok_and(|place| self.failing.contains(place))
    }

    /// On how many instances it fails.
    pub fn failing(&self) -> usize {
        if self.status == CheckStatus::NotPass { self.failing.count() } else { 0 }
    }

    /// The status of an instance, which it has in its own list.
    pub fn status_of(&self, place: usize) -> CheckStatus {
        match self.status {
            CheckStatus::NotPass if !self.fails_on(place) => CheckStatus::Pass,
            status => status,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dice::Dice;

    proptest! {
        #[test]
        fn an_item_fails_on_some_of_its_instances_or_passes(seed: u64, servers in 0..50_usize, failing in 0..=1_000_000_u32) {
            let changes = CheckChanges::default();
            let now = Timestamp::from_second(1_800_000_000).unwrap();
            let settings = CheckSettings { failing };
            let results = CheckResults::new(&Dice::new(seed, "a").of_world(), servers, settings, &changes, now);
            for result in &results.all {
                let fails = (0..result.instances).filter(|place| result.status_of(*place) == CheckStatus::NotPass);
                prop_assert_eq!(fails.count(), result.failing());
                prop_assert_eq!(result.failing() > 0, result.status == CheckStatus::NotPass);
                prop_assert_eq!(result.last_check.is_none(), result.status == CheckStatus::NotCheck);
                prop_assert!(result.last_check.is_none_or(|at| at <= now));
            }
            let counts: CheckedProducts = results.all.iter().collect();
            let sum: usize = CheckStatus::ALL.iter().map(|status| counts.sum(*status)).sum();
            prop_assert_eq!(sum, CHECK_ITEMS.len());
            let on_servers: usize = (0..servers).map(|place| results.failed_on(place)).sum();
            let of_servers = results.all.iter().filter(|result| result.item.is_of_servers());
            prop_assert_eq!(on_servers, of_servers.map(CheckResult::failing).sum::<usize>());
        }
    }

    #[test]
    fn what_nothing_looked_at_is_brought_to_a_result_by_a_check() {
        let (dice, now) = (Dice::new(7, "a").of_world(), Timestamp::from_second(1_800_000_000).unwrap());
        let mut changes = CheckChanges::default();
        let results =
            |changes: &CheckChanges| CheckResults::new(&dice, 5, CheckSettings::default(), changes, now);
        let unchecked = |changes: &CheckChanges| {
            let results = results(changes).all.into_iter();
            results
                .filter(|result| result.status == CheckStatus::NotCheck)
                .map(|result| result.item.id)
                .collect()
        };
        let before: Vec<u32> = unchecked(&changes);
        assert!(!before.is_empty());
        before.iter().for_each(|item| changes.has_checked(*item, now));
        assert_eq!(unchecked(&changes), Vec::<u32>::new());
    }
}
