//! `DescribeSimilarEventScenarios`: in what other alarms can be like one (the vendor's page of the operation).

use super::handling::SCENARIOS;
use crate::operations::alarm_list::{number, risen};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeSimilarEventScenarios", run)
    .summary("in what other alarms can be like one")
    .params(params! {
        Integer "SecurityEventId" required,
        Integer "ResourceOwnerId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("whole; shape and words documented, which kinds of alarm have which assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let alarms = risen(context);
    let number = number(&alarms, params.text("SecurityEventId"))?;
    let alarm = alarms.get(number).ok_or(Code::SECURITY_EVENT_NOT_EXISTS)?;
    let has = |field| alarm.kind.fields.contains(field);
    let scenarios = SCENARIOS.iter().filter(|(_, field)| field.as_ref().is_none_or(has));
    let shown = scenarios.map(|(word, _)| Value::Map(members! { "Code": *word }));
    Ok(Value::reply([("Scenarios".into(), Value::list("Scenario", shown))]))
}
