//! Is a request of now? At most 15 minutes off, either way (spec/protocol.md §1.4).

use jiff::{SignedDuration, Timestamp};

use crate::domain::{ApiError, Code};
use crate::protocol::{Claims, timestamp};

/// How far a request's time may be from the gateway clock.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// Checks the claimed time. A bearer request has none to check: it is not signed.
pub(super) fn check(claims: &Claims<'_>, now: Timestamp) -> Result<(), ApiError> {
    let Some(claimed) = claims.timestamp else { return Ok(()) };
    let time = timestamp::parse(claimed).ok_or(Code::TIMESTAMP_FORMAT)?;
    if now.duration_since(time).abs() > WINDOW { Err(Code::TIMESTAMP_EXPIRED.into()) } else { Ok(()) }
}
