//! `ListUnfinishedOnceTask`: what still runs on one target (spec/api.md §1.8).

use super::leaf::{self, Counts};
use super::{Context, Operation, Param};
use crate::domain::{ApiError, Code, Params, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "ListUnfinishedOnceTask",
    summary: "what still runs on one target",
    ram_action: "yundun-sas:ListUnfinishedOnceTask",
    params: &[Param::text("TaskType").required(), Param::text("Target")],
    evidence: "whole; shape and the refusal without Target documented",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    // Documented for this operation as -101, whatever others say.
    let target = params.filled("Target").ok_or(Code::ARGUMENT)?;
    let (now, task_type) = (context.now, params.filled("TaskType").unwrap_or_default());
    let tasks = context.account.tasks.unfinished(now).filter(|task| task.task_type.as_str() == task_type);
    let leaves = tasks.flat_map(|task| task.subtasks(now).map(move |subtask| (task, subtask)));
    let running = leaves.filter(|(_, leaf)| !leaf.status.is_terminal() && leaf::target(leaf) == target);
    let values = running.map(|(task, leaf)| leaf::value(task, &leaf, now, Counts::Numbers, true)).collect();
    Ok(Value::Map(vec![
        ("RequestId", Value::RequestId),
        ("OnceTasks", Value::List { item: "OnceTasks", values }),
    ]))
}
