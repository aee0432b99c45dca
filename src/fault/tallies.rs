//! What a rule did to the calls of each account: exact for accounts that exist, bounded for names that clients make up.

use std::collections::{BTreeMap, HashMap};

use super::counters::RuleTally;
use crate::domain::keyring::is_possible_id;

/// Most names counted one by one that belong to no account: refused calls may name anything. Those beyond share a tally.
const MOST_STRANGERS: usize = 10_000;
/// The account of calls that name none that can exist, and of TLS handshakes.
pub(super) const UNNAMED: &str = "";

#[derive(Debug, Default)]
pub(super) struct Tallies {
    /// Of accounts that exist, which `--max-accounts` bounds.
    accounts: HashMap<String, RuleTally>,
    /// Of names that belong to no account; after a restore, also of accounts that have yet to call.
    strangers: HashMap<String, RuleTally>,
    /// What all further strangers share.
    pub(super) rest: RuleTally,
    /// What was counted for accounts that were evicted: they begin anew, and sums over all accounts stay right.
    pub(super) evicted: RuleTally,
}

impl Tallies {
    /// Of a snapshot, which does not say which names belong to accounts. Names that no account can have are not kept.
    pub(super) fn resumed(
        mut tallies: HashMap<String, RuleTally>,
        mut rest: RuleTally,
        evicted: RuleTally,
    ) -> Self {
        for (_, tally) in tallies.extract_if(|name, _| name != UNNAMED && !is_possible_id(name)) {
            rest.add(&tally);
        }
        Self { accounts: HashMap::new(), strangers: tallies, rest, evicted }
    }

    /// The tally to count a call of that name in. `exists` says whether there is such an account.
    pub(super) fn of(&mut self, name: &str, exists: bool) -> &mut RuleTally {
        let Self { accounts, strangers, rest, .. } = self;
        if exists || name == UNNAMED || accounts.contains_key(name) {
            let counted_before = || strangers.remove(name).unwrap_or_default();
            return accounts.entry(name.to_owned()).or_insert_with(counted_before);
        }
        if strangers.contains_key(name) || strangers.len() < MOST_STRANGERS {
            return strangers.entry(name.to_owned()).or_default();
        }
        rest
    }

    /// Those under a name of their own, by name.
    pub(super) fn by_name(&self) -> BTreeMap<&str, &RuleTally> {
        self.accounts.iter().chain(&self.strangers).map(|(name, tally)| (name.as_str(), tally)).collect()
    }

    /// All that a trigger may still count in.
    pub(super) fn live(&self, only: Option<&str>) -> impl Iterator<Item = &RuleTally> {
        let named = self.accounts.iter().chain(&self.strangers);
        let named = named.filter(move |(name, _)| only.is_none_or(|only| only == *name));
        let rest = only.is_none() && self.rest.matched > 0;
        named.map(|(_, tally)| tally).chain(rest.then_some(&self.rest))
    }

    /// An account begins anew, as if it had never called.
    pub(super) fn forget(&mut self, account: &str) -> Option<RuleTally> {
        let stranger = self.strangers.remove(account);
        self.accounts.remove(account).or(stranger)
    }

    /// An account begins anew, and what was counted for it stays in the sums.
    pub(super) fn evict(&mut self, account: &str) {
        if let Some(tally) = self.forget(account) {
            self.evicted.add(&tally);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(tallies: &mut Tallies, name: &str, exists: bool) -> u64 {
        let tally = tallies.of(name, exists);
        tally.matched += 1;
        tally.matched
    }

    #[test]
    fn accounts_are_counted_one_by_one_and_strangers_up_to_a_limit() {
        let mut tallies = Tallies::default();
        for number in 0..=MOST_STRANGERS {
            assert_eq!(count(&mut tallies, &format!("account-{number}"), true), 1);
            assert_eq!(count(&mut tallies, &format!("stranger-{number}"), false), 1);
        }
        assert_eq!(tallies.accounts.len(), MOST_STRANGERS + 1);
        assert_eq!(tallies.strangers.len(), MOST_STRANGERS);
        assert_eq!(count(&mut tallies, "one-more", false), 2, "with the last stranger above");
        assert_eq!(count(&mut tallies, "account-10000", true), 2);
        assert_eq!(count(&mut tallies, "account-10000", false), 3, "a refused call of an account");
        assert_eq!(count(&mut tallies, "stranger-0", true), 2, "it became an account");
        assert_eq!(tallies.strangers.len(), MOST_STRANGERS - 1);
        assert_eq!(count(&mut tallies, UNNAMED, false), 1);
    }

    #[test]
    fn names_of_a_snapshot_that_no_account_can_have_are_counted_together() {
        let tally = RuleTally { matched: u64::MAX - 1, ..RuleTally::default() };
        let names = ["a", UNNAMED, "no id", &"x".repeat(129)].map(|name| (name.to_owned(), tally));
        let tallies = Tallies::resumed(names.into(), RuleTally::default(), RuleTally::default());
        assert_eq!(tallies.by_name().into_keys().collect::<Vec<_>>(), [UNNAMED, "a"]);
        assert_eq!(tallies.rest.matched, u64::MAX);
    }

    #[test]
    fn an_evicted_account_begins_anew_and_stays_in_the_sums() {
        let mut tallies = Tallies::default();
        count(&mut tallies, "a", true);
        count(&mut tallies, "a", true);
        tallies.evict("a");
        tallies.evict("never-called");
        assert_eq!((tallies.evicted.matched, count(&mut tallies, "a", true)), (2, 1));
    }
}
