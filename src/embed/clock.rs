//! The task clock in the test's hand.

use super::error::or_panic;
use super::handle::Handle;
use super::time::{Length, Moment};
use crate::clock::{ClockOrder, Reading};
use crate::gateway::TaskTransition;

/// The task clock moves tasks through their lives. Signatures are judged by another one, the machine's, so they stay valid
/// however far this one goes. One account's clock is a fork of the world's, from the first order that it is given.
impl Handle {
    /// What the clock shows and does.
    ///
    /// # Panics
    ///
    /// If there is no such account.
    #[track_caller]
    pub fn clock(&self) -> Reading {
        let gateway = &self.control.gateway;
        let own = self.only().and_then(|account| or_panic(gateway.own_clock(account)));
        own.unwrap_or_else(|| gateway.clock())
    }

    /// It stands still from now on.
    ///
    /// # Panics
    ///
    /// If there is no such account.
    #[track_caller]
    pub fn pause(&self) {
        self.order(ClockOrder::Pause);
    }

    /// It runs on from the time it shows.
    ///
    /// # Panics
    ///
    /// If there is no such account.
    #[track_caller]
    pub fn resume(&self) {
        self.order(ClockOrder::Resume);
    }

    /// It moves so many seconds per real second: for programs that wait in real time for hours of scan.
    ///
    /// # Panics
    ///
    /// If that is no rate from 0.0001 to 1 000 000, or there is no such account.
    #[track_caller]
    pub fn scale(&self, rate: f64) {
        self.order(ClockOrder::Scale(rate));
    }

    /// It jumps ahead; what tasks did meanwhile, in order.
    ///
    /// ```
    /// # use sas_emulator::Emulator;
    /// # let emulator = Emulator::builder().paused().start();
    /// let scan = emulator.for_account("test").start_task("IMAGE_SCAN");
    /// let happened: Vec<_> = emulator.advance("1m").iter().map(|step| step.to).collect();
    /// assert_eq!(happened, ["START", "SUCCESS"]);
    /// ```
    ///
    /// # Panics
    ///
    /// If that is no length of time or a negative one, or there is no such account.
    #[track_caller]
    pub fn advance(&self, by: impl Into<Length>) -> Vec<TaskTransition> {
        let Length(by) = by.into();
        self.order(ClockOrder::Advance(or_panic(by)))
    }

    /// It jumps ahead to a time; what tasks did meanwhile, in order.
    ///
    /// # Panics
    ///
    /// If that is no time, or one that is over: this clock never goes back. If there is no such account.
    #[track_caller]
    pub fn set_clock(&self, to: impl Into<Moment>) -> Vec<TaskTransition> {
        let Moment(to) = to.into();
        self.order(ClockOrder::Set(or_panic(to)))
    }

    #[track_caller]
    fn order(&self, order: ClockOrder) -> Vec<TaskTransition> {
        or_panic(self.control.gateway.order_clock(self.only(), order)).transitions
    }
}
