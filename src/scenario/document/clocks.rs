//! `clock:` and `gateway_clock:`.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::{filled, overlaid, values};
use crate::clock::{self, ClockStart, GatewayClock};
use crate::text::duration::TextDuration;

/// `clock: { start: now, rate: 1, paused: false }`
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "a clock such as { start: now, rate: 1 }")]
pub(super) struct ClockKeys {
    /// The time it shows at the start time: `now`, or a time.
    #[serde(deserialize_with = "start")]
    #[cfg_attr(test, schemars(schema_with = "super::schema::start"))]
    start: Option<Start>,
    /// Seconds it moves per real second.
    #[serde(deserialize_with = "rate")]
    #[cfg_attr(test, schemars(range(min = 0.0001, max = 1_000_000.0)))]
    rate: Option<f64>,
    /// Whether it stands still.
    paused: Option<bool>,
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    clock::checked(f64::deserialize(deserializer)?).map(Some).map_err(D::Error::custom)
}

overlaid!(ClockKeys { start, rate, paused });
filled!(ClockKeys { start, rate, paused } -> ClockStart);

/// A time, or none for `now`.
type Start = Option<Timestamp>;

fn start<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Start>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let time = if text == "now" { Ok(None) } else { text.parse().map(Some) };
    time.map(Some).map_err(|_| {
        D::Error::custom(format!("{text:?} is not a time; expected now, or one such as 2026-11-24T00:00:00Z"))
    })
}

/// `gateway_clock: { skew: 16m }` or `{ pin: 2026-11-24T02:14:00Z }`
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "GatewayClockKeys"))]
#[serde(try_from = "GatewayClockKeys")]
pub(super) struct GatewayClockKey(pub(super) GatewayClock);

#[derive(Deserialize, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("maxProperties" = 1)))]
#[serde(deny_unknown_fields, default)]
#[serde(expecting = "a gateway clock such as { skew: 16m } or { pin: 2026-11-24T02:14:00Z }")]
struct GatewayClockKeys {
    /// So far it is from the machine's clock: `16m`, or `-16m` for a clock that is behind.
    #[cfg_attr(test, schemars(with = "Option<crate::text::schema::SignedLength>"))]
    skew: Option<TextDuration>,
    /// It always shows this time: for replaying recorded requests.
    #[serde(deserialize_with = "values::time")]
    #[cfg_attr(test, schemars(with = "Option<crate::text::schema::Time>"))]
    pin: Option<Timestamp>,
}

impl TryFrom<GatewayClockKeys> for GatewayClockKey {
    type Error = &'static str;

    fn try_from(keys: GatewayClockKeys) -> Result<Self, Self::Error> {
        match (keys.skew, keys.pin) {
            (Some(_), Some(_)) => Err("the gateway clock has either skew: or pin:, not both"),
            (None, Some(time)) => Ok(Self(GatewayClock::Pinned(time))),
            (skew, None) => Ok(Self(GatewayClock::Skewed(skew.unwrap_or_default().0))),
        }
    }
}
