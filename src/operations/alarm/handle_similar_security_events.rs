//! `HandleSimilarSecurityEvents`: handle what a look for similar alarms found (the vendor's page of the operation).

use super::handling::{self, AlarmOrder, found};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("HandleSimilarSecurityEvents", run)
    .summary("handle what a look for similar alarms found")
    .params(params! {
        Text "OperationCode" required, Integer "TaskId" required, Text "MarkMissParam", Text "OperationParams", Text "Remark",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Integer "ResourceOwnerId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .identity(&["TaskId"])
    .evidence("part; shape and words documented, rules of white lists are checked and not kept, refusal before the look has ended assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let order = AlarmOrder::read(context, params)?;
    let numbers = found(context, params)?;
    handling::start(context, numbers.into_iter().collect(), &order)?;
    Ok(Value::reply([]))
}
