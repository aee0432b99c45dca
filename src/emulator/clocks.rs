//! The task clocks: the session's, and those of accounts that were given their own.

use std::sync::PoisonError;

use serde::Serialize;

use super::accounts::AccountError;
use super::session::Session;
use super::tasks::TaskTransition;
use crate::clock::{Clock, ClockCommand, ClockError, Reading, Step};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountClock {
    pub account: String,
    #[serde(flatten)]
    pub reading: Reading,
}

#[derive(Debug)]
pub struct ClockChange {
    pub reading: Reading,
    pub step: Step,
    pub transitions: Vec<TaskTransition>,
    /// Accounts whose own clocks were left alone: they are later than the time to set, or cannot go that far.
    pub skipped: Vec<AccountClock>,
}

/// Why a clock command was refused; nothing has changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ClockCommandError {
    #[error(transparent)]
    Clock(#[from] ClockError),
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl Session {
    /// The reading of an account's own clock; `None` if it goes by the session's.
    pub fn account_clock(&self, account: &str) -> Result<Option<Reading>, AccountError> {
        self.check_account(account)?;
        let mut reading = None;
        self.accounts
            .each(Some(account), |_, account| reading = account.clock.as_ref().map(|own| own.read()));
        Ok(reading)
    }

    pub fn account_clocks(&self) -> Vec<AccountClock> {
        let mut clocks = Vec::new();
        self.accounts.each(None, |id, account| {
            clocks.extend(account.clock.as_deref().map(|own| AccountClock::of(id, own)));
        });
        clocks
    }

    /// Applies a command to every clock, or to an account's own (made if it has none), and then everything that is due.
    pub fn command_clock(
        &self,
        account: Option<&str>,
        command: ClockCommand,
    ) -> Result<ClockChange, ClockCommandError> {
        // One command at a time, and no snapshot in the middle of one.
        let _commands = self.clock_commands.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(id) = account else {
            let step = self.clock.apply(command)?;
            let (mut transitions, mut skipped) = (Vec::new(), Vec::new());
            self.accounts.each(None, |id, account| {
                let own = account.clock.as_deref();
                match own.map_or(Ok(step), |own| own.apply(command)) {
                    Ok(step) => transitions.extend(self.transitions_of(id, account, step)),
                    Err(_) => skipped.extend(own.map(|own| AccountClock::of(id, own))),
                }
            });
            transitions.sort_by_key(|transition| transition.at);
            return Ok(ClockChange { reading: self.clock.read(), step, transitions, skipped });
        };
        if self.accounts.get(id).is_none() {
            self.check_account(id)?;
            // A command that its clock would refuse must not leave an account behind.
            self.clock.fork().apply(command)?;
        }
        self.configure(id, |account| {
            let own = account.clock.as_deref().unwrap_or(&self.clock).fork();
            let step = own.apply(command)?;
            let reading = own.read();
            account.clock = Some(Box::new(own));
            let transitions = self.transitions_of(id, account, step);
            Ok(ClockChange { reading, step, transitions, skipped: Vec::new() })
        })?
    }
}

impl AccountClock {
    fn of(account: &str, clock: &Clock) -> Self {
        Self { account: account.to_owned(), reading: clock.read() }
    }
}
