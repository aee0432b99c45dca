//! `DescribeImageLatestScanTask`: the newest scan of one image (spec/operations.json).

use jiff::Timestamp;
use jiff::tz::Offset;

use super::scan;
use crate::domain::{ApiError, Params, Status, Subtask, Task, TaskType, Value};
use crate::operations::{Context, Operation, Param};

pub(super) static OPERATION: Operation = Operation::new("DescribeImageLatestScanTask", run)
    .summary("the newest scan of one image")
    .params(&[Param::text("Digest").required()])
    .evidence("whole; shape and words documented, two of the seven words are never said");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (now, digest) = (context.now, params.text("Digest"));
    let images = TaskType::new(scan::TYPE);
    let found = context.account.tasks.newest(&images, None).find_map(|task| {
        let leaf = task.subtasks(now).find(|leaf| leaf.target_id() == digest)?;
        Some(shown(task, &leaf, now))
    });
    Ok(Value::reply([("Task", Value::List { item: "ImageScanTask", values: found.into_iter().collect() })]))
}

fn shown(task: &Task, leaf: &Subtask<'_>, now: Timestamp) -> Value {
    let mut members = vec![
        ("Status", Value::text(word(leaf.status))),
        ("Modified", Value::text(local(leaf.ended.unwrap_or(task.born)))),
        ("Create", Value::text(local(task.born))),
        ("Finish", Value::int(task.state_at(now).finish_count)),
        ("Source", Value::text(task.source.as_str().to_owned())),
        ("StartTime", Value::millis(task.born)),
        ("TaskType", Value::text(task.task_type.as_str().to_owned())),
        ("Name", Value::text(task.name().to_owned())),
        ("TaskId", Value::text(task.id.to_string())),
        ("Target", Value::text(leaf.target_id())),
        ("TargetType", Value::text("IMAGE")),
        ("Id", Value::int(task.shown_number())),
    ];
    // Documented: only a scan that has ended has one.
    members.extend(leaf.ended.map(|end| ("FinishTime", Value::millis(end))));
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

/// A time without a zone, as in the sample; taken for the service's own, eight hours east.
fn local(time: Timestamp) -> String {
    Offset::constant(8).to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
