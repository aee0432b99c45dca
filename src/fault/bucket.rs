//! A token bucket, and what a call that finds it empty is told.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use jiff::SignedDuration;

use super::rule::Throttle;
use super::trigger::Bucket;
use crate::domain::{ApiError, Code};

/// Takes a token, or says how long it takes until there is one.
pub(super) fn take(
    throttle: &Throttle,
    bucket: &mut Option<Bucket>,
    now: SignedDuration,
) -> Result<(), Duration> {
    let full = f64::from(throttle.burst.max(1));
    let Bucket { tokens, at } = bucket.unwrap_or(Bucket { tokens: full, at: now });
    let filled = (tokens + now.saturating_sub(at).as_secs_f64().max(0.0) * throttle.per_second).min(full);
    let taken = filled >= 1.0;
    *bucket = Some(Bucket { tokens: if taken { filled - 1.0 } else { filled }, at: now });
    if taken {
        return Ok(());
    }
    let wait = (1.0 - filled) / throttle.per_second;
    Err(Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX))
}

/// The refusal, with both families of headers: SDKs of today read `x-acs-retry-after`, older ones the other
/// (spec/protocol.md §4.2). Both are in milliseconds.
pub(super) fn refusal(throttle: &Throttle, wait: Duration) -> (ApiError, Vec<(HeaderName, HeaderValue)>) {
    let wait = u64::try_from(wait.as_micros().div_ceil(1000)).unwrap_or(u64::MAX).max(1);
    let whose =
        if *throttle.code == *Code::THROTTLING_API { "x-ratelimit-user-api" } else { "x-ratelimit-user" };
    let limit = throttle.per_second.ceil();
    let state = format!("Limit:{limit},Remain:0,TimeLeft:{wait},Reset:{wait}");
    let mut headers = vec![(HeaderName::from_static("x-acs-retry-after"), HeaderValue::from(wait))];
    // Digits and a few signs are always a header's value.
    headers.extend(HeaderValue::try_from(state).ok().map(|state| (HeaderName::from_static(whose), state)));
    (ApiError::new(throttle.code), headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Throttle = Throttle { per_second: 2.0, burst: 3, code: Code::THROTTLING_USER };

    #[test]
    fn a_burst_then_so_many_a_second() {
        let mut bucket = None;
        let mut at = |millis| take(&SLOW, &mut bucket, SignedDuration::from_millis(millis)).is_ok();
        assert_eq!([at(0), at(0), at(0), at(0)], [true, true, true, false]);
        assert_eq!([at(499), at(500), at(501), at(1000)], [false, true, false, true]);
        // However long nobody calls, it holds no more than its burst.
        assert_eq!([at(60_000), at(60_000), at(60_000), at(60_000)], [true, true, true, false]);
    }

    #[test]
    fn the_wait_is_what_the_headers_say() {
        let mut bucket = Some(Bucket { tokens: 0.0, at: SignedDuration::ZERO });
        let wait = take(&SLOW, &mut bucket, SignedDuration::from_millis(100)).unwrap_err();
        let (error, headers) = refusal(&SLOW, wait);
        assert_eq!((error.status, error.code.as_ref()), (400, "Throttling.User"));
        let shown: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        insta::assert_snapshot!(shown.join("\n"), @"
        x-acs-retry-after: 400
        x-ratelimit-user: Limit:2,Remain:0,TimeLeft:400,Reset:400
        ");
    }
}
