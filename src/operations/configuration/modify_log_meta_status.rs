//! `ModifyLogMetaStatus`: change whether a log is delivered (`spec/all_operations.json`).

use crate::operations::prelude::*;
use crate::posture::log_store;

pub(super) static OPERATION: Operation = Operation::new("ModifyLogMetaStatus", run)
    .summary("change whether a log is delivered")
    .params(params! {
        Text "LogStore" required, Text "Status" required,
        Text "From" ignored "both consoles show the same logs",
        Text "Project" ignored "a Logstore is of one project",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .evidence("whole; shape and words documented, refusals assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let is_enabled = match params.text("Status") {
        "enabled" => Some(true),
        "disabled" => Some(false),
        _ => None,
    };
    let Some(((store, ..), is_enabled)) = log_store(params.text("LogStore")).zip(is_enabled) else {
        return Err(context.world.assumptions.argument_error().into());
    };
    context.account.posture.configuration.logs.insert((*store).to_owned(), is_enabled);
    Ok(Value::reply([]))
}
