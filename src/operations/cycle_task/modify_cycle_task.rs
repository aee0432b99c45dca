//! `ModifyCycleTask`: change a cycle task; absent parameters leave it unchanged (spec/operations.json).

use super::timing::Timing;
use crate::domain::{ApiError, Params, TaskType, Value};
use crate::operations::{Context, Operation, Param};

pub(super) static OPERATION: Operation = Operation::new("ModifyCycleTask", run)
    .summary("change a cycle task")
    .params(&[
        Param::text("ConfigId").required(),
        Param::text("TaskType"),
        Param::text("TaskName"),
        Param::int("Enable"),
        Param::int("FirstDateStr"),
        Param::int("IntervalPeriod"),
        Param::text("PeriodUnit"),
        Param::int("TargetStartTime"),
        Param::int("TargetEndTime"),
        Param::text("Param"),
    ])
    .evidence("whole; shape documented, the refusal of an unknown id assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let refused = context.world.assumptions.argument_error();
    let timing = Timing::of(params, refused)?;
    let wanted = params.text("ConfigId");
    let cycle = context.account.cycles.iter_mut().find(|cycle| cycle.id.to_string() == wanted);
    let cycle = cycle.ok_or(refused)?;
    if let Some(task_type) = params.non_empty("TaskType") {
        cycle.task_type = TaskType::new(task_type);
    }
    if let Some(name) = params.non_empty("TaskName") {
        name.clone_into(&mut cycle.name);
    }
    if let Some(param) = params.non_empty("Param") {
        param.clone_into(&mut cycle.param);
    }
    cycle.enabled = timing.enabled.unwrap_or(cycle.enabled);
    cycle.first_date = timing.first_date.unwrap_or(cycle.first_date);
    cycle.interval = timing.interval.unwrap_or(cycle.interval);
    cycle.unit = timing.unit.unwrap_or(cycle.unit);
    cycle.start_hour = timing.start_hour.unwrap_or(cycle.start_hour);
    cycle.end_hour = timing.end_hour.unwrap_or(cycle.end_hour);
    Ok(Value::reply([]))
}
