//! `GetLogMeta`: whether one log is delivered (`spec/all_operations.json`).

use super::logs;
use crate::operations::prelude::*;
use crate::posture::log_store;

pub(super) static OPERATION: Operation = Operation::new("GetLogMeta", run)
    .summary("whether one log is delivered")
    .params(params! {
        Text "LogStore" required,
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .evidence("whole; shape documented, the refusal of an unknown Logstore assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (store, ..) = log_store(params.text("LogStore")).ok_or(context.world.assumptions.argument_error())?;
    let meta =
        members! { "Project": logs::PROJECT, "LogStore": *store, "Status": logs::status(context, store) };
    Ok(Value::reply(members! { "LogMeta": Value::Map(meta) }))
}
