//! Lengths and points of time as a test writes them. A mistake is kept, and reported where the value is used.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::text::duration;

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
