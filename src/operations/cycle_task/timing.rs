//! The parameters that decide when a cycle task starts its tasks, checked beyond what the gateway checks.

use jiff::Timestamp;

use crate::domain::cycle::PeriodUnit;
use crate::domain::{Code, Params};

/// The given values; `None` for those that are absent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Timing {
    pub(super) enabled: Option<bool>,
    pub(super) first_date: Option<i64>,
    pub(super) interval: Option<u32>,
    pub(super) unit: Option<PeriodUnit>,
    pub(super) start_hour: Option<u8>,
    pub(super) end_hour: Option<u8>,
}

impl Timing {
    /// Reads them; returns the error if one is out of range.
    pub(super) fn of(params: &Params, refused: &'static Code) -> Result<Self, &'static Code> {
        let hour = |name| {
            let hour = |hour| u8::try_from(hour).ok().filter(|hour| *hour <= 24);
            params.int(name).map(|given| hour(given).ok_or(refused)).transpose()
        };
        let int = |name, is_good: fn(i64) -> bool| {
            params.int(name).map(|given| if is_good(given) { Ok(given) } else { Err(refused) }).transpose()
        };
        let unit = params.non_empty("PeriodUnit").map(|unit| PeriodUnit::new(unit).ok_or(refused));
        let interval = params
            .int("IntervalPeriod")
            .map(|units| u32::try_from(units).ok().filter(|units| *units > 0).ok_or(refused));
        Ok(Self {
            enabled: int("Enable", |switch| [0, 1].contains(&switch))?.map(|switch| switch == 1),
            first_date: int("FirstDateStr", |date| Timestamp::from_millisecond(date).is_ok())?,
            interval: interval.transpose()?,
            unit: unit.transpose()?,
            start_hour: hour("TargetStartTime")?,
            end_hour: hour("TargetEndTime")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(name: &str, value: &str) -> Option<Timing> {
        Timing::of(&Params::new(vec![(name.to_owned(), value.to_owned())]), Code::ARGUMENT).ok()
    }

    #[test]
    fn values_out_of_range_are_refused() {
        assert_eq!(timing("Other", "x"), Some(Timing::default()));
        assert_eq!(timing("PeriodUnit", "hour").unwrap().unit, Some(PeriodUnit::Hour));
        for (name, value) in [
            ("PeriodUnit", "week"),
            ("Enable", "2"),
            ("IntervalPeriod", "0"),
            ("TargetStartTime", "25"),
            ("TargetEndTime", "-1"),
            ("FirstDateStr", "9223372036854775807"),
        ] {
            assert_eq!(timing(name, value), None, "{name}={value}");
        }
    }
}
