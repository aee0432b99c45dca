//! `GetOnceTaskResultInfo`: the state of one given task (spec/api.md §1.4).

use super::get_last_once_task_info::{reply, shown};
use super::{Context, Operation, Param};
use crate::domain::assumptions::UnknownTask;
use crate::domain::{ApiError, Params, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "GetOnceTaskResultInfo",
    summary: "the state of one given task",
    ram_action: "yundun-aegis:GetOnceTaskResultInfo",
    params: &[
        Param::text("TaskId").required(),
        Param::text("TaskType").required(),
        Param::text("TaskName").required(),
    ],
    evidence: "whole; shape documented, answer for an unknown id assumed",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (now, assumptions) = (context.now, context.world.assumptions);
    let wanted = params.filled("TaskType").unwrap_or_default();
    let found = context.account.tasks.find_mut(params.filled("TaskId").unwrap_or_default());
    match found.filter(|task| task.task_type.as_str() == wanted) {
        Some(task) => {
            let state = task.look(now);
            let info = vec![("Status", Value::text(shown(state, assumptions).0.as_str()))];
            Ok(reply(Some((task, state)), assumptions, info))
        }
        None if assumptions.unknown_task == UnknownTask::Error => Err(assumptions.argument_error().into()),
        None => Ok(reply(None, assumptions, Vec::new())),
    }
}
