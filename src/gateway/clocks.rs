//! The task clocks: the world's, and those of accounts that were given their own.

use std::sync::PoisonError;

use serde::Serialize;

use super::resident::TaskTransition;
use super::run::Run;
use super::{AccountError, Gateway};
use crate::clock::{Clock, ClockError, ClockOrder, Reading, Step};

/// The clock of an account that has its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OwnClock {
    /// Whose it is.
    pub account: String,
    /// What it shows and does.
    #[serde(flatten)]
    pub reading: Reading,
}

/// What an order to the clocks brought about.
#[derive(Debug)]
pub struct Obeyed {
    /// What the clock that was meant shows and does now.
    pub reading: Reading,
    /// What it showed before and after, and nothing else in between.
    pub step: Step,
    /// What happened meanwhile, in order.
    pub transitions: Vec<TaskTransition>,
    /// Accounts whose own clocks stayed as they were: they are later than the time to be set, or cannot go that far.
    pub stayed: Vec<OwnClock>,
}

/// Why an order to the clocks was refused; nothing has changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OrderError {
    /// The clock cannot do that.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// There is no such account.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl Gateway {
    /// What the world's task clock shows and does.
    pub fn clock(&self) -> Reading {
        self.run().clock.read()
    }

    /// What an account's own task clock shows and does; none if it goes by the world's.
    pub fn own_clock(&self, account: &str) -> Result<Option<Reading>, AccountError> {
        let run = self.run();
        if !run.accounts.has(account) {
            run.check_account(account)?;
        }
        let mut reading = None;
        run.accounts.each(Some(account), |_, resident| reading = resident.clock.as_ref().map(Clock::read));
        Ok(reading)
    }

    /// The accounts that have clocks of their own, by name.
    pub fn own_clocks(&self) -> Vec<OwnClock> {
        let mut clocks = Vec::new();
        self.run().accounts.each(None, |id, resident| {
            clocks.extend(
                resident.clock.as_ref().map(|own| OwnClock { account: id.to_owned(), reading: own.read() }),
            );
        });
        clocks
    }

    /// Gives an order to every clock, or to an account's own, which it is given if it has none. When this returns,
    /// everything that was due has happened.
    pub fn order_clock(&self, account: Option<&str>, order: ClockOrder) -> Result<Obeyed, OrderError> {
        let run = self.run();
        // One order at a time, and no snapshot in the middle of one.
        let _orders = run.orders.lock().unwrap_or_else(PoisonError::into_inner);
        match account {
            Some(account) => run.order_own(account, order),
            None => run.order_all(order),
        }
    }
}

impl Run {
    fn order_all(&self, order: ClockOrder) -> Result<Obeyed, OrderError> {
        let step = self.clock.obey(order)?;
        let (mut transitions, mut stayed) = (Vec::new(), Vec::new());
        self.accounts.each(None, |id, resident| {
            let step = match resident.clock.as_ref().map(|own| (own, own.obey(order))) {
                None => step,
                Some((_, Ok(step))) => step,
                Some((own, Err(_))) => {
                    stayed.push(OwnClock { account: id.to_owned(), reading: own.read() });
                    return;
                }
            };
            if order.is_jump() {
                transitions.extend(resident.happened(id, step, &self.clock, &self.setup.world));
            }
        });
        transitions.sort_by_key(|transition| transition.at);
        Ok(Obeyed { reading: self.clock.read(), step, transitions, stayed })
    }

    fn order_own(&self, account: &str, order: ClockOrder) -> Result<Obeyed, OrderError> {
        if !self.accounts.has(account) {
            self.check_account(account)?;
            // What its clock would refuse must not leave an account behind.
            self.clock.fork().obey(order)?;
        }
        let world = &self.setup.world;
        let fresh = || self.fresh(account, self.first_instant);
        self.accounts.transact(account, fresh, |resident| {
            let own = resident.clock.as_ref().unwrap_or(&self.clock).fork();
            let step = own.obey(order)?;
            let reading = own.read();
            resident.clock = Some(own);
            let transitions = if order.is_jump() {
                resident.happened(account, step, &self.clock, world)
            } else {
                Vec::new()
            };
            Ok(Obeyed { reading, step, transitions, stayed: Vec::new() })
        })?
    }
}
