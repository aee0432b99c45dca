//! The whole run as a snapshot, and back.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::resident::Resident;
use super::run::{GATEWAY, Run};
use super::{Gateway, Setup, nonces, store};
use crate::clock::{Clock, ClockError};
use crate::dice::Dice;
use crate::domain::keyring::is_possible_id;
use crate::domain::similar::shortened;
use crate::snapshot::{AccountSnapshot, Snapshot};

/// Why a snapshot was not restored; nothing has changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RestoreError {
    /// More accounts than may be kept.
    #[error("the snapshot has {has} accounts; --max-accounts allows {limit}")]
    TooManyAccounts {
        /// As many it has.
        has: usize,
        /// As many may be kept.
        limit: usize,
    },
    /// A name that no account can have.
    #[error("the snapshot has an account {0:?}, which cannot be an AccessKeyId")]
    ImpossibleAccount(String),
    /// A clock that cannot go on like that.
    #[error("a clock of the snapshot: {0}")]
    Clock(#[from] ClockError),
}

impl Gateway {
    /// The run as it is now. Of each account it holds every call whole or not at all.
    pub fn snapshot(&self) -> Snapshot {
        let run = self.run();
        // Not in the middle of an order, which would be obeyed by some clocks and not by others.
        let _orders = run.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut accounts = BTreeMap::new();
        run.accounts.each(None, |id, resident| {
            let snapshot = AccountSnapshot {
                clock: resident.clock.as_ref().map(Clock::read),
                dice: resident.dice.positions(),
                holds: resident.account.clone(),
            };
            accounts.insert(id.to_owned(), snapshot);
        });
        let dice = run.dice.lock().unwrap_or_else(PoisonError::into_inner).positions();
        // Last: no account may have seen a later time than the clock will show when it goes on.
        let clock = run.clock.read();
        let mut snapshot = Snapshot::new(run.seed, run.first_instant, clock, dice);
        snapshot.accounts = accounts;
        snapshot
    }

    /// Goes on from a snapshot, whatever was before. Its clocks go on from the times they showed, running if they ran; of
    /// nonces nothing is known.
    pub fn restore(&self, snapshot: Snapshot) -> Result<(), RestoreError> {
        self.replace(|run| Run::going_on_from(snapshot, Arc::clone(&run.setup)))
    }
}

impl Run {
    fn going_on_from(snapshot: Snapshot, setup: Arc<Setup>) -> Result<Self, RestoreError> {
        let limit = setup.bounds.accounts;
        let Snapshot { seed, first_instant, clock, dice, accounts, .. } = snapshot;
        if accounts.len() > limit {
            return Err(RestoreError::TooManyAccounts { has: accounts.len(), limit });
        }
        let mut residents = HashMap::with_capacity(accounts.len());
        for (id, AccountSnapshot { clock, dice, holds }) in accounts {
            if !is_possible_id(&id) {
                return Err(RestoreError::ImpossibleAccount(shortened(&id)));
            }
            let dice = Dice::going_on_from(seed, &id, dice);
            let clock = clock.map(Clock::going_on_from).transpose()?;
            residents.insert(id, Resident { account: holds, dice, clock });
        }
        Ok(Self {
            seed,
            first_instant,
            clock: Clock::going_on_from(clock)?,
            orders: Mutex::default(),
            accounts: store::Store::of(residents, limit),
            nonces: Mutex::new(nonces::Nonces::new(setup.bounds.nonces)),
            dice: Mutex::new(Dice::going_on_from(seed, GATEWAY, dice)),
            setup,
        })
    }
}
