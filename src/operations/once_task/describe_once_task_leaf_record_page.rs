//! `DescribeOnceTaskLeafRecordPage`: the leaves of a type, of all its tasks or of one (spec/api.md §1.7).

use super::leaf::{self, Counts};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeOnceTaskLeafRecordPage", run)
    .summary("the subtasks of a type, of all its tasks or of one")
    .params(params! {
        Text "TaskType" required, Integer "CurrentPage" required, Integer "PageSize" required,
        Boolean "RelateInfo" required, Text "TaskId", Text "Source", List "StatusList", Integer "StartTime",
        Integer "EndTime",
    })
    .identity(&["TaskType", "TaskId", "Source"])
    .evidence("whole; shape documented, status numbers and image details invented");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let now = context.now;
    let statuses = params.list("StatusList");
    let is_wanted = |status: Status| statuses.is_empty() || statuses.contains(&status.as_str());
    let task_type = TaskType::new(params.text("TaskType"));
    let newest = context.account.tasks.settle(now).newest(&task_type, params.non_empty("Source"));
    let newest =
        newest.between(params.int("StartTime"), params.int("EndTime")).only(params.non_empty("TaskId"));
    let page = Page::of(params);
    let (total, found) = newest.leaves(now, is_wanted, page.places());
    let found: Vec<_> = found
        .into_iter()
        .flat_map(|(task, part)| task.subtasks(now).with(is_wanted).range(part).map(move |leaf| (task, leaf)))
        .collect();
    let info = page.info(total, found.len());
    let with_image = params.bool("RelateInfo").unwrap_or(false);
    let leaves = found.iter().map(|(task, leaf)| leaf::value(task, leaf, now, Counts::Texts, with_image));
    Ok(Value::reply(members! {
        "PageInfo": Value::Map(info),
        "OnceTasks": Value::list("OnceTasks", leaves),
    }))
}
