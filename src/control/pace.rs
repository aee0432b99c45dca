//! How many calls a second a listener takes, so that it costs little while many calls come.

use std::num::NonZeroU32;

use jiff::SignedDuration;
use serde::Deserialize;

/// How many calls are taken in a second, from 1 on.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "NonZeroU32"))]
#[serde(try_from = "String")]
pub(super) struct CallsPerSecond(NonZeroU32);

impl TryFrom<String> for CallsPerSecond {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "expected a number from 1 on".to_owned())
    }
}

/// A second's calls, filled up again as time passes. A quarter of them is kept for calls that failed.
#[derive(Debug)]
pub(super) struct CallAllowance {
    per_second: f64,
    room: f64,
    filled: SignedDuration,
}

/// The part that only failures may take.
const KEPT: f64 = 0.25;

impl CallAllowance {
    pub(super) fn new(CallsPerSecond(per_second): CallsPerSecond, now: SignedDuration) -> Self {
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
        let mut allowance = CallAllowance::new("100".to_owned().try_into().unwrap(), seconds(0));
        let count = |allowance: &mut CallAllowance, has_failed| {
            (0..1000).filter(|_| allowance.takes(has_failed)).count()
        };
        assert_eq!(
            (count(&mut allowance, false), count(&mut allowance, true), count(&mut allowance, true)),
            (75, 25, 0)
        );
        allowance.fill(SignedDuration::from_millis(500));
        assert_eq!((count(&mut allowance, false), count(&mut allowance, true)), (25, 25));
        allowance.fill(seconds(1000));
        assert_eq!(count(&mut allowance, true), 100);
        // Time that went back adds nothing.
        allowance.fill(seconds(0));
        assert_eq!(count(&mut allowance, true), 0);
    }
}
