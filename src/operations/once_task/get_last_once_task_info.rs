//! `GetLastOnceTaskInfo`: the state of the newest task of a type (spec/api.md §1.2).

use crate::domain::assumptions::{FailedStatus, MissingStatus, Narrowing, TaskIdForm};
use crate::domain::{ApiError, Assumptions, NewTask, Params, Source, State, Status, Task, TaskType, Value};
use crate::operations::{Context, Operation, Param, create};

pub(super) static OPERATION: Operation = Operation::new("GetLastOnceTaskInfo", run)
    .summary("the state of the newest task of a type")
    .legacy_ram()
    .params(&[Param::text("TaskType").required(), Param::text("TaskName").required(), Param::text("Source")])
    .identity(&["TaskType", "TaskName", "Source"])
    .evidence("whole; shape, values and errors documented");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (task_type, name) = (TaskType::new(params.text("TaskType")), params.text("TaskName"));
    let source = params.non_empty("Source");
    let (now, assumptions) = (context.now, context.world.assumptions);

    if context.world.start_on_first_poll.covers(&task_type) && !context.account.tasks.has(&task_type) {
        let source = source.map_or(Source::CONSOLE, Source::new);
        create::start(context, NewTask { name: name.to_owned(), source, ..NewTask::of(task_type.as_str()) });
    }
    let source = source.filter(|_| assumptions.source == Narrowing::Narrow);
    let wanted = |task: &Task| assumptions.task_name == Narrowing::Ignore || task.name() == name;
    let Some(task) = context.account.tasks.latest(&task_type, source, wanted) else {
        let mut info = vec![("Progress", Value::Int(0)), ("Result", Value::text("TASK_NOT_EXISTS"))];
        if assumptions.missing_status == MissingStatus::Init {
            info.insert(0, ("Status", Value::text(Status::Init.as_str())));
        }
        return Ok(reply(None, assumptions, info));
    };
    let state = task.look(now);
    let (status, progress) = shown(state, assumptions);
    let info = vec![
        ("Status", Value::text(status.as_str())),
        ("Progress", Value::int(progress)),
        ("Result", Value::text(state.result.as_str())),
    ];
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
pub(super) fn reply(
    found: Option<(&Task, State)>,
    assumptions: Assumptions,
    info: Vec<(&'static str, Value)>,
) -> Value {
    let (collect_time, id, total, finished) = match found {
        Some((task, state)) => {
            let id = match assumptions.task_id {
                TaskIdForm::Number => Value::int(task.shown_number()),
                TaskIdForm::Hex => Value::text(task.id.to_string()),
                TaskIdForm::Zero => Value::Int(0),
            };
            (Value::millis(task.born), id, state.total_count, state.finish_count)
        }
        None => (Value::Int(0), Value::Int(0), 0, 0),
    };
    Value::Map(vec![
        ("CollectTime", collect_time),
        ("RequestId", Value::RequestId),
        ("TotalCount", Value::int(total)),
        ("TaskId", id),
        ("FinishCount", Value::int(finished)),
        ("TaskInfo", Value::Map(info)),
    ])
}
