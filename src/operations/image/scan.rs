//! What the two starters of image scans share: the limit, and the state of the task as their reply.

use crate::operations::prelude::*;

pub(super) const TYPE: &str = "IMAGE_SCAN";

/// Starts one within the limit and replies with its state.
pub(super) fn start(context: &mut Context<'_>, targets: Vec<String>) -> Result<Value, ApiError> {
    let started = create::start_within_limit(context, NewTask { targets, ..NewTask::of(TYPE) })?;
    let members = match started.and_then(|id| context.account.tasks.get(id)) {
        None => members! { "CanCreate": false },
        Some(task) => {
            let state = task.state_at(context.now);
            members! {
                "CanCreate": true,
                "CollectTime": task.born, "ExecTime": task.born,
                "FinishCount": state.finish_count, "Progress": state.progress,
                "Result": state.result.as_str(), "Status": word(state.status),
                "TaskId": task.id, "TotalCount": state.total_count,
            }
        }
    };
    Ok(Value::reply([("Data".into(), Value::Map(members))]))
}

/// Their documented list has neither START nor TIMEOUT.
fn word(status: Status) -> &'static str {
    match status {
        Status::Init => "INIT",
        Status::Start => "PRE_ANALYZER",
        Status::Success => "SUCCESS",
        Status::Fail | Status::Timeout => "FAIL",
    }
}
