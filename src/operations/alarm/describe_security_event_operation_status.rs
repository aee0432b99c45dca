//! `DescribeSecurityEventOperationStatus`: how far the handling of alarms is (the vendor's page of the operation).

use super::handling::outcome;
use crate::operations::prelude::*;
use crate::posture::{AlarmAction, AlarmHandling};

pub(super) static OPERATION: Operation = Operation::new("DescribeSecurityEventOperationStatus", run)
    .summary("how far the handling of alarms is")
    .params(params! {
        Integer "TaskId" required, List "SecurityEventIds" required,
        Integer "ResourceOwnerId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .identity(&["TaskId"])
    .evidence("whole; shape and words documented, a task fails if an alarm does, a guess");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (now, assumptions) = (context.now, context.world.assumptions);
    let tasks = &mut context.account.tasks;
    let found = tasks.find(params.text("TaskId")).filter(|task| task.task_type().as_str() == ALARM_HANDLING);
    let Some((task, state)) =
        found.map(|task| task.id).and_then(|id| tasks.change(id, |task| task.look(now)))
    else {
        assumptions.check_unknown_task()?;
        return Ok(reply(Vec::new()));
    };
    let subtasks = task.subtasks(now);
    let word = match state.status {
        Status::Init => "Pending",
        Status::Start => "Processing",
        Status::Success if subtasks.counts().1 == 0 => "Success",
        Status::Success | Status::Fail | Status::Timeout => "Failure",
    };
    let param = task.param_json();
    let action = param["operationCode"].as_str().and_then(AlarmAction::find);
    let shown =
        params.list("SecurityEventIds").into_iter().flat_map(|id| subtasks.on(id.trim())).map(|subtask| {
            let mut members = members! { "SecurityEventId": subtask.target_id() };
            let word = match subtask.status {
                Status::Init | Status::Start => "Processing",
                Status::Success => "Success",
                Status::Fail | Status::Timeout => "Failed",
            };
            members.push(("Status".into(), word.into()));
            if word != "Processing" {
                let handling = action.map(|action| AlarmHandling {
                    action,
                    at: now,
                    outcome: outcome(&subtask),
                    remark: None,
                });
                members.extend(
                    handling
                        .and_then(|handling| handling.code())
                        .map(|code| ("ErrorCode".into(), code.into())),
                );
            }
            Value::Map(members)
        });
    let statuses = Value::list("SecurityEventOperationStatus", shown);
    Ok(reply(members! { "TaskStatus": word, "SecurityEventOperationStatuses": statuses }))
}

fn reply(members: Vec<Member>) -> Value {
    Value::reply([("SecurityEventOperationStatusResponse".into(), Value::Map(members))])
}
