//! When the last of the checks was that run by themselves every few days. It follows from the time alone, so that nothing is
//! stored and a clock that moves on finds newer checks.

use jiff::Timestamp;

const DAY: i64 = 86_400;
/// The service's days begin at midnight of UTC+8.
const OFFSET: i64 = 8 * 3_600;

/// The last time up to `now` that is `second` seconds into a day that ends a cycle of so many days.
pub fn last_run(now: Timestamp, cycle_days: u32, second: u32) -> Timestamp {
    let cycle = i64::from(cycle_days.max(1));
    last(now, second, |day| day.rem_euclid(cycle) == 0, cycle)
}

/// The last time up to `now` that is `second` seconds into one of these days of the week, of which 1 is Monday.
pub fn last_run_on(now: Timestamp, weekdays: &[u8], second: u32) -> Timestamp {
    // The first day of all, 1970-01-01, was a Thursday.
    let is_due = |day: i64| {
        weekdays.is_empty() || weekdays.contains(&u8::try_from((day + 3).rem_euclid(7) + 1).unwrap_or(1))
    };
    last(now, second, is_due, 7)
}

fn last(now: Timestamp, second: u32, is_due: impl Fn(i64) -> bool, within_days: i64) -> Timestamp {
    let local = now.as_second() + OFFSET;
    let today = local.div_euclid(DAY);
    let at = |day: i64| day * DAY + i64::from(second);
    let day = (today - within_days..=today).rev().find(|day| is_due(*day) && at(*day) <= local);
    let at = day.map_or(local, at) - OFFSET;
    Timestamp::from_second(at).unwrap_or(now)
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
        for wait in 0..20 {
            let now = second(10 + wait * DAY / 2);
            let monday = last_run_on(now, &[1], 0);
            assert!(monday <= now && (monday.as_second() + OFFSET).div_euclid(DAY).rem_euclid(7) == 4);
        }
    }
}
