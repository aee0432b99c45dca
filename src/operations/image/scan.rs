//! What the two starters of image scans share: the limit, and the state of the task as their reply.

use crate::domain::{ApiError, NewTask, Status, Value};
use crate::operations::{Context, create};

pub(super) const TYPE: &str = "IMAGE_SCAN";

/// Starts one within the limit and replies with its state.
pub(super) fn start(context: &mut Context<'_>, targets: Vec<String>) -> Result<Value, ApiError> {
    let started = create::start_within_limit(context, NewTask { targets, ..NewTask::of(TYPE) })?;
    let task = started.and_then(|id| context.account.tasks.find(&id.to_string()));
    let members = match task {
        None => vec![("CanCreate", Value::Bool(false))],
        Some(task) => {
            let state = task.state_at(context.now);
            vec![
                ("CanCreate", Value::Bool(true)),
                ("CollectTime", Value::millis(task.born)),
                ("ExecTime", Value::millis(task.born)),
                ("FinishCount", Value::int(state.finish_count)),
                ("Progress", Value::int(state.progress)),
                ("Result", Value::text(state.result.as_str())),
                ("Status", Value::text(word(state.status))),
                ("TaskId", Value::text(task.id.to_string())),
                ("TotalCount", Value::int(state.total_count)),
            ]
        }
    };
    Ok(Value::reply([("Data", Value::Map(members))]))
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
