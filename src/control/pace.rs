//! How many calls a second a listener takes, so that it costs little while many calls come.

use std::num::NonZeroU32;

use jiff::SignedDuration;

/// A second's calls, filled up again as time passes. A quarter of them is kept for calls that failed.
#[derive(Debug)]
pub(super) struct Pace {
    per_second: f64,
    room: f64,
    filled: SignedDuration,
}

/// The part that only failures may take.
const KEPT: f64 = 0.25;

impl Pace {
    pub(super) fn new(per_second: NonZeroU32, now: SignedDuration) -> Self {
        let per_second = f64::from(per_second.get());
        Self { per_second, room: per_second, filled: now }
    }

    pub(super) fn fill(&mut self, now: SignedDuration) {
        let passed = (now - self.filled).as_secs_f64().max(0.0);
        self.room = self.per_second.min(self.room + passed * self.per_second);
        self.filled = now;
    }

    /// Whether one more call is sent.
    pub(super) fn takes(&mut self, has_failed: bool) -> bool {
        let least = if has_failed { 0.0 } else { self.per_second * KEPT };
        let takes = self.room - 1.0 >= least;
        if takes {
            self.room -= 1.0;
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_so_many_calls_and_failures_come_first() {
        let seconds = SignedDuration::from_secs;
        let mut pace = Pace::new(NonZeroU32::new(100).unwrap(), seconds(0));
        let count = |pace: &mut Pace, has_failed| (0..1000).filter(|_| pace.takes(has_failed)).count();
        assert_eq!((count(&mut pace, false), count(&mut pace, true), count(&mut pace, true)), (75, 25, 0));
        pace.fill(SignedDuration::from_millis(500));
        assert_eq!((count(&mut pace, false), count(&mut pace, true)), (25, 25));
        pace.fill(seconds(1000));
        assert_eq!(count(&mut pace, true), 100);
        // Time that went back adds nothing.
        pace.fill(seconds(0));
        assert_eq!(count(&mut pace, true), 0);
    }
}
