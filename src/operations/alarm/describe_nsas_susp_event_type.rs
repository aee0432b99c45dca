//! `DescribeNsasSuspEventType`: the types of the open alarms, and how many there are of each (the vendor's page of the operation).

use crate::operations::alarm_list::{by_kind, on_assets, on_servers, risen};
use crate::operations::prelude::*;
use crate::posture::{ALARM_TYPES, AlarmChoice, AlarmKind};

pub(super) static OPERATION: Operation = Operation::new("DescribeNsasSuspEventType", run)
    .summary("the types of the open alarms, and how many there are of each")
    .params(params! {
        Text "ContainerFieldName", Text "ContainerFieldValue", Text "Name", Text "Remark", List "SupportOperateCodeList", Text "Uuids",
        Text "From" ignored "all alarms are of one source",
        Text "Lang" ignored "replies are in one language",
        Integer "MultiAccountActionType" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("whole; shape documented, that it counts what is not over assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let context = &*context;
    let (alarms, changes) = (risen(context), &context.account.posture.alarms);
    let types = ALARM_TYPES.iter().filter_map(|(english, _)| {
        let choice = on_servers(on_assets(AlarmChoice::open(), context, params), context, params);
        let choice = by_kind(choice, params).kinds(|kind: &AlarmKind| kind.alarm_type == *english);
        let count = alarms.select(&choice, changes).len();
        (count > 0)
            .then(|| Value::Map(members! { "Type": *english, "Name": *english, "SuspEventCount": count }))
    });
    Ok(Value::reply([("EventTypes".into(), Value::list("EventType", types))]))
}
