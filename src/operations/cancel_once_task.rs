//! `CancelOnceTask`: end a task (spec/api.md §1.5). Only that it cancels the main task is documented.

use super::{Context, Operation, Param};
use crate::domain::assumptions::UnknownTask;
use crate::domain::{ApiError, Params, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "CancelOnceTask",
    summary: "end a task",
    ram_action: "yundun-sas:CancelOnceTask",
    params: &[Param::text("TaskId").required()],
    evidence: "whole; what becomes of the task assumed",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (now, assumptions) = (context.now, context.world.assumptions);
    match context.account.tasks.find_mut(params.filled("TaskId").unwrap_or_default()) {
        // No list has a word for cancelled; a failed task is the nearest.
        Some(task) => task.cancel(now),
        None if assumptions.unknown_task == UnknownTask::Error => {
            return Err(assumptions.argument_error().into());
        }
        None => {}
    }
    Ok(Value::only_request_id())
}
