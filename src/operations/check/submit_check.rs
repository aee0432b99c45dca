//! `SubmitCheck`: check the configuration of the cloud products (`spec/all_operations.json`).

use crate::operations::configuration_check::{ScanRange, task};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("SubmitCheck", run)
    .summary("check the configuration of the cloud products")
    .params(params! {
        Text "ScanRange",
        Text "TaskSource" ignored "the console of databases starts the same check",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .evidence(
        "whole; shape documented, everything is checked without a ScanRange assumed, it is never throttled",
    );

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let range = match params.non_empty("ScanRange") {
        None => ScanRange::Full,
        Some(word) => ScanRange::find(word).ok_or(context.world.assumptions.argument_error())?,
    };
    let new = task(context, range);
    let id = create::start_if_room(context, new)?;
    context.account.add_unsettled(id);
    Ok(Value::reply(members! { "TaskId": id }))
}
