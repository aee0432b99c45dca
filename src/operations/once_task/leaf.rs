//! Leaves: subtasks as `DescribeOnceTaskLeafRecordPage` and `ListUnfinishedOnceTask` show them. The members of the two are
//! the same, the types of three differ, and only the page has the registry type of an image.

use jiff::Timestamp;

use crate::domain::{Status, Subtask, TargetKind, Task, Value};

/// How the counts and the status number are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// As texts: the page of leaf records.
    Texts,
    /// As numbers: the list of unfinished tasks.
    Numbers,
}

/// One leaf. `with_image` adds the details of an image.
pub(super) fn value(
    task: &Task,
    subtask: &Subtask<'_>,
    now: Timestamp,
    counts: Counts,
    with_image: bool,
) -> Value {
    let is_over = subtask.status.is_terminal();
    let is_image = task.task_type.targets() == TargetKind::Image;
    let number = |number: i64| match counts {
        Counts::Texts => Value::text(number.to_string()),
        Counts::Numbers => Value::Int(number),
    };
    let mut members = vec![
        ("TaskId", Value::text(subtask.id.to_string())),
        ("TaskType", Value::text(task.task_type.as_str().to_owned())),
        ("TaskName", Value::text(task.name().to_owned())),
        ("Target", Value::text(subtask.target_id())),
        ("TargetType", Value::text(if is_image { "IMAGE" } else { "" })),
        ("Status", number(status_number(subtask.status))),
        ("StatusText", Value::text(subtask.status.as_str())),
        ("Progress", Value::int(subtask.progress)),
        ("Finish", Value::Int(is_over.into())),
        ("TotalCount", number(1)),
        ("FinishCount", number(is_over.into())),
        ("ResultInfo", Value::text(result(task, subtask, now))),
        ("StartTime", Value::millis(task.born)),
        ("RealRunTime", Value::millis(task.born)),
        ("EndTime", Value::millis(subtask.ended.unwrap_or_default())),
    ];
    if with_image && is_image {
        let mut image = vec![
            ("Digest", subtask.target_id()),
            ("Image", "registry.example/emulated/app".to_owned()),
            ("RegionId", "cn-hangzhou".to_owned()),
            ("RepoName", "app".to_owned()),
            ("RepoNamespace", "emulated".to_owned()),
            ("RepoRegionId", "cn-hangzhou".to_owned()),
            ("Tag", "latest".to_owned()),
        ];
        if counts == Counts::Texts {
            image.insert(3, ("RegistryType", "acr".to_owned()));
        }
        let image = image.into_iter().map(|(name, value)| (name, Value::text(value))).collect();
        members.push(("TaskImageInfo", Value::Map(image)));
    }
    Value::Map(members)
}

/// Empty while it runs, then a word of `TaskInfo.Result` or its status: only the second is documented.
fn result(task: &Task, subtask: &Subtask<'_>, now: Timestamp) -> &'static str {
    match subtask.status {
        Status::Init | Status::Start => "",
        Status::Success => task.state_at(now).result.as_str(),
        Status::Fail | Status::Timeout => subtask.status.as_str(),
    }
}

/// These numbers are documented nowhere; they are those of `DescribeOnceTask`, with 0 for a waiting task.
fn status_number(status: Status) -> i64 {
    match status {
        Status::Init => 0,
        Status::Start => 1,
        Status::Success => 2,
        Status::Fail => 3,
        Status::Timeout => 4,
    }
}
