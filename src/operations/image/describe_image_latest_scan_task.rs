//! `DescribeImageLatestScanTask`: the newest scan of one image (spec/operations.json).

use super::scan;
use crate::operations::local_time::local_time;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeImageLatestScanTask", run)
    .summary("the newest scan of one image")
    .params(params! { Text "Digest" required })
    .evidence("whole; shape and words documented, two of the seven words are never said");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (now, digest) = (context.now, params.text("Digest"));
    let images = TaskType::new(scan::TYPE);
    let found = context.account.tasks.newest(&images, None).find_map(|task| {
        let leaf = task.subtasks(now).on(digest).next()?;
        Some(shown(task, &leaf, now))
    });
    Ok(Value::reply([("Task".into(), Value::list("ImageScanTask", found))]))
}

fn shown(task: &Task, leaf: &Subtask<'_>, now: Timestamp) -> Value {
    let mut members = members! {
        "Status": word(leaf.status),
        "Modified": local_time(leaf.ended.unwrap_or(task.born)), "Create": local_time(task.born),
        "Finish": task.state_at(now).finish_count,
        "Source": task.source().as_str().to_owned(),
        "StartTime": task.born,
        "TaskType": task.task_type().as_str().to_owned(), "Name": task.name().to_owned(), "TaskId": task.id,
        "Target": leaf.target_id(), "TargetType": "IMAGE",
        "Id": task.shown_number(),
    };
    // Documented: only a scan that has ended has one.
    members.extend(leaf.ended.map(|end| ("FinishTime".into(), end.into())));
    Value::Map(members)
}

/// The words of this operation, the last one spelled as documented.
fn word(status: Status) -> &'static str {
    match status {
        Status::Init => "START",
        Status::Start => "PROCESSING",
        Status::Success => "SUCCESS",
        Status::Fail => "FAIL",
        Status::Timeout => "TIMOUT",
    }
}
