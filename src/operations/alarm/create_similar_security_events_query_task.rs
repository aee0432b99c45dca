//! `CreateSimilarSecurityEventsQueryTask`: look for alarms that are like one (the vendor's page of the operation).

use serde_json::json;

use super::handling::SCENARIOS;
use crate::operations::alarm_list::{number, risen};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("CreateSimilarSecurityEventsQueryTask", run)
    .summary("look for alarms that are like one")
    .params(params! {
        Integer "SecurityEventId" required, Text "SimilarEventScenarioCode",
        Text "ClientToken" ignored "a look changes nothing",
        Boolean "DryRun" ignored "a look changes nothing",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Integer "ResourceOwnerId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("whole; shape and words documented, alarms of one kind are alike, an assumption");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let scenario = params.non_empty("SimilarEventScenarioCode").unwrap_or("default");
    if !SCENARIOS.iter().any(|(word, _)| *word == scenario) {
        return Err(context.world.assumptions.argument_error().into());
    }
    number(&risen(context), params.text("SecurityEventId"))?;
    let param = json!({ "securityEventId": params.int("SecurityEventId"), "scenario": scenario }).to_string();
    let id = create::start_if_room(context, NewTask { param: Some(param), ..NewTask::of(ALARM_QUERY) })?;
    let state = context.account.tasks.get(id).map(|task| task.state_at(context.now).status);
    let word = match state {
        Some(Status::Start) => "RetrievingData",
        Some(Status::Success) => "DataRetrieved",
        Some(Status::Fail | Status::Timeout) => "Failed",
        Some(Status::Init) | None => "New",
    };
    let response = members! { "TaskId": id.number(), "Status": word };
    Ok(Value::reply([("CreateSimilarSecurityEventsQueryTaskResponse".into(), Value::Map(response))]))
}
