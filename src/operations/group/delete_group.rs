//! `DeleteGroup`: its servers move to the default group (the vendor's page of the operation).

use super::changed::group_id;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DeleteGroup", run)
    .summary("delete a group of servers")
    .params(params! {
        Integer "GroupId" required,
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("whole; shape and what becomes of the servers documented, the default group stays (documented), how it and an unknown one are refused assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let id = group_id(context, params)?;
    if id == Server::GROUP {
        return Err(context.world.assumptions.argument_error().into());
    }
    context.account.delete_group(context.world, id);
    Ok(Value::reply(members! { "Code": "200" }))
}
