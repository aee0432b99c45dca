//! `DescribeCycleTaskList`: the cycle tasks of the account (spec/operations.json). Newest first is a guess.

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeCycleTaskList", run)
    .summary("the cycle tasks of the account")
    .params(params! { Text "ConfigId", Text "TaskType", Text "TaskName", Integer "CurrentPage", Integer "PageSize" })
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
    let cycles = found.into_iter().map(|cycle| shown(cycle, context.now));
    Ok(Value::reply(members! {
        "PageInfo": Value::Map(info),
        "CycleScheduleResponseList": Value::list("CycleScheduleResponse", cycles),
    }))
}

fn shown(cycle: &CycleTask, now: Timestamp) -> Value {
    let next = cycle.next_after(now).filter(|_| cycle.enabled);
    Value::Map(members! {
        "ConfigId": cycle.id, "TaskType": cycle.task_type.as_str().to_owned(), "TaskName": &cycle.name,
        "Enable": i64::from(cycle.enabled), "FirstDateStr": cycle.first_date,
        "IntervalPeriod": cycle.interval, "PeriodUnit": cycle.unit.as_str(),
        "TargetStartTime": cycle.start_hour, "TargetEndTime": cycle.end_hour,
        "Param": cycle.param.to_string(), "NextStartTimeStr": next.unwrap_or_default(),
        "LastTaskId": cycle.last_task.map(|id| id.to_string()).unwrap_or_default(),
    })
}
