//! `GetOnceTaskResultInfo`: the state of one given task (spec/api.md §1.4).

use super::get_last_once_task_info::{reply, shown};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("GetOnceTaskResultInfo", run)
    .summary("the state of one given task")
    .legacy_ram()
    .params(params! {
        Text "TaskId" required, Text "TaskType" required,
        Text "TaskName" required ignored "the id alone names the task",
    })
    .identity(&["TaskId", "TaskType"])
    .evidence("whole; shape documented, answer for an unknown id assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (now, assumptions) = (context.now, context.world.assumptions);
    let wanted = params.text("TaskType");
    let tasks = &mut context.account.tasks;
    let found = tasks.find(params.text("TaskId")).filter(|task| task.task_type().as_str() == wanted);
    match found.map(|task| task.id).and_then(|id| tasks.change(id, |task| task.look(now))) {
        Some((task, state)) => {
            let info = members! { "Status": shown(state, assumptions).0.as_str() };
            Ok(reply(Some((task, state)), assumptions, info))
        }
        None => assumptions.check_unknown_task().map(|()| reply(None, assumptions, Vec::new())),
    }
}
