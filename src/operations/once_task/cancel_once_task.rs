//! `CancelOnceTask`: end a task (spec/api.md §1.5). Only that it cancels the main task is documented.

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("CancelOnceTask", run)
    .summary("end a task")
    .params(params! { Text "TaskId" required })
    .identity(&["TaskId"])
    .evidence("whole; what becomes of the task assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let tasks = &mut context.account.tasks;
    match tasks.find(params.text("TaskId")).map(|task| task.id) {
        // No documented list has a word for cancelled; FAIL is the nearest.
        Some(id) => drop(tasks.change(id, |task| task.cancel(context.now))),
        None => context.world.assumptions.check_unknown_task()?,
    }
    Ok(Value::reply([]))
}
