//! `OperationSuspEvents`: handle alarms, the former way (the vendor's page of the operation).

use std::collections::BTreeSet;

use super::handling::{self, AlarmOrder};
use crate::operations::alarm_list::{number, risen};
use crate::operations::prelude::*;
use crate::posture::AlarmAction;

pub(super) static OPERATION: Operation = Operation::new("OperationSuspEvents", run)
    .summary("handle alarms, the former way")
    .params(params! {
        Text "Operation" required, Text "SuspiciousEventIds" required, Text "SubOperation",
        Text "From" ignored "all alarms are of one source",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
        Text "WarnType" ignored "an alarm and its event are one",
    })
    .evidence("whole; shape and words documented, which of the newer operations each stands for assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let refused = context.world.assumptions.argument_error();
    let is_quarantine = params.non_empty("SubOperation") == Some("quaraFileByMd5andPath");
    let action = match params.text("Operation") {
        "deal" if is_quarantine => AlarmAction::Quarantine,
        "deal" => AlarmAction::KillAndQuarantine,
        "ignore" => AlarmAction::Ignore,
        "mark_mis_info" => AlarmAction::MarkFalse,
        "rm_mark_mis_info" => AlarmAction::RemoveMark,
        "offline_handled" => AlarmAction::Manual,
        _ => return Err(refused.into()),
    };
    let mut numbers = BTreeSet::new();
    {
        let alarms = risen(context);
        for id in id_list::ids(params.text("SuspiciousEventIds")) {
            numbers.insert(number(&alarms, &id)?);
        }
    }
    handling::start(context, numbers, &AlarmOrder::of(action))?;
    Ok(Value::reply(members! { "Success": true, "AccessCode": "pass" }))
}
