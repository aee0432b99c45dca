//! `ListUnfinishedOnceTask`: what still runs on one target (spec/api.md §1.8).

use super::leaf::{self, Counts};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("ListUnfinishedOnceTask", run)
    .summary("what still runs on one target")
    .params(params! { Text "TaskType" required, Text "Target" })
    .identity(&["TaskType"])
    .evidence("whole; shape and the refusal without Target documented");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    // Documented for this operation as -101, whatever others say.
    let target = params.non_empty("Target").ok_or(Code::ARGUMENT)?;
    let (now, task_type) = (context.now, params.text("TaskType"));
    let tasks = context.account.tasks.unfinished(now).filter(|task| task.task_type.as_str() == task_type);
    let leaves = tasks.flat_map(|task| task.subtasks(now).on(target).map(move |leaf| (task, leaf)));
    let running = leaves.filter(|(_, leaf)| !leaf.status.is_terminal());
    let shown = running.map(|(task, leaf)| leaf::value(task, &leaf, now, Counts::Numbers, true));
    Ok(Value::reply([("OnceTasks".into(), Value::list("OnceTasks", shown))]))
}
