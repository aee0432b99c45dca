//! `CreateCycleTask`: start tasks at fixed intervals (spec/operations.json; catalogue page of spec/api.md §2.1).

use super::timing::Timing;
use crate::domain::cycle::CycleTask;
use crate::domain::{ApiError, Params, TaskId, TaskType, Value};
use crate::operations::{Context, Operation, Param};

pub(super) static OPERATION: Operation = Operation::new("CreateCycleTask", run)
    .summary("start tasks at fixed distances")
    .params(&[
        Param::text("TaskType").required(),
        Param::text("TaskName").required(),
        Param::int("Enable").required(),
        Param::int("FirstDateStr").required(),
        Param::int("IntervalPeriod").required(),
        Param::text("PeriodUnit").required(),
        Param::int("TargetStartTime").required(),
        Param::int("TargetEndTime").required(),
        Param::text("Param"),
        Param::text("Source").ignored("tasks of a schedule have the source schedule"),
    ])
    .evidence("whole; shape documented, what it starts and how many there may be assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let refused = context.world.assumptions.argument_error();
    // Every call checks each of them, so their number is limited.
    if context.account.cycles.len() >= context.world.limits.cycles {
        return Err(refused.into());
    }
    let timing = Timing::of(params, refused)?;
    let cycle = CycleTask {
        id: TaskId::new(context.dice.task_id()),
        task_type: TaskType::new(params.text("TaskType")),
        name: params.text("TaskName").to_owned(),
        param: params.non_empty("Param").unwrap_or("{}").to_owned(),
        enabled: timing.enabled.ok_or(refused)?,
        first_date: timing.first_date.ok_or(refused)?,
        interval: timing.interval.ok_or(refused)?,
        unit: timing.unit.ok_or(refused)?,
        start_hour: timing.start_hour.ok_or(refused)?,
        end_hour: timing.end_hour.ok_or(refused)?,
        settled: context.now,
        last_task: None,
    };
    let id = cycle.id.to_string();
    context.account.cycles.push(cycle);
    Ok(Value::Map(vec![("ConfigId", Value::text(id)), ("RequestId", Value::RequestId)]))
}
