//! `DescribeOnceTaskLeafRecordPage`: the leaves of a type, of all its tasks or of one (spec/api.md §1.7).

use super::leaf::{self, Counts};
use super::page::Page;
use super::{Context, Operation, Param};
use crate::domain::{ApiError, Params, Subtask, Task, TaskType, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "DescribeOnceTaskLeafRecordPage",
    summary: "the subtasks of a type, of all its tasks or of one",
    ram_action: "yundun-sas:DescribeOnceTaskLeafRecordPage",
    params: &[
        Param::text("TaskType").required(),
        Param::int("CurrentPage").required(),
        Param::int("PageSize").required(),
        Param::bool("RelateInfo").required(),
        Param::text("TaskId"),
        Param::text("Source"),
        Param::list("StatusList"),
        Param::int("StartTime"),
        Param::int("EndTime"),
    ],
    evidence: "whole; shape documented, status numbers and image details invented",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let now = context.now;
    let statuses = params.list("StatusList");
    let wanted_task = |task: &&Task| {
        let born = task.born.as_millisecond();
        params.filled("TaskId").is_none_or(|id| task.is_called(id))
            && params.filled("Source").is_none_or(|source| task.source.as_str() == source)
            && params.int("StartTime").is_none_or(|from| born >= from)
            && params.int("EndTime").is_none_or(|to| born <= to)
    };
    let wanted_leaf =
        |subtask: &Subtask<'_>| statuses.is_empty() || statuses.contains(&subtask.status.as_str());
    let task_type = TaskType::new(params.filled("TaskType").unwrap_or_default());
    let leaves = || {
        let tasks = context.account.tasks.newest(&task_type).filter(wanted_task);
        tasks.flat_map(|task| task.subtasks(now).filter(wanted_leaf).map(move |subtask| (task, subtask)))
    };
    let (found, info) = Page::of(params).cut(leaves().count(), leaves());
    let with_image = params.bool("RelateInfo").unwrap_or(false);
    let values =
        found.iter().map(|(task, leaf)| leaf::value(task, leaf, now, Counts::Texts, with_image)).collect();
    Ok(Value::Map(vec![
        ("RequestId", Value::RequestId),
        ("PageInfo", info),
        ("OnceTasks", Value::List { item: "OnceTasks", values }),
    ]))
}
