//! `CancelOnceTask`: end a task (spec/api.md §1.5). Only that it cancels the main task is documented.

use crate::domain::assumptions::UnknownTask;
use crate::domain::{ApiError, Params, Value};
use crate::operations::{Context, Operation, Param};

pub(super) static OPERATION: Operation = Operation::new("CancelOnceTask", run)
    .summary("end a task")
    .params(&[Param::text("TaskId").required()])
    .identity(&["TaskId"])
    .evidence("whole; what becomes of the task assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (now, assumptions) = (context.now, context.world.assumptions);
    match context.account.tasks.find_mut(params.text("TaskId")) {
        // No documented list has a word for cancelled; FAIL is the nearest.
        Some(task) => task.cancel(now),
        None if assumptions.unknown_task == UnknownTask::Error => {
            return Err(assumptions.argument_error().into());
        }
        None => {}
    }
    Ok(Value::reply([]))
}
