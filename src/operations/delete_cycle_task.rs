//! `DeleteCycleTask`: forget a cycle task; what it started goes on (spec/operations.json).

use super::{Context, Operation, Param};
use crate::domain::assumptions::UnknownTask;
use crate::domain::{ApiError, Params, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "DeleteCycleTask",
    summary: "forget a cycle task",
    ram_action: "yundun-sas:DeleteCycleTask",
    params: &[Param::text("ConfigId").required()],
    evidence: "whole; shape documented, answer for an unknown id assumed",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (assumptions, cycles) = (context.world.assumptions, &mut context.account.cycles);
    let wanted = params.filled("ConfigId").unwrap_or_default();
    let before = cycles.len();
    cycles.retain(|cycle| cycle.id.to_string() != wanted);
    if cycles.len() == before && assumptions.unknown_task == UnknownTask::Error {
        return Err(assumptions.argument_error().into());
    }
    Ok(Value::only_request_id())
}
