//! The task clocks: the session's, and those of accounts that were given their own.

use std::sync::PoisonError;

use serde::Serialize;

use super::accounts::AccountError;
use super::session::Session;
use super::transitions::TaskTransition;
use crate::clock::{Clock, ClockCommand, ClockError, Reading, Step};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountClock {
    pub account: String,
    #[serde(flatten)]
    pub reading: Reading,
}

#[derive(Debug)]
pub struct ClockChange {
    /// The reading of the clock that was commanded.
    pub reading: Reading,
    /// What it showed directly before and after.
    pub step: Step,
    /// What happened meanwhile, in order.
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
    pub fn account_clock(&self, account: &str) -> Result<Option<Reading>, AccountError> {
        self.check_account(account)?;
        let mut reading = None;
        self.accounts.each(Some(account), |_, account| reading = account.clock.as_ref().map(Clock::read));
        Ok(reading)
    }

    pub fn account_clocks(&self) -> Vec<AccountClock> {
        let mut clocks = Vec::new();
        self.accounts.each(None, |id, account| {
            let own = account.clock.as_ref();
            clocks.extend(own.map(|own| AccountClock { account: id.to_owned(), reading: own.read() }));
        });
        clocks
    }

    /// Applies a command to every clock, or to an account's own, which is made if it has none. When this returns,
    /// everything that was due has happened.
    pub fn command_clock(
        &self,
        account: Option<&str>,
        command: ClockCommand,
    ) -> Result<ClockChange, ClockCommandError> {
        // One command at a time, and no snapshot in the middle of one.
        let _commands = self.clock_commands.lock().unwrap_or_else(PoisonError::into_inner);
        match account {
            Some(account) => self.command_account_clock(account, command),
            None => self.command_all_clocks(command),
        }
    }

    fn command_all_clocks(&self, command: ClockCommand) -> Result<ClockChange, ClockCommandError> {
        let step = self.clock.apply(command)?;
        let (mut transitions, mut skipped) = (Vec::new(), Vec::new());
        self.accounts.each(None, |id, account| {
            let step = match account.clock.as_ref().map(|own| (own, own.apply(command))) {
                None => step,
                Some((_, Ok(step))) => step,
                Some((own, Err(_))) => {
                    skipped.push(AccountClock { account: id.to_owned(), reading: own.read() });
                    return;
                }
            };
            if command.is_jump() {
                transitions.extend(account.transitions(id, step, &self.clock, self.world()));
            }
        });
        transitions.sort_by_key(|transition| transition.at);
        Ok(ClockChange { reading: self.clock.read(), step, transitions, skipped })
    }

    fn command_account_clock(
        &self,
        account: &str,
        command: ClockCommand,
    ) -> Result<ClockChange, ClockCommandError> {
        if self.accounts.get(account).is_none() {
            self.check_account(account)?;
            // A command that its clock would refuse must not leave an account behind.
            self.clock.fork().apply(command)?;
        }
        let new = || self.new_account(account, self.start);
        self.accounts.transact(account, new, |state| {
            let own = state.clock.as_ref().unwrap_or(&self.clock).fork();
            let step = own.apply(command)?;
            let reading = own.read();
            state.clock = Some(own);
            let transitions = if command.is_jump() {
                state.transitions(account, step, &self.clock, self.world())
            } else {
                Vec::new()
            };
            Ok(ClockChange { reading, step, transitions, skipped: Vec::new() })
        })?
    }
}
