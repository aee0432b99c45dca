//! The parameters of a cycle task, checked beyond what the gateway checks.

use jiff::Timestamp;

use crate::domain::cycle::{CycleTask, PeriodUnit};
use crate::domain::{Params, TaskType};

/// Sets the fields that the parameters give; none if a value is out of range.
pub(super) fn set(cycle: &mut CycleTask, params: &Params) -> Option<()> {
    if let Some(task_type) = params.non_empty("TaskType") {
        cycle.task_type = TaskType::new(task_type);
    }
    if let Some(name) = params.non_empty("TaskName") {
        name.clone_into(&mut cycle.name);
    }
    if let Some(param) = params.non_empty("Param") {
        cycle.param = param.into();
    }
    if let Some(switch) = params.int("Enable") {
        cycle.enabled = [0, 1].contains(&switch).then_some(switch == 1)?;
    }
    if let Some(date) = params.int("FirstDateStr") {
        cycle.first_date = Timestamp::from_millisecond(date).ok()?.as_millisecond();
    }
    if let Some(units) = params.int("IntervalPeriod") {
        cycle.interval = u32::try_from(units).ok().filter(|units| *units > 0)?;
    }
    if let Some(unit) = params.non_empty("PeriodUnit") {
        cycle.unit = PeriodUnit::new(unit)?;
    }
    for (name, hour) in [("TargetStartTime", &mut cycle.start_hour), ("TargetEndTime", &mut cycle.end_hour)] {
        if let Some(given) = params.int(name) {
            *hour = u8::try_from(given).ok().filter(|hour| *hour <= 24)?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TaskId;

    fn changed(name: &str, value: &str) -> Option<CycleTask> {
        let mut cycle = CycleTask::new(TaskId::new(1), Timestamp::UNIX_EPOCH);
        set(&mut cycle, &Params::from_iter([(name, value)])).map(|()| cycle)
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let unchanged = CycleTask::new(TaskId::new(1), Timestamp::UNIX_EPOCH);
        assert_eq!(changed("Other", "x").unwrap(), unchanged);
        assert_eq!(changed("PeriodUnit", "hour").unwrap().unit, PeriodUnit::Hour);
        for (name, value) in [
            ("PeriodUnit", "week"),
            ("Enable", "2"),
            ("IntervalPeriod", "0"),
            ("TargetStartTime", "25"),
            ("TargetEndTime", "-1"),
            ("FirstDateStr", "9223372036854775807"),
        ] {
            assert_eq!(changed(name, value), None, "{name}={value}");
        }
    }
}
