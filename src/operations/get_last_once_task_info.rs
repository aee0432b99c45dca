//! `GetLastOnceTaskInfo`: the state of the newest task of a type (spec/api.md §1.2).

use super::start::{self, Birth};
use super::{Context, Operation, Param};
use crate::domain::assumptions::{FailedStatus, MissingStatus, Narrowing, TaskIdForm};
use crate::domain::state::{State, Status};
use crate::domain::{ApiError, Assumptions, Params, Task, TaskType, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "GetLastOnceTaskInfo",
    summary: "the state of the newest task of a type",
    ram_action: "yundun-aegis:GetLastOnceTaskInfo",
    params: &[
        Param { name: "TaskType", required: true },
        Param { name: "TaskName", required: true },
        Param { name: "Source", required: false },
    ],
    evidence: "whole; shape, values and errors documented",
    run,
};

/// Who a task is from when the caller does not say.
const DEFAULT_SOURCE: &str = "console";

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let text = |name| params.filled(name).unwrap_or_default();
    let (task_type, name, source) =
        (TaskType::new(text("TaskType")), text("TaskName"), params.filled("Source"));
    let assumptions = context.world.assumptions;

    if context.world.start_on_first_poll.covers(&task_type) && !context.account.has(&task_type) {
        let birth = Birth {
            task_type: task_type.clone(),
            name: name.to_owned(),
            source: source.unwrap_or(DEFAULT_SOURCE).to_owned(),
            born: context.now,
        };
        let task = start::task(birth, context.world, context.dice);
        context.account.add(task);
    }
    let wanted = |task: &Task| {
        (assumptions.task_name == Narrowing::Ignore || task.name == name)
            && (assumptions.source == Narrowing::Ignore || source.is_none_or(|source| task.source == source))
    };
    Ok(match context.account.latest(&task_type, wanted) {
        Some(task) => {
            let state = task.look(context.now);
            found(task, state, assumptions)
        }
        None => not_found(assumptions),
    })
}

fn found(task: &Task, state: State, assumptions: Assumptions) -> Value {
    let id = match assumptions.task_id {
        TaskIdForm::Number => Value::Int(i64::try_from(task.shown_number()).unwrap_or(i64::MAX)),
        TaskIdForm::Hex => Value::text(task.id.to_string()),
        TaskIdForm::Zero => Value::Int(0),
    };
    let (status, progress) = match (state.status, assumptions.failed_status) {
        (Status::Fail, FailedStatus::Timeout) => (Status::Timeout, state.progress),
        // SUCCESS means 100, whatever became of the targets.
        (Status::Fail, FailedStatus::Success) => (Status::Success, 100),
        (status, _) => (status, state.progress),
    };
    let info = vec![
        ("Status", Value::text(status.as_str())),
        ("Progress", Value::Int(progress.into())),
        ("Result", Value::text(state.result.as_str())),
    ];
    reply(task.born.as_millisecond(), (state.total_count, state.finish_count), id, info)
}

fn not_found(assumptions: Assumptions) -> Value {
    let mut info = vec![("Progress", Value::Int(0)), ("Result", Value::text("TASK_NOT_EXISTS"))];
    if assumptions.missing_status == MissingStatus::Init {
        info.insert(0, ("Status", Value::text(Status::Init.as_str())));
    }
    reply(0, (0, 0), Value::Int(0), info)
}

/// Members in the order of the documented sample.
fn reply(
    collect_time: i64,
    (total, finished): (u32, u32),
    id: Value,
    info: Vec<(&'static str, Value)>,
) -> Value {
    Value::Map(vec![
        ("CollectTime", Value::Int(collect_time)),
        ("RequestId", Value::RequestId),
        ("TotalCount", Value::Int(total.into())),
        ("TaskId", id),
        ("FinishCount", Value::Int(finished.into())),
        ("TaskInfo", Value::Map(info)),
    ])
}
