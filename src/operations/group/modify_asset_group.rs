//! `ModifyAssetGroup`: moves servers into a group (the vendor's page of the operation).

use super::changed::{group_id, places};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("ModifyAssetGroup", run)
    .summary("move servers into a group")
    .params(params! {
        Integer "GroupId" required, Text "Uuids" required,
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence(
        "whole; shape documented, unknown servers are passed over, the refusal of an unknown group assumed",
    );

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let id = group_id(context, params)?;
    let places = places(&context.account.servers, params.text("Uuids"));
    context.account.move_to_group(places, id);
    Ok(Value::reply(members! {}))
}
