//! The task clock: read, paused and moved by a test. A mistake in a time is kept, and reported where the time is used.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::error::or_panic;
use super::handle::Handle;
use crate::clock::{ClockCommand, Reading};
use crate::emulator::TaskTransition;
use crate::text::duration;

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

    /// Moves it ahead; returns what tasks did meanwhile, in order, up to ten thousand changes. Panics if that is not a length
    /// of time, or a negative one.
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

    /// Moves it ahead to a time; returns what tasks did meanwhile, as [`advance`](Self::advance) does. Panics if that is not a time, or one in the
    /// past: this clock never goes back.
    #[track_caller]
    pub fn set_clock(&self, to: impl Into<Moment>) -> Vec<TaskTransition> {
        let Moment(to) = to.into();
        self.command(ClockCommand::Set(or_panic(to)))
    }

    #[track_caller]
    fn command(&self, command: ClockCommand) -> Vec<TaskTransition> {
        or_panic(self.emulator.session().command_clock(self.only(), command)).transitions.first
    }
}

/// A length of time: `"6h"`, `"1m 30s"`, a [`Duration`] or a [`SignedDuration`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Length(pub(super) Result<SignedDuration, String>);

impl Length {
    pub(super) fn real(self) -> Result<Duration, String> {
        let length = self.0?;
        Duration::try_from(length).map_err(|_| format!("{length:#} is over before it begins"))
    }
}

impl From<&str> for Length {
    fn from(text: &str) -> Self {
        Self(duration::parse(text))
    }
}

impl From<SignedDuration> for Length {
    fn from(length: SignedDuration) -> Self {
        Self(Ok(length))
    }
}

impl From<Duration> for Length {
    fn from(length: Duration) -> Self {
        Self(length.try_into().map_err(|_| format!("{length:?} is longer than any clock can go")))
    }
}

/// A point of time: `"2026-11-24T02:14:00Z"` or a [`Timestamp`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment(pub(super) Result<Timestamp, String>);

impl From<&str> for Moment {
    fn from(text: &str) -> Self {
        Self(
            text.parse()
                .map_err(|_| format!("{text:?} is not a time; expected one such as 2026-11-24T02:14:00Z")),
        )
    }
}

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        Self(Ok(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_test_may_write() {
        let minute = SignedDuration::from_mins(1);
        for length in [Length::from("1m"), Duration::from_secs(60).into(), minute.into()] {
            assert_eq!(length.0, Ok(minute));
        }
        assert!(Length::from(Duration::MAX).0.unwrap_err().contains("longer than any clock"));
        assert_eq!(Length::from("2s").real(), Ok(Duration::from_secs(2)));
        assert_eq!(Length::from("-2s").real().unwrap_err(), "2s ago is over before it begins");
        assert!(Length::from("soon").0.unwrap_err().contains("expected a length of time such as 2s"));
        assert_eq!(Moment::from("1970-01-01T00:00:00Z"), Timestamp::UNIX_EPOCH.into());
        assert!(Moment::from("noon").0.unwrap_err().contains("expected one such as 2026-11-24T02:14:00Z"));
    }
}
