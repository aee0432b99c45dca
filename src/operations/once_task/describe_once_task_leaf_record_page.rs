//! `DescribeOnceTaskLeafRecordPage`: the leaves of a type, of all its tasks or of one (spec/api.md §1.7).

use super::leaf::{self, Counts};
use crate::domain::{ApiError, Params, Status, TaskType, Value};
use crate::operations::page::Page;
use crate::operations::{Context, Operation, Param};

pub(super) static OPERATION: Operation = Operation::new("DescribeOnceTaskLeafRecordPage", run)
    .summary("the subtasks of a type, of all its tasks or of one")
    .params(&[
        Param::text("TaskType").required(),
        Param::int("CurrentPage").required(),
        Param::int("PageSize").required(),
        Param::bool("RelateInfo").required(),
        Param::text("TaskId"),
        Param::text("Source"),
        Param::list("StatusList"),
        Param::int("StartTime"),
        Param::int("EndTime"),
    ])
    .identity(&["TaskType", "TaskId", "Source"])
    .evidence("whole; shape documented, status numbers and image details invented");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let now = context.now;
    let statuses = params.list("StatusList");
    let is_wanted = |status: Status| statuses.is_empty() || statuses.contains(&status.as_str());
    let task_type = TaskType::new(params.text("TaskType"));
    let mut newest = context.account.tasks.newest(&task_type, params.non_empty("Source"));
    if let Some(from) = params.int("StartTime") {
        newest = newest.since(from);
    }
    if let Some(to) = params.int("EndTime") {
        newest = newest.until(to);
    }
    if let Some(id) = params.non_empty("TaskId") {
        newest = newest.only(context.account.tasks.find(id));
    }
    let counted = newest.map(|task| {
        let wanted = match &statuses[..] {
            [] => task.plan.targets() as usize,
            _ => task.statuses(now).filter(|status| is_wanted(*status)).count(),
        };
        (wanted, task)
    });
    let (found, info) = Page::of(params).pick_within(counted, |task| {
        task.subtasks(now).filter(|subtask| is_wanted(subtask.status)).map(move |subtask| (task, subtask))
    });
    let with_image = params.bool("RelateInfo").unwrap_or(false);
    let values =
        found.iter().map(|(task, leaf)| leaf::value(task, leaf, now, Counts::Texts, with_image)).collect();
    Ok(Value::reply([("PageInfo", info), ("OnceTasks", Value::List { item: "OnceTasks", values })]))
}
