//! `GenerateOnceTask`: start a task (spec/api.md §1.3).

use super::{Context, Operation, Param, births, named};
use crate::domain::assumptions::{LastTask, LimitForm};
use crate::domain::{ApiError, Birth, Code, Params, Source, TaskType, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "GenerateOnceTask",
    summary: "start a task",
    ram_action: "yundun-aegis:GenerateOnceTask",
    params: &[
        Param::text("TaskType").required(),
        Param::text("TaskName").required(),
        Param::text("Param").required(),
        Param::text("Source"),
    ],
    evidence: "whole; shape and limit documented, form of the refusal and LastTask assumed",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let text = |name| params.filled(name).unwrap_or_default();
    // No UUID means all servers.
    let targets = named::param_uuids(text("Param")).ok_or(context.world.assumptions.argument_error())?;
    let task_type = TaskType::new(text("TaskType"));
    let previous = context.account.tasks.newest(&task_type, None).next().map(|task| task.id);
    let birth = Birth {
        name: text("TaskName").to_owned(),
        source: params.filled("Source").map_or(Source::OPENAPI, Source::new),
        param: Some(text("Param").to_owned()),
        targets,
        ..Birth::of(task_type.as_str())
    };
    let Some(id) = births::start_if_allowed(context, birth) else {
        return refusal(context, previous.map(|id| id.to_string()).unwrap_or_default());
    };
    let last = match context.world.assumptions.last_task {
        LastTask::New => Some(id),
        LastTask::Previous => previous,
    };
    let id = id.to_string();
    let state = context.account.tasks.find(&id).map(|task| task.state_at(context.now));
    let (total, finished) = state.map_or((0, 0), |state| (state.total_count, state.finish_count));
    Ok(Value::Map(vec![
        ("RequestId", Value::RequestId),
        ("CanCreate", Value::Bool(true)),
        ("LastTask", Value::text(last.map(|id| id.to_string()).unwrap_or_default())),
        ("CollectTime", Value::millis(context.now)),
        ("TotalCount", Value::int(total)),
        ("TaskId", Value::text(id)),
        ("FinishCount", Value::int(finished)),
    ]))
}

/// As many tasks run as may.
fn refusal(context: &Context<'_>, last: String) -> Result<Value, ApiError> {
    check_refusal(context)?;
    Ok(Value::Map(vec![
        ("RequestId", Value::RequestId),
        ("CanCreate", Value::Bool(false)),
        ("LastTask", Value::text(last)),
    ]))
}

/// Whether a refusal is an error rather than an answer that says no.
pub(super) fn check_refusal(context: &Context<'_>) -> Result<(), ApiError> {
    match context.world.assumptions.limit {
        LimitForm::Error => Err(Code::THROTTLING_USER.into()),
        LimitForm::CanCreate => Ok(()),
    }
}
