//! The task clocks: the session's, and those of accounts that were given their own.

use std::collections::HashMap;
use std::sync::PoisonError;

use serde::Serialize;

use super::accounts::{AccountError, AccountState};
use super::session::Session;
use super::transitions::Transitions;
use crate::clock::{Clock, ClockCommand, ClockError, Reading, Step};
use crate::operations::Settled;

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
    pub transitions: Transitions,
    /// Accounts whose own clocks were left alone: they are later than the time to set, or cannot go that far.
    pub skipped: Vec<AccountClock>,
    /// Tasks that were due and were not started: their accounts would not keep them, or they were too many.
    pub left_out: u64,
    /// Accounts whose tasks that are due start at their next call: a command starts no more than [`MOST_STARTS_OF_ALL`].
    pub postponed: usize,
    started: usize,
}

/// Most tasks that a command starts, in all accounts together; an account has a limit of its own.
const MOST_STARTS_OF_ALL: usize = 100_000;

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
        account
            .map_or_else(|| self.command_clocks(command), |account| self.command_own_clock(account, command))
    }

    /// The clocks move together: no other command and no snapshot comes in between. What is due is applied afterwards, one
    /// account at a time. A call that comes first applies it itself, and the state is the same.
    fn command_clocks(&self, command: ClockCommand) -> Result<ClockChange, ClockCommandError> {
        let (mut own_steps, mut skipped) = (HashMap::new(), Vec::new());
        let (step, reading) = {
            let _commands = self.clock_commands.lock().unwrap_or_else(PoisonError::into_inner);
            let step = self.clock.apply(command)?;
            self.accounts.each(None, |id, account| {
                let Some(own) = &account.clock else { return };
                let step = own.apply(command).ok();
                skipped.extend(step.is_none().then(|| AccountClock::of(id, own)));
                own_steps.insert(id.to_owned(), step);
            });
            (step, self.clock.read())
        };
        let mut change = ClockChange { skipped, ..ClockChange::new(reading, step) };
        self.accounts.each(None, |id, account| {
            let Some(step) = own_steps.get(id).copied().unwrap_or(Some(step)) else { return };
            if change.started >= MOST_STARTS_OF_ALL && account.account.may_start_tasks() {
                change.postponed += 1;
            } else {
                change.add(self, id, account, step);
            }
        });
        Ok(change.sorted())
    }

    fn command_own_clock(&self, id: &str, command: ClockCommand) -> Result<ClockChange, ClockCommandError> {
        let _commands = self.clock_commands.lock().unwrap_or_else(PoisonError::into_inner);
        if self.accounts.get(id).is_none() {
            self.check_account(id)?;
            // A command that its clock would refuse must not leave an account behind.
            self.clock.fork().apply(command)?;
        }
        self.configure(id, |account| {
            let own = account.clock.as_deref().unwrap_or(&self.clock).fork();
            let step = own.apply(command)?;
            let mut change = ClockChange::new(own.read(), step);
            account.clock = Some(Box::new(own));
            change.add(self, id, account, step);
            Ok(change.sorted())
        })
    }
}

impl ClockChange {
    fn new(reading: Reading, step: Step) -> Self {
        let transitions = Transitions::default();
        Self { reading, step, transitions, skipped: Vec::new(), left_out: 0, postponed: 0, started: 0 }
    }

    fn add(&mut self, session: &Session, id: &str, account: &mut AccountState, step: Step) {
        let Settled { started, left_out } = session.add_transitions(id, account, step, &mut self.transitions);
        self.started += started;
        self.left_out = self.left_out.saturating_add(left_out);
    }

    fn sorted(self) -> Self {
        Self { transitions: self.transitions.sorted(), ..self }
    }
}

impl AccountClock {
    fn of(account: &str, clock: &Clock) -> Self {
        Self { account: account.to_owned(), reading: clock.read() }
    }
}
