//! `CheckSecurityEventId`: whether a server has all of these alarms (the vendor's page of the operation).

use crate::operations::alarm_list::{self, number, risen};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("CheckSecurityEventId", run)
    .summary("whether a server has all of some alarms")
    .params(params! { Text "Uuid" required, List "SecurityEventIds" })
    .evidence("whole; shape documented, what it checks inferred from its name");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let context = &*context;
    let (alarms, uuid) = (risen(context), params.text("Uuid"));
    let has = |id: &&str| {
        let alarm = number(&alarms, id).ok().and_then(|number| alarms.get(number));
        alarm.and_then(|alarm| alarm_list::server(context, &alarm)).is_some_and(|server| server.uuid == uuid)
    };
    let ids = params.list("SecurityEventIds");
    Ok(Value::reply(members! { "Data": !ids.is_empty() && ids.iter().all(has) }))
}
