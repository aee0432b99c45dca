//! `DeleteStrategy`: delete a strategy of baseline checks (`spec/all_operations.json`).

use crate::operations::prelude::*;
use crate::operations::strategy_execution::strategy;

pub(super) static OPERATION: Operation = Operation::new("DeleteStrategy", run)
    .summary("delete a strategy of baseline checks")
    .params(params! {
        Text "Id" required,
        Text "Lang" ignored "replies are in one language",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("whole; shape documented, refusals for an unknown strategy and for the default one assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (id, _) = strategy(context, params.text("Id").parse().ok())?;
    let deleted = context.account.posture.baseline.delete_strategy(id);
    deleted.map_err(|_| ApiError::from(context.world.assumptions.argument_error()))?;
    Ok(Value::reply([]))
}
