//! `DescribeCycleTaskList`: the cycle tasks of the account (spec/operations.json). Newest first is a guess.

use crate::domain::cycle::CycleTask;
use crate::domain::{ApiError, Params, Value};
use crate::operations::page::Page;
use crate::operations::{Context, Operation, Param};

pub(super) static OPERATION: Operation = Operation::new("DescribeCycleTaskList", run)
    .summary("the cycle tasks of the account")
    .params(&[
        Param::text("ConfigId"),
        Param::text("TaskType"),
        Param::text("TaskName"),
        Param::int("CurrentPage"),
        Param::int("PageSize"),
    ])
    .evidence("whole; shape documented, order assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let is = |name, value: &str| params.non_empty(name).is_none_or(|wanted| wanted == value);
    let wanted = |cycle: &&CycleTask| {
        is("ConfigId", &cycle.id.to_string())
            && is("TaskType", cycle.task_type.as_str())
            && is("TaskName", &cycle.name)
    };
    let cycles = || context.account.cycles.iter().rev().filter(wanted);
    let (found, info) = Page::of(params).cut(cycles().count(), cycles());
    let values = found.into_iter().map(|cycle| shown(cycle, context)).collect();
    Ok(Value::reply([
        ("PageInfo", info),
        ("CycleScheduleResponseList", Value::List { item: "CycleScheduleResponse", values }),
    ]))
}

fn shown(cycle: &CycleTask, context: &Context<'_>) -> Value {
    let last = cycle.last_task.map(|id| id.to_string()).unwrap_or_default();
    let next = cycle.next_after(context.now).filter(|_| cycle.enabled);
    Value::Map(vec![
        ("ConfigId", Value::text(cycle.id.to_string())),
        ("TaskType", Value::text(cycle.task_type.as_str().to_owned())),
        ("TaskName", Value::text(cycle.name.clone())),
        ("Enable", Value::Int(cycle.enabled.into())),
        ("FirstDateStr", Value::Int(cycle.first_date)),
        ("IntervalPeriod", Value::int(cycle.interval)),
        ("PeriodUnit", Value::text(cycle.unit.as_str())),
        ("TargetStartTime", Value::int(cycle.start_hour)),
        ("TargetEndTime", Value::int(cycle.end_hour)),
        ("Param", Value::text(cycle.param.clone())),
        ("NextStartTimeStr", next.map_or(Value::Int(0), Value::millis)),
        ("LastTaskId", Value::text(last)),
    ])
}
