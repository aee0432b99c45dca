//! `ModifyCycleTask`: change a cycle task; absent parameters leave it unchanged (spec/operations.json).

use super::fields;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("ModifyCycleTask", run)
    .summary("change a cycle task")
    .params(params! {
        Text "ConfigId" required, Text "TaskType", Text "TaskName", Integer "Enable", Integer "FirstDateStr",
        Integer "IntervalPeriod", Text "PeriodUnit", Integer "TargetStartTime", Integer "TargetEndTime",
        Text "Param",
    })
    .evidence("whole; shape documented, the refusal of an unknown id assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let refused = context.world.assumptions.argument_error();
    let wanted = params.text("ConfigId");
    let cycle = context.account.cycles.iter_mut().find(|cycle| cycle.id.to_string() == wanted);
    let cycle = cycle.ok_or(refused)?;
    // A value out of range leaves the whole unchanged.
    let mut changed = cycle.clone();
    fields::set(&mut changed, params).ok_or(refused)?;
    *cycle = changed;
    Ok(Value::reply([]))
}
