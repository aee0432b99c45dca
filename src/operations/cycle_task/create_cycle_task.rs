//! `CreateCycleTask`: start tasks at fixed intervals (spec/operations.json; catalogue page of spec/api.md §2.1).

use super::fields;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("CreateCycleTask", run)
    .summary("start tasks at fixed intervals")
    .params(params! {
        Text "TaskType" required, Text "TaskName" required, Integer "Enable" required,
        Integer "FirstDateStr" required, Integer "IntervalPeriod" required, Text "PeriodUnit" required,
        Integer "TargetStartTime" required, Integer "TargetEndTime" required, Text "Param",
        Text "Source" ignored "tasks of a schedule have the source schedule",
    })
    .evidence("whole; shape documented, what it starts and how many there may be assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let refused = context.world.assumptions.argument_error();
    // Every call checks each of them, so their number is limited.
    if context.account.cycles.len() >= context.world.limits.cycles {
        return Err(refused.into());
    }
    let mut cycle = CycleTask::new(TaskId::new(0), context.now);
    fields::set(&mut cycle, params).ok_or(refused)?;
    // A refused call draws nothing.
    let cycles = &context.account.cycles;
    cycle.id = create::unused_id(context.dice, |id| cycles.iter().any(|cycle| cycle.id == id));
    let reply = members! { "ConfigId": cycle.id, "RequestId": Value::RequestId };
    context.account.cycles.push(cycle);
    Ok(Value::Map(reply))
}
