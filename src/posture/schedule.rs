//! When the last of the checks was that run by themselves every few days. It follows from the time alone, so that nothing is
//! stored and a clock that moves on finds newer checks.

use jiff::Timestamp;
use jiff::tz::Offset;

const DAY: i64 = 86_400;
/// The zone in which the service reckons days and writes times.
pub(crate) const SERVICE_ZONE: Offset = Offset::constant(8);

/// The last time up to `now` that is `second` seconds into a day that ends a cycle of so many days.
pub(crate) fn last_run(now: Timestamp, cycle_days: u32, second: u32) -> Timestamp {
    let cycle = i64::from(cycle_days.max(1));
    // Days are counted from 1970-01-01. A snapshot may have a cycle of any length, so that no days are walked over.
    at(now, last_day(now, second).div_euclid(cycle) * cycle, second)
}

/// The last time up to `now` that is `second` seconds into one of these days of the week, of which 1 is Monday.
pub(crate) fn last_run_on(now: Timestamp, weekdays: &[u8], second: u32) -> Timestamp {
    // The first day of all, 1970-01-01, was a Thursday.
    let is_due = |day: i64| {
        weekdays.is_empty() || weekdays.contains(&u8::try_from((day + 3).rem_euclid(7) + 1).unwrap_or(1))
    };
    let last = last_day(now, second);
    let day = (last - 6..=last).rev().find(|day| is_due(*day));
    day.map_or(now, |day| at(now, day, second))
}

/// The last day of which that second is past; some seconds are beyond the end of their day.
fn last_day(now: Timestamp, second: u32) -> i64 {
    (now.as_second() + zone() - i64::from(second)).div_euclid(DAY)
}

/// Seconds east.
fn zone() -> i64 {
    SERVICE_ZONE.seconds().into()
}

fn at(now: Timestamp, day: i64, second: u32) -> Timestamp {
    Timestamp::from_second(day * DAY + i64::from(second) - zone()).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_last_run_is_at_its_time_of_day_and_never_later_than_now() {
        // 1970-01-01 08:00:10 of the service's day.
        let now = second(10);
        assert_eq!(last_run(now, 1, 8 * 3_600), second(0));
        assert_eq!(last_run(now, 1, 8 * 3_600 + 11), second(11 - DAY));
        assert_eq!(last_run(second(9 * DAY), 3, 8 * 3_600), second(9 * DAY));
        assert_eq!(last_run(second(11 * DAY), 3, 8 * 3_600), second(9 * DAY));
        let late = 25 * 3_600;
        assert_eq!(
            last_run(second(9 * DAY), 1, late),
            second(9 * DAY + 17 * 3_600 - DAY),
            "of a day that has ended"
        );
        assert!(last_run(now, u32::MAX, 8 * 3_600) <= now, "a cycle from an edited snapshot");
        for wait in 0..20 {
            let now = second(10 + wait * DAY / 2);
            let monday = last_run_on(now, &[1], 0);
            assert!(monday <= now && (monday.as_second() + zone()).div_euclid(DAY).rem_euclid(7) == 4);
        }
    }
}
