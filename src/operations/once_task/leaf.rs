//! Leaves: subtasks as `DescribeOnceTaskLeafRecordPage` and `ListUnfinishedOnceTask` show them. The members of the two are
//! the same, the types of three differ, and only the page has the registry type of an image.

use crate::domain::TargetKind;
use crate::operations::prelude::*;

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
    let has_ended = i64::from(subtask.status.is_terminal());
    let is_image = task.task_type.targets() == TargetKind::Image;
    let number = |number: i64| match counts {
        Counts::Texts => Value::text(number.to_string()),
        Counts::Numbers => Value::Int(number),
    };
    // Empty while it runs, then a word of `TaskInfo.Result` or its status: only the second is documented.
    let result = match subtask.status {
        Status::Init | Status::Start => "",
        Status::Success => task.state_at(now).result.as_str(),
        Status::Fail | Status::Timeout => subtask.status.as_str(),
    };
    // The numbers of statuses are documented nowhere; they are those of `DescribeOnceTask`, with 0 for a waiting task.
    let mut members = members! {
        "TaskId": subtask.id, "TaskType": task.task_type.as_str().to_owned(),
        "TaskName": task.name().to_owned(),
        "Target": subtask.target_id(), "TargetType": if is_image { "IMAGE" } else { "" },
        "Status": number(subtask.status.number()), "StatusText": subtask.status.as_str(),
        "Progress": subtask.progress, "Finish": has_ended,
        "TotalCount": number(1), "FinishCount": number(has_ended),
        "ResultInfo": result,
        "StartTime": task.born, "RealRunTime": task.born, "EndTime": subtask.ended.unwrap_or_default(),
    };
    if with_image && is_image {
        let mut image = members! {
            "Digest": subtask.target_id(), "Image": "registry.example/emulated/app",
            "RegionId": "cn-hangzhou",
            "RepoName": "app", "RepoNamespace": "emulated", "RepoRegionId": "cn-hangzhou", "Tag": "latest",
        };
        if counts == Counts::Texts {
            image.insert(3, ("RegistryType".into(), "acr".into()));
        }
        members.push(("TaskImageInfo".into(), Value::Map(image)));
    }
    Value::Map(members)
}
