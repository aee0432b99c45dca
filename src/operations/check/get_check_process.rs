//! `GetCheckProcess`: how far a configuration check is (`spec/all_operations.json`).

use crate::domain::task_type::CONFIGURATION_CHECK;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("GetCheckProcess", run)
    .summary("how far a configuration check is")
    .params(params! {
        Text "TaskId",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .identity(&["TaskId"])
    .evidence("whole; shape and numbers documented, the newest check without a TaskId assumed, 4 stands for a failed one");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (now, tasks) = (context.now, &mut context.account.tasks);
    let task_type = TaskType::new(CONFIGURATION_CHECK);
    let found = match params.non_empty("TaskId") {
        Some(id) => tasks.find(id).filter(|task| *task.task_type() == task_type),
        None => tasks.newest(&task_type, None).next(),
    };
    let id = found.map(|task| task.id);
    let Some((task, state)) = id.and_then(|id| tasks.change(id, |task| task.look(now))) else {
        let asked = params.text("TaskId").to_owned();
        return Ok(Value::reply(members! {
            "TaskId": asked, "StatusCode": "5", "TotalCount": 0, "FinishCount": 0,
        }));
    };
    let code = match state.status {
        Status::Init => "0",
        Status::Start => "1",
        Status::Success => "2",
        Status::Timeout => "3",
        Status::Fail => "4",
    };
    Ok(Value::reply(members! {
        "TaskId": task.id, "StatusCode": code,
        "TotalCount": state.total_count, "FinishCount": state.finish_count,
    }))
}
