//! `throttle`: calls beyond a rate are refused, with the wait in headers.

use std::num::NonZeroU32;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use jiff::SignedDuration;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use super::{Behaviour, Case, FaultRefusal, Judging};
use crate::domain::Code;
use crate::fault::case::POLL;
use crate::text::by_hand::text_or_keys;
use crate::text::similar::did_you_mean;

/// Calls beyond a rate are refused with 400 `Throttling.User` and the headers of throttling. The bucket is full at
/// first; it is filled in real time, because a client waits in real time. `2/s` is short for 2 a second, one at once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(transform = or_rate))]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Throttle {
    /// Calls that go through in a second.
    #[serde(deserialize_with = "rate")]
    #[cfg_attr(test, schemars(range(min = 0.001, max = 1_000_000)))]
    per_second: f64,
    /// Calls that may come at once.
    #[serde(default = "one")]
    #[cfg_attr(test, schemars(with = "u32", range(min = 1)))]
    burst: NonZeroU32,
    /// The code of the refusal; `Throttling.User` if left out.
    #[serde(default, deserialize_with = "code", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(schema_with = "codes"))]
    code: Option<&'static Code>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    pub tokens: f64,
    /// When that was so, in real time since the emulator started.
    pub at: SignedDuration,
}

text_or_keys!(Throttle, "a rate such as 1/s, or { per_second: 1, burst: 1 }");

const CODES: [&Code; 3] = [Code::THROTTLING_USER, Code::THROTTLING_API, Code::THROTTLING];

impl Behaviour for Throttle {
    const CASES: &'static [Case] =
        &[Case::new("throttle", r#"{"throttle":{"per_second":0.01,"burst":1}}"#, |seen| {
            seen.code().as_deref() == Some("Throttling.User") && seen.header("x-acs-retry-after").is_some()
        })
        .calling(&[POLL, POLL], &[false, true])];

    fn decide(&self, judging: &mut Judging<'_>) -> bool {
        if judging.is_refused() {
            return false;
        }
        let wait = self.take(judging.bucket, judging.uptime);
        wait.is_some_and(|wait| judging.refuse(self.refusal(wait)))
    }

    fn code(&self) -> Option<&str> {
        Some(self.code.unwrap_or(Code::THROTTLING_USER).name)
    }
}

impl Throttle {
    /// `2/s`: so many a second, one after the other.
    #[expect(clippy::needless_pass_by_value, reason = "as the reader of checked effects calls it")]
    fn from_text<E: Error>(text: String) -> Result<Self, E> {
        let per_second = text.strip_suffix("/s").and_then(|rate| rate.trim().parse().ok());
        let per_second = per_second.ok_or_else(|| {
            E::custom(format!(
                "{text:?} is no rate; expected one such as 1/s, or {{ per_second: 1, burst: 1 }}"
            ))
        })?;
        Ok(Self { per_second: checked_rate(per_second)?, burst: one(), code: None })
    }

    /// Written with its keys: they say what the short form leaves open.
    #[expect(clippy::unused_self, reason = "as the writer of checked effects calls it")]
    fn as_text(&self) -> Option<&'static str> {
        None
    }

    /// Takes a token; if there is none, how long it takes until there is one.
    fn take(&self, bucket: &mut Option<Bucket>, now: SignedDuration) -> Option<Duration> {
        let full = f64::from(self.burst.get());
        let Bucket { tokens, at } = bucket.unwrap_or(Bucket { tokens: full, at: now });
        let filled = (tokens + now.saturating_sub(at).as_secs_f64().max(0.0) * self.per_second).min(full);
        let taken = filled >= 1.0;
        *bucket = Some(Bucket { tokens: if taken { filled - 1.0 } else { filled }, at: now });
        let wait = (1.0 - filled) / self.per_second;
        (!taken).then(|| Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX))
    }

    /// With both families of headers: SDKs of today read `x-acs-retry-after`, older ones the other
    /// (spec/protocol.md §4.2). Both are in milliseconds.
    fn refusal(&self, wait: Duration) -> FaultRefusal {
        let millis = u64::try_from(wait.as_micros().div_ceil(1000)).unwrap_or(u64::MAX).max(1);
        let code = self.code.unwrap_or(Code::THROTTLING_USER);
        let older = if *code == *Code::THROTTLING_API { "x-ratelimit-user-api" } else { "x-ratelimit-user" };
        let limit = self.per_second.ceil();
        let state = format!("Limit:{limit},Remain:0,TimeLeft:{millis},Reset:{millis}");
        // Digits and a few signs are always a header's value.
        let state = HeaderValue::try_from(state).ok().map(|state| (HeaderName::from_static(older), state));
        let mut headers = vec![(HeaderName::from_static("x-acs-retry-after"), HeaderValue::from(millis))];
        headers.extend(state);
        let retry_after = Some(Duration::from_millis(millis));
        FaultRefusal::Error { error: code.into(), headers, retry_after }
    }
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    checked_rate(f64::deserialize(deserializer)?)
}

fn checked_rate<E: Error>(rate: f64) -> Result<f64, E> {
    match rate {
        0.001..=1_000_000.0 => Ok(rate),
        other => Err(E::custom(format!("expected calls per second from 0.001 to 1000000, not {other}"))),
    }
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'static Code>, D::Error> {
    let name = String::deserialize(deserializer)?;
    CODES.into_iter().find(|code| code.name == name).map(Some).ok_or_else(|| {
        let hint = did_you_mean(&name, CODES.iter().map(|code| code.name));
        D::Error::custom(format!("{name:?} is not a code of throttling{hint}"))
    })
}

#[cfg(test)]
fn or_rate(keys: &mut schemars::Schema) {
    crate::text::schema::or_text(keys, crate::text::schema::text("[0-9.]+ */s", &["1/s"]).as_value());
}

#[cfg(test)]
fn codes(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "enum": CODES.map(|code| code.name) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow() -> Throttle {
        serde_json::from_str(r#"{"per_second":2,"burst":3}"#).unwrap()
    }

    #[test]
    fn a_burst_then_so_many_a_second() {
        let mut bucket = None;
        let mut at = |millis| slow().take(&mut bucket, SignedDuration::from_millis(millis)).is_none();
        assert_eq!([at(0), at(0), at(0), at(0)], [true, true, true, false]);
        assert_eq!([at(499), at(500), at(501), at(1000)], [false, true, false, true]);
        // However long the pause, it holds no more than its burst.
        assert_eq!([at(60_000), at(60_000), at(60_000), at(60_000)], [true, true, true, false]);
    }

    #[test]
    fn a_rate_may_be_a_text() {
        let read = |text: &str| serde_json::from_str::<Throttle>(text).map_err(|error| error.to_string());
        assert_eq!(read(r#""2/s""#), read(r#"{"per_second":2}"#));
        assert!((read(r#""0.5 /s""#).unwrap().per_second - 0.5).abs() < 1e-9);
        for wrong in [r#""2""#, r#""2/m""#, r#""0/s""#, r#""many/s""#, "2"] {
            assert!(read(wrong).unwrap_err().contains("expected"), "{wrong}");
        }
    }

    #[test]
    fn the_wait_is_what_the_headers_say() {
        let mut bucket = Some(Bucket { tokens: 0.0, at: SignedDuration::ZERO });
        let wait = slow().take(&mut bucket, SignedDuration::from_millis(100)).unwrap();
        let FaultRefusal::Error { error, headers, retry_after } = slow().refusal(wait) else { panic!() };
        assert_eq!((error.status, error.code.as_ref()), (400, "Throttling.User"));
        assert_eq!(retry_after, Some(Duration::from_millis(400)));
        let shown: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        insta::assert_snapshot!(shown.join("\n"), @"
        x-acs-retry-after: 400
        x-ratelimit-user: Limit:2,Remain:0,TimeLeft:400,Reset:400
        ");
    }
}
