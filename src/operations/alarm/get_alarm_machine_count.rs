//! `GetAlarmMachineCount`: how many servers have open alarms (the vendor's page of the operation).

use std::collections::HashSet;

use crate::operations::alarm_list::risen;
use crate::operations::prelude::*;
use crate::posture::AlarmChoice;

pub(super) static OPERATION: Operation = Operation::new("GetAlarmMachineCount", run)
    .summary("how many servers have open alarms")
    .params(params! {
        Text "From" ignored "all alarms are of one source",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .evidence("whole; shape documented, that it counts what is not over assumed");

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let context = &*context;
    let alarms = risen(context);
    let selection = alarms.select(&AlarmChoice::open(), &context.account.posture.alarms);
    let servers: HashSet<u32> = selection.range(0..selection.len()).map(|alarm| alarm.place).collect();
    let data = members! { "MachineCount": servers.len() };
    Ok(Value::reply([("Data".into(), Value::Map(data))]))
}
