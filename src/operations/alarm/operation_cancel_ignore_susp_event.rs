//! `OperationCancelIgnoreSuspEvent`: let ignored alarms wait again (the vendor's page of the operation).

use crate::operations::alarm_list::{number, risen};
use crate::operations::prelude::*;
use crate::posture::AlarmStatus;

pub(super) static OPERATION: Operation = Operation::new("OperationCancelIgnoreSuspEvent", run)
    .summary("let ignored alarms wait again")
    .params(params! {
        List "SecurityEventIds" required,
        Text "Remark" ignored "what waits has no remark",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .evidence("whole; shape documented, that it is done at once assumed, and that one that is not ignored is refused");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let alarms = risen(context);
    let numbers: Result<Vec<u32>, ApiError> =
        params.list("SecurityEventIds").into_iter().map(|id| number(&alarms, id)).collect();
    let numbers = numbers?;
    let changes = &mut context.account.posture.alarms;
    if numbers.iter().any(|number| changes.status(*number) != AlarmStatus::Ignored) {
        return Err(context.world.assumptions.argument_error().into());
    }
    for number in numbers {
        changes.forget(number);
    }
    Ok(Value::reply(
        members! { "Success": true, "Code": "200", "Message": "successful", "HttpStatusCode": 200, "TimeCost": 1 },
    ))
}
