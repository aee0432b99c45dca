//! A cycle task: a schedule that starts once-tasks at fixed intervals. What is due is computed on demand.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::state::words;
use super::task_id::TaskId;
use super::task_type::{TaskType, VIRUS_SCAN};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CycleTask {
    pub id: TaskId,
    pub task_type: TaskType,
    pub name: String,
    /// `Param` of the tasks it starts, a JSON text.
    pub param: Arc<str>,
    pub enabled: bool,
    /// The first day, in ms, as the caller gave it.
    pub first_date: i64,
    pub interval: u32,
    pub unit: PeriodUnit,
    pub start_hour: u8,
    /// Hour of the day by which they should have ended.
    pub end_hour: u8,
    /// Everything due up to this time was started.
    pub settled: Timestamp,
    pub last_task: Option<TaskId>,
}

/// Times at equal distances. They are computed one by one, so that a jump of a thousand years takes no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueTimes {
    first: Timestamp,
    /// In seconds.
    step: i64,
    count: i64,
}

impl DueTimes {
    /// How many are left.
    pub fn count(&self) -> u64 {
        self.count.unsigned_abs()
    }

    pub fn newest(&self) -> Option<Timestamp> {
        let steps = self.count.checked_sub(1).filter(|steps| *steps >= 0)?;
        self.first.checked_add(SignedDuration::from_secs(self.step.checked_mul(steps)?)).ok()
    }

    /// How many of those that are left come before a time.
    pub fn count_before(&self, time: Timestamp) -> u64 {
        let Some(since) =
            time.duration_since(self.first).as_nanos().checked_sub(1).filter(|since| *since >= 0)
        else {
            return 0;
        };
        let steps = since / (i128::from(self.step) * 1_000_000_000) + 1;
        u64::try_from(steps).unwrap_or(u64::MAX).min(self.count())
    }

    /// Takes the newest one off.
    pub fn take_newest(&mut self) -> Option<Timestamp> {
        let newest = self.newest()?;
        self.count -= 1;
        Some(newest)
    }
}

words! {
    PeriodUnit {
        Day = "day",
        Hour = "hour",
    }
}

impl PeriodUnit {
    pub fn new(name: &str) -> Option<Self> {
        [Self::Day, Self::Hour].into_iter().find(|unit| unit.as_str() == name)
    }
}

impl CycleTask {
    /// A daily one that starts nothing yet.
    pub fn new(id: TaskId, now: Timestamp) -> Self {
        Self {
            id,
            task_type: TaskType::new(""),
            name: String::new(),
            param: "{}".into(),
            enabled: false,
            first_date: 0,
            interval: 1,
            unit: PeriodUnit::Day,
            start_hour: 0,
            end_hour: 0,
            settled: now,
            last_task: None,
        }
    }

    /// Type and name of the once-tasks it starts. Two of its documented types are no types of once-tasks; what they
    /// start is a guess (docs/fidelity.md).
    pub fn starts(&self) -> (TaskType, String) {
        let once = match self.task_type.as_str() {
            "VIRUS_VUL_SCHEDULE_SCAN" => VIRUS_SCAN,
            "EMG_VUL_SCHEDULE_SCAN" => "VUL_CHECK_TASK",
            _ => return (self.task_type.clone(), self.name.clone()),
        };
        (TaskType::new(once), once.to_owned())
    }

    pub fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        let first = Timestamp::from_millisecond(self.first_date).ok()?;
        let first = first.checked_add(SignedDuration::from_hours(i64::from(self.start_hour))).ok()?;
        if moment < first {
            return Some(first);
        }
        let step = self.seconds();
        let gone = moment.duration_since(first).as_secs() / step + 1;
        first.checked_add(SignedDuration::from_secs(gone.checked_mul(step)?)).ok()
    }

    /// The times that became due since it was last settled.
    pub fn due(&self, now: Timestamp) -> DueTimes {
        let first = self.next_after(self.settled).filter(|first| self.enabled && *first <= now);
        let step = self.seconds();
        let count = first.map_or(0, |first| now.duration_since(first).as_secs() / step + 1);
        DueTimes { first: first.unwrap_or(now), step, count }
    }

    fn seconds(&self) -> i64 {
        let hours = match self.unit {
            PeriodUnit::Day => 24,
            PeriodUnit::Hour => 1,
        };
        hours * 3600 * i64::from(self.interval.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn due_at_fixed_distances_from_the_first_day() {
        let cycle = CycleTask::new(TaskId::new(1), Timestamp::UNIX_EPOCH);
        let cycle = CycleTask { enabled: true, interval: 2, start_hour: 3, ..cycle };
        assert_eq!(cycle.next_after(hour(0)), Some(hour(3)));
        assert_eq!(cycle.next_after(hour(3)), Some(hour(51)));
        let mut due = cycle.due(hour(100));
        assert_eq!([0, 3, 4, 51, 52, 99, 100].map(|at| due.count_before(hour(at))), [0, 0, 1, 1, 2, 2, 3]);
        assert_eq!((due.count(), due.newest()), (3, Some(hour(99))));
        let taken: Vec<_> = std::iter::from_fn(|| due.take_newest()).collect();
        assert_eq!(taken, [hour(99), hour(51), hour(3)]);
        assert_eq!((due.count(), cycle.due(hour(2)).count(), cycle.due(hour(3)).count()), (0, 0, 1));
        let hourly = CycleTask { unit: PeriodUnit::Hour, interval: 1, ..cycle.clone() };
        assert_eq!(hourly.due(Timestamp::MAX).count(), 70_389_500);
        assert_eq!(CycleTask { enabled: false, ..cycle }.due(hour(100)).count(), 0);
    }
}
