//! `DeleteCycleTask`: delete a cycle task; the tasks it started continue (spec/operations.json).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DeleteCycleTask", run)
    .summary("forget a cycle task")
    .params(params! { Text "ConfigId" required })
    .evidence("whole; shape documented, answer for an unknown id assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let cycles = &mut context.account.cycles;
    let wanted = params.text("ConfigId");
    let before = cycles.len();
    cycles.retain(|cycle| cycle.id.to_string() != wanted);
    if cycles.len() == before {
        context.world.assumptions.check_unknown_task()?;
    }
    Ok(Value::reply([]))
}
