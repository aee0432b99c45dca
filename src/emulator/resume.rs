//! From a session to a snapshot and back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::accounts::{AccountState, AccountStore};
use super::config::Config;
use super::session::{SESSION, Session};
use super::snapshot::{AccountSnapshot, Snapshot, SnapshotError};
use crate::auth::Nonces;
use crate::clock::{self, Clock};
use crate::dice::Dice;
use crate::domain::keyring::is_possible_id;
use crate::text::similar::shortened;

impl Session {
    /// The session as it is now. Of each account it holds every call whole or not at all.
    pub(super) fn snapshot(&self) -> Snapshot {
        // Not in the middle of a clock command, which some clocks would have applied and others not.
        let _commands = self.clock_commands.lock().unwrap_or_else(PoisonError::into_inner);
        let mut accounts = BTreeMap::new();
        self.accounts.each(None, |id, account| {
            let snapshot = AccountSnapshot {
                clock: account.clock.as_ref().map(Clock::read),
                dice: account.dice.positions(),
                holds: account.account.clone(),
            };
            accounts.insert(id.to_owned(), snapshot);
        });
        let dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner).positions();
        // Last: no account may have seen a later time than the clock will show when it continues.
        let clock = self.clock.read();
        let mut snapshot = Snapshot::new(self.seed, self.start, clock, dice);
        snapshot.accounts = accounts;
        snapshot.scenario = Some(self.scenario.name.clone());
        snapshot.faults = self.faults.counters(clock::uptime());
        snapshot
    }

    /// A session that continues from a snapshot, under this one's scenario and armed rules. Its clocks continue from the
    /// times they showed, running if they ran; no nonce counts as used. The note says what a user may not expect.
    pub(super) fn resumed(
        &self,
        generation: u64,
        config: &Config,
        snapshot: Snapshot,
    ) -> Result<(Self, Option<String>), SnapshotError> {
        let limit = config.limits.accounts;
        let Snapshot { seed, start, clock, dice, accounts, scenario, faults, .. } = snapshot;
        if accounts.len() > limit {
            return Err(SnapshotError::TooManyAccounts { has: accounts.len(), limit });
        }
        let mut states = Vec::with_capacity(accounts.len());
        for (id, AccountSnapshot { clock, dice, holds }) in accounts {
            if !is_possible_id(&id) {
                return Err(SnapshotError::ImpossibleAccount(shortened(&id)));
            }
            let mut account = AccountState::new(holds, Dice::resume_from(seed, &id, dice));
            account.clock = clock.map(Clock::resume_from).transpose()?;
            states.push((id, account));
        }
        let (faults, unknown) = self.faults.resumed(seed, faults, clock::uptime());
        let session = Self {
            generation,
            seed,
            start,
            clock: Clock::resume_from(clock)?,
            clock_commands: Mutex::default(),
            accounts: AccountStore::of(states.into_iter(), limit),
            nonces: Mutex::new(Nonces::new(config.limits.nonces)),
            dice: Mutex::new(Dice::resume_from(seed, SESSION, dice)),
            faults,
            signatures: self.signatures,
            scenario: Arc::clone(&self.scenario),
        };
        Ok((session, self.note(scenario, &unknown)))
    }

    fn note(&self, taken_under: Option<String>, unknown_faults: &[String]) -> Option<String> {
        let loaded = &self.scenario.name;
        let other = taken_under.filter(|name| name != loaded).map(|name| {
            format!(
                "it was taken under the scenario {name}: its tasks continue as they would have, new ones follow {loaded}"
            )
        });
        let unknown = (!unknown_faults.is_empty())
            .then(|| format!("it counts faults that are not armed here: {}", unknown_faults.join(", ")));
        let notes: Vec<String> = other.into_iter().chain(unknown).collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    }
}
