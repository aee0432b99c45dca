//! `HandleSecurityEvents`: ignore alarms, quarantine files, block addresses (the vendor's page of the operation).

use std::collections::BTreeSet;

use super::handling::{self, AlarmOrder};
use crate::operations::alarm_list::{number, risen};
use crate::operations::prelude::*;
use crate::posture::AlarmAction;

pub(super) static OPERATION: Operation = Operation::new("HandleSecurityEvents", run)
    .summary("ignore alarms, quarantine files, block addresses")
    .params(params! {
        Text "OperationCode" required, List "SecurityEventIds" required, Text "MarkBatch", Text "MarkMissParam",
        Text "OperationParams", Text "Remark",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape and words documented, rules of white lists are not kept for later alarms, patterns in them not compared, what fails without an agent and refusals assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let order = AlarmOrder::read(context, params)?;
    let mut numbers = BTreeSet::new();
    {
        let alarms = risen(context);
        for id in params.list("SecurityEventIds") {
            numbers.insert(number(&alarms, id)?);
        }
        if order.action == AlarmAction::MarkFalse && params.bool("MarkBatch") == Some(true) {
            numbers.extend(handling::marked_too(context, &numbers, &order.rules));
        }
    }
    let id = handling::start(context, numbers, &order)?;
    let response = members! { "TaskId": id.number() };
    Ok(Value::reply([("HandleSecurityEventsResponse".into(), Value::Map(response))]))
}
