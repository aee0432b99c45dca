//! `GetLastOnceTaskInfo`: the state of the newest task of a type (spec/api.md §1.2).

use crate::domain::assumptions::{FailedStatus, MissingStatus, Narrowing, TaskIdForm};
use crate::domain::{Assumptions, State};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("GetLastOnceTaskInfo", run)
    .summary("the state of the newest task of a type")
    .legacy_ram()
    .params(params! { Text "TaskType" required, Text "TaskName" required, Text "Source" })
    .identity(&["TaskType", "TaskName", "Source"])
    .evidence("whole; shape, values and errors documented");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (task_type, name) = (TaskType::new(params.text("TaskType")), params.text("TaskName"));
    let source = params.non_empty("Source");
    let (now, assumptions) = (context.now, context.world.assumptions);

    let is_first = context.account.tasks.newest(&task_type, None).len() == 0;
    if is_first && context.world.start_on_first_poll.covers(&task_type) {
        let source = source.map_or(Source::CONSOLE, Source::new);
        create::start(context, NewTask { name: name.to_owned(), source, ..NewTask::of(task_type.as_str()) });
    }
    let source = source.filter(|_| assumptions.source == Narrowing::Narrow);
    let tasks = &mut context.account.tasks;
    let latest = match assumptions.task_name {
        Narrowing::Narrow => tasks.latest(&task_type, source, name),
        Narrowing::Ignore => tasks.newest(&task_type, source).next(),
    };
    let latest = latest.map(|task| task.id);
    let Some((task, state)) = latest.and_then(|id| tasks.change(id, |task| task.look(now))) else {
        let mut info = members! { "Progress": 0, "Result": "TASK_NOT_EXISTS" };
        if assumptions.missing_status == MissingStatus::Init {
            info.insert(0, ("Status".into(), Status::Init.as_str().into()));
        }
        return Ok(reply(None, assumptions, info));
    };
    let (status, progress) = shown(state, assumptions);
    let info = members! { "Status": status.as_str(), "Progress": progress, "Result": state.result.as_str() };
    Ok(reply(Some((task, state)), assumptions, info))
}

/// Status and progress in the words of the operations whose documented list has no FAIL.
pub(super) fn shown(state: State, assumptions: Assumptions) -> (Status, u8) {
    match (state.status, assumptions.failed_status) {
        (Status::Fail, FailedStatus::Timeout) => (Status::Timeout, state.progress),
        // SUCCESS means 100, whatever became of the targets.
        (Status::Fail, FailedStatus::Success) => (Status::Success, 100),
        (status, _) => (status, state.progress),
    }
}

/// Members in the order of the documented sample; zeros if there is no task.
pub(super) fn reply(found: Option<(&Task, State)>, assumptions: Assumptions, info: Vec<Member>) -> Value {
    let id = found.map_or(0.into(), |(task, _)| match assumptions.task_id {
        TaskIdForm::Number => task.shown_number().into(),
        TaskIdForm::Hex => task.id.into(),
        TaskIdForm::Zero => Value::Int(0),
    });
    Value::Map(members! {
        "CollectTime": found.map_or(0.into(), |(task, _)| Value::from(task.born)),
        "RequestId": Value::RequestId,
        "TotalCount": found.map_or(0, |(_, state)| state.total_count),
        "TaskId": id,
        "FinishCount": found.map_or(0, |(_, state)| state.finish_count),
        "TaskInfo": Value::Map(info),
    })
}
