//! The task clock: read, paused and moved by a test.

use super::error::or_panic;
use super::handle::Handle;
use super::time::{Length, Moment};
use crate::clock::{ClockCommand, Reading};
use crate::emulator::TaskTransition;

/// The task clock moves tasks through their life cycles. Signatures are judged by another clock, the machine's, so they
/// stay valid however far this one moves. The first command to an account's clock forks it from the session's. All of these
/// methods panic if the handle's account does not exist.
impl Handle {
    /// The clock's reading.
    #[track_caller]
    pub fn clock(&self) -> Reading {
        let session = self.emulator.session();
        let own = self.only().and_then(|account| or_panic(session.account_clock(account)));
        own.unwrap_or_else(|| session.clock.read())
    }

    /// Pauses it.
    #[track_caller]
    pub fn pause(&self) {
        self.command(ClockCommand::Pause);
    }

    /// Resumes it from the time it shows.
    #[track_caller]
    pub fn resume(&self) {
        self.command(ClockCommand::Resume);
    }

    /// Moves it this many seconds per real second: for programs that wait in real time for hours of scan. Panics if the
    /// rate is not from 0.0001 to 1 000 000.
    #[track_caller]
    pub fn scale(&self, rate: f64) {
        self.command(ClockCommand::Scale(rate));
    }

    /// Moves it ahead; returns what tasks did meanwhile, in order. Panics if that is not a length of time, or a negative one.
    ///
    /// ```
    /// # use sas_emulator::Emulator;
    /// # let emulator = Emulator::builder().paused().start();
    /// let scan = emulator.for_account("test").start_task("IMAGE_SCAN");
    /// let happened: Vec<_> = emulator.advance("1m").iter().map(|step| step.to).collect();
    /// assert_eq!(happened, ["START", "SUCCESS"]);
    /// ```
    #[track_caller]
    pub fn advance(&self, by: impl Into<Length>) -> Vec<TaskTransition> {
        let Length(by) = by.into();
        self.command(ClockCommand::Advance(or_panic(by)))
    }

    /// Moves it ahead to a time; returns what tasks did meanwhile, in order. Panics if that is not a time, or one in the
    /// past: this clock never goes back.
    #[track_caller]
    pub fn set_clock(&self, to: impl Into<Moment>) -> Vec<TaskTransition> {
        let Moment(to) = to.into();
        self.command(ClockCommand::Set(or_panic(to)))
    }

    #[track_caller]
    fn command(&self, command: ClockCommand) -> Vec<TaskTransition> {
        or_panic(self.emulator.session().command_clock(self.only(), command)).transitions
    }
}
