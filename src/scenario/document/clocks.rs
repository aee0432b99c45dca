//! `clock:` and `gateway_clock:`.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::values;
use crate::clock::{self, ClockStart, GatewayClock};

/// `clock: { start: now, rate: 1, paused: false }`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ClockKeys {
    #[serde(deserialize_with = "values::time_or_now")]
    start: Option<Timestamp>,
    #[serde(deserialize_with = "rate")]
    rate: f64,
    paused: bool,
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    clock::checked(f64::deserialize(deserializer)?).map_err(D::Error::custom)
}

impl Default for ClockKeys {
    fn default() -> Self {
        let ClockStart { start, rate, paused } = ClockStart::default();
        Self { start, rate, paused }
    }
}

impl From<ClockKeys> for ClockStart {
    fn from(ClockKeys { start, rate, paused }: ClockKeys) -> Self {
        Self { start, rate, paused }
    }
}

/// `gateway_clock: { skew: 16m }` or `{ pin: 2026-11-24T02:14:00Z }`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "GatewayClockKeys")]
pub(super) struct GatewayClockKey(pub(super) GatewayClock);

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct GatewayClockKeys {
    #[serde(deserialize_with = "values::offset")]
    skew: Option<SignedDuration>,
    pin: Option<Timestamp>,
}

impl TryFrom<GatewayClockKeys> for GatewayClockKey {
    type Error = &'static str;

    fn try_from(keys: GatewayClockKeys) -> Result<Self, Self::Error> {
        match (keys.skew, keys.pin) {
            (Some(_), Some(_)) => Err("the gateway clock has either skew: or pin:, not both"),
            (None, Some(time)) => Ok(Self(GatewayClock::Pinned(time))),
            (skew, None) => Ok(Self(GatewayClock::Skewed(skew.unwrap_or_default()))),
        }
    }
}
