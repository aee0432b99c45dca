//! `DescribeVulCheckTaskStatusDetail`: how far vulnerability scans are on one server (spec/api.md §1.9, §3.1).

use super::{Context, Operation, Param, vul_check};
use crate::domain::{ApiError, Code, Params, Status, Subtask, Task, TaskType, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "DescribeVulCheckTaskStatusDetail",
    summary: "how far vulnerability scans are on one server",
    ram_action: "yundun-sas:DescribeVulCheckTaskStatusDetail",
    // The gateway demands no Uuid; what the service says without one is documented.
    params: &[Param::text("Uuid"), Param::list("TaskIds"), Param::list("Types")],
    evidence: "whole; shape and numbers documented, the moments at which they change assumed",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let uuid = params.filled("Uuid").ok_or(Code::UNAVAILABLE)?;
    let (now, tasks) = (context.now, &context.account.tasks);
    let task_type = TaskType::new(vul_check::TYPE);
    let ids = params.list("TaskIds");
    let named: Vec<&Task> = ids.iter().filter_map(|id| tasks.find(id)).collect();
    let chosen: Vec<(&Task, Subtask<'_>)> = if ids.is_empty() {
        tasks.newest(&task_type, None).find_map(|task| on(task, uuid, now)).into_iter().collect()
    } else {
        let named = named.into_iter().filter(|task| task.task_type == task_type);
        named.filter_map(|task| on(task, uuid, now)).collect()
    };
    let types = params.list("Types");
    let values: Vec<Value> = chosen
        .iter()
        .map(|(task, subtask)| {
            let kinds = vul_check::kinds(task).into_iter();
            let kinds = kinds.filter(|kind| types.is_empty() || types.contains(kind));
            let progress = task.state_at(now).progress;
            let statuses = kinds.map(|kind| status(kind, subtask, progress)).collect();
            Value::Map(vec![
                ("TaskId", Value::text(task.id.to_string())),
                ("TaskStatusList", Value::List { item: "StatusItem", values: statuses }),
            ])
        })
        .collect();
    Ok(Value::Map(vec![
        ("TotalCount", Value::int(values.len())),
        ("RequestId", Value::RequestId),
        ("TaskStatuses", Value::List { item: "TaskStatus", values }),
    ]))
}

/// The part of a task that is about that server.
fn on<'a>(task: &'a Task, uuid: &str, now: jiff::Timestamp) -> Option<(&'a Task, Subtask<'a>)> {
    let is_there = |subtask: &Subtask<'_>| subtask.target.is_some_and(|target| &*target.id == uuid);
    task.subtasks(now).find(is_there).map(|subtask| (task, subtask))
}

/// Not begun, collecting, collected, matching, over: a running task spends a third of its way on each in between.
fn status(kind: &'static str, subtask: &Subtask<'_>, progress: u8) -> Value {
    let status = match (subtask.status, progress) {
        (Status::Init, _) => "0",
        (Status::Start, ..33) => "1",
        (Status::Start, ..66) => "2",
        (Status::Start, _) => "3",
        (Status::Success | Status::Fail | Status::Timeout, _) => "4",
    };
    let code = match subtask.status {
        Status::Fail => "push_command_failed",
        Status::Timeout => "timeout",
        Status::Init | Status::Start | Status::Success => "",
    };
    Value::Map(vec![
        ("Type", Value::text(kind)),
        ("Status", Value::text(status)),
        ("Code", Value::text(code)),
    ])
}
