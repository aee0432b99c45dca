//! The two clocks, and the only place that reads the machine's.
//!
//! The **task clock** moves life cycles and can be held, moved and scaled. It reads the machine's date once, when it
//! starts, and then follows the time that really passes. The **gateway clock** judges whether a signature is fresh; it is
//! apart, so that moving the tasks ten years on never expires a signature. It follows the machine's date, as the clients
//! on the same machine do that sign by it.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A task clock: a session's, or an account's own; running at some rate, or paused.
#[derive(Debug)]
pub struct Clock {
    state: Mutex<Reading>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClockStart {
    /// The time it shows; the machine's date if there is none.
    pub start: Option<Timestamp>,
    pub rate: f64,
    pub paused: bool,
}

impl Default for ClockStart {
    fn default() -> Self {
        Self { start: None, rate: 1.0, paused: false }
    }
}

/// The time, rate and state of a task clock.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The time it shows.
    pub now: Timestamp,
    /// Seconds it moves per real second while it runs.
    pub rate: f64,
    /// Whether it is paused.
    pub paused: bool,
    /// The [`uptime`] at which it showed `now`. It means nothing to another process.
    #[serde(skip)]
    anchor: SignedDuration,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClockCommand {
    Pause,
    Resume,
    /// Run at this rate from the time it shows.
    Scale(f64),
    Advance(SignedDuration),
    Set(Timestamp),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub before: Timestamp,
    pub after: Timestamp,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ClockError {
    /// Progress must never fall, so time must not either.
    #[error("the task clock shows {now} and never goes back; POST /_emulator/reset starts over")]
    Backwards { now: Timestamp },
    #[error("the task clock ends with the year 9999")]
    TooFar,
    #[error("a rate is a number from {MIN_RATE} to {MAX_RATE}, in seconds of the task clock per real second")]
    Rate,
}

/// Slowest rate: a second in about three hours. Standing still is what pausing is for.
const MIN_RATE: f64 = 0.0001;
/// Fastest rate: about eleven days a second.
const MAX_RATE: f64 = 1_000_000.0;

impl Clock {
    pub fn new(ClockStart { start, rate, paused }: ClockStart) -> Result<Self, ClockError> {
        let now = start.unwrap_or_else(machine_time);
        let rate = checked(rate)?;
        Ok(Self { state: Mutex::new(Reading { now, rate, paused, anchor: uptime() }) })
    }

    pub fn now(&self) -> Timestamp {
        self.read().now
    }

    pub fn read(&self) -> Reading {
        self.change(|reading| *reading)
    }

    /// Applies a command, or returns an error and leaves the clock unchanged.
    pub fn apply(&self, command: ClockCommand) -> Result<Step, ClockError> {
        self.change(|reading| {
            let before = reading.now;
            match command {
                ClockCommand::Pause => reading.paused = true,
                ClockCommand::Resume => reading.paused = false,
                ClockCommand::Scale(rate) => reading.rate = checked(rate)?,
                ClockCommand::Advance(by) if by.is_negative() => {
                    return Err(ClockError::Backwards { now: before });
                }
                ClockCommand::Advance(by) => {
                    reading.now = before.checked_add(by).map_err(|_| ClockError::TooFar)?;
                }
                ClockCommand::Set(to) if to < before => return Err(ClockError::Backwards { now: before }),
                ClockCommand::Set(to) => reading.now = to,
            }
            Ok(Step { before, after: reading.now })
        })
    }

    /// Another clock that continues as this one does.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { state: Mutex::new(self.read()) }
    }

    /// A clock that continues from the reading of another one, perhaps of another process.
    pub fn resume_from(reading: Reading) -> Result<Self, ClockError> {
        Self::new(ClockStart { start: Some(reading.now), rate: reading.rate, paused: reading.paused })
    }

    /// Brings the reading up to the present for `edit`: the one way in, so no caller sees or leaves an old reading.
    fn change<T>(&self, edit: impl FnOnce(&mut Reading) -> T) -> T {
        let mut reading = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        reading.move_to(uptime());
        edit(&mut reading)
    }
}

impl Reading {
    /// The reading at that [`uptime`]. The machine's date does not count: it may be set back or ahead at any time.
    fn move_to(&mut self, uptime: SignedDuration) {
        if !self.paused {
            let mut moved = uptime.saturating_sub(self.anchor).max(SignedDuration::ZERO);
            // The ordinary rate must not lose nanoseconds to rounding.
            if (self.rate - 1.0).abs() >= f64::EPSILON {
                let seconds = moved.as_secs_f64() * self.rate;
                moved = SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::MAX);
            }
            self.now = self.now.saturating_add(moved).unwrap_or(Timestamp::MAX);
        }
        self.anchor = uptime;
    }
}

pub(crate) fn checked(rate: f64) -> Result<f64, ClockError> {
    if (MIN_RATE..=MAX_RATE).contains(&rate) { Ok(rate) } else { Err(ClockError::Rate) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayClock {
    Skewed(SignedDuration),
    /// Always the same time: for replaying recorded requests.
    Pinned(Timestamp),
}

impl GatewayClock {
    pub fn now(self) -> Timestamp {
        self.at(machine_time())
    }

    /// Its reading while the machine's date is `date`.
    fn at(self, date: Timestamp) -> Timestamp {
        match self {
            Self::Skewed(skew) => date.saturating_add(skew).unwrap_or(Timestamp::MAX),
            Self::Pinned(time) => time,
        }
    }
}

impl Default for GatewayClock {
    fn default() -> Self {
        Self::Skewed(SignedDuration::ZERO)
    }
}

/// Measures how long something really took, for logs.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "this module is the place that reads the machine's clock")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Real time since the first call of this function. It never goes back. Earlier times, of a snapshot, are negative.
pub(crate) fn uptime() -> SignedDuration {
    static BEGAN: LazyLock<Stopwatch> = LazyLock::new(Stopwatch::start);
    SignedDuration::try_from(BEGAN.elapsed()).unwrap_or(SignedDuration::MAX)
}

/// The machine's time: for journals, where people compare it with that of their own programs.
#[expect(clippy::disallowed_methods, reason = "this module is the place that reads the machine's clock")]
pub fn machine_time() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clock(rate: f64, paused: bool) -> Clock {
        Clock::new(ClockStart { start: Some(Timestamp::UNIX_EPOCH), rate, paused }).unwrap()
    }

    fn held() -> Clock {
        clock(1.0, true)
    }

    fn advance(clock: &Clock, by: SignedDuration) -> Result<Step, ClockError> {
        clock.apply(ClockCommand::Advance(by))
    }

    #[test]
    fn a_held_clock_moves_only_by_hand() {
        let clock = held();
        advance(&clock, SignedDuration::from_hours(6)).unwrap();
        assert_eq!(clock.now().as_second(), 6 * 3600);
        let to = Timestamp::from_second(90_000).unwrap();
        let step = clock.apply(ClockCommand::Set(to)).unwrap();
        assert_eq!((step.before.as_second(), step.after), (6 * 3600, to));
        assert_eq!(clock.now(), to);
    }

    #[test]
    fn it_never_goes_back_nor_beyond_the_calendar() {
        let clock = held();
        let now = clock.now();
        assert_eq!(clock.apply(ClockCommand::Set(Timestamp::MIN)), Err(ClockError::Backwards { now }));
        assert_eq!(advance(&clock, SignedDuration::from_secs(-1)), Err(ClockError::Backwards { now }));
        assert_eq!(advance(&clock, SignedDuration::MAX), Err(ClockError::TooFar));
        assert_eq!(clock.now(), now);
    }

    #[test]
    fn a_running_clock_runs_and_resumes_from_where_it_stood() {
        let clock = clock(1000.0, false);
        let first = clock.now();
        assert!(first >= Timestamp::UNIX_EPOCH);
        clock.apply(ClockCommand::Pause).unwrap();
        let held = clock.now();
        assert_eq!(clock.now(), held);
        clock.apply(ClockCommand::Resume).unwrap();
        assert!(clock.now() >= held);
        for rate in [0.0, f64::NAN] {
            assert_eq!(clock.apply(ClockCommand::Scale(rate)), Err(ClockError::Rate));
        }
    }

    #[test]
    fn a_running_clock_follows_the_time_that_passes_and_no_date() {
        let mut reading = clock(2.0, false).read();
        let (now, began) = (reading.now, reading.anchor);
        let mut after = |seconds| {
            reading.move_to(began + SignedDuration::from_secs(seconds));
            reading.now.duration_since(now).as_secs()
        };
        assert_eq!([after(10), after(10), after(25)], [20, 20, 50]);
        assert_eq!(after(0), 50, "it never goes back");
    }

    #[test]
    fn the_gateway_clock_follows_steps_of_the_date() {
        let date = Timestamp::UNIX_EPOCH;
        let (day, minute) = (SignedDuration::from_hours(24), SignedDuration::from_mins(1));
        let skewed = GatewayClock::Skewed(minute);
        assert_eq!([skewed.at(date - day), skewed.at(date)], [date - day + minute, date + minute]);
        assert_eq!(GatewayClock::Pinned(date).at(date - day), date);
    }

    #[test]
    fn a_fork_shows_the_same_and_goes_its_own_way() {
        let clock = held();
        advance(&clock, SignedDuration::from_secs(5)).unwrap();
        let fork = clock.fork();
        assert_eq!(fork.now(), clock.now());
        advance(&fork, SignedDuration::from_secs(5)).unwrap();
        assert_eq!((clock.now().as_second(), fork.now().as_second()), (5, 10));
        let again = Clock::resume_from(fork.read()).unwrap();
        assert_eq!((again.now(), again.read().paused), (fork.now(), true));
    }

    proptest! {
        #[test]
        fn many_small_steps_equal_one_large(steps in proptest::collection::vec(0i64..10_000_000, 0..50)) {
            let (one, many) = (held(), held());
            advance(&one, SignedDuration::from_millis(steps.iter().sum())).unwrap();
            for step in steps {
                advance(&many, SignedDuration::from_millis(step)).unwrap();
            }
            prop_assert_eq!(one.now(), many.now());
        }
    }

    #[test]
    fn the_gateway_clock_is_pinned_or_skewed() {
        assert_eq!(GatewayClock::Pinned(Timestamp::UNIX_EPOCH).now(), Timestamp::UNIX_EPOCH);
        let (real, ahead) =
            (GatewayClock::default().now(), GatewayClock::Skewed(SignedDuration::from_hours(1)).now());
        assert!(ahead > real);
    }
}
