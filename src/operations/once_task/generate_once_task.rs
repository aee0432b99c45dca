//! `GenerateOnceTask`: start a task (spec/api.md §1.3).

use crate::domain::assumptions::LastTask;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("GenerateOnceTask", run)
    .summary("start a task")
    .legacy_ram()
    .params(params! {
        Text "TaskType" required, Text "TaskName" required, Text "Param" required, Text "Source",
    })
    .identity(&["TaskType"])
    .evidence("whole; shape and limit documented, form of the refusal and LastTask assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    // No UUID means all servers.
    let targets =
        id_list::param_uuids(params.text("Param")).ok_or(context.world.assumptions.argument_error())?;
    let task_type = TaskType::new(params.text("TaskType"));
    let previous = context.account.tasks.newest(&task_type, None).next().map(|task| task.id);
    let new = NewTask {
        name: params.text("TaskName").to_owned(),
        source: params.non_empty("Source").map_or(Source::OPENAPI, Source::new),
        param: Some(params.text("Param").to_owned()),
        targets,
        ..NewTask::of(task_type.as_str())
    };
    let started = create::start_within_limit(context, new)?;
    let last = match context.world.assumptions.last_task {
        LastTask::New => started.or(previous),
        LastTask::Previous => previous,
    };
    let mut members = members! {
        "CanCreate": started.is_some(), "LastTask": last.map(|id| id.to_string()).unwrap_or_default(),
    };
    if let Some(id) = started {
        let state = context.account.tasks.get(id).map(|task| task.state_at(context.now));
        members.extend(members! {
            "CollectTime": context.now,
            "TotalCount": state.map_or(0, |state| state.total_count),
            "TaskId": id,
            "FinishCount": state.map_or(0, |state| state.finish_count),
        });
    }
    Ok(Value::reply(members))
}
