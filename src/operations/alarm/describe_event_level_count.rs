//! `DescribeEventLevelCount`: how many alarms of each level are open (the vendor's page of the operation).

use crate::operations::alarm_list::{on_assets, risen};
use crate::operations::prelude::*;
use crate::posture::AlarmChoice;

pub(super) static OPERATION: Operation = Operation::new("DescribeEventLevelCount", run)
    .summary("how many alarms of each level are open")
    .params(params! {
        Text "ClusterId", Text "ContainerFieldName", Text "ContainerFieldValue", Text "ContainerIds", Text "TargetType",
        Text "From" ignored "all alarms are of one source",
        Integer "MultiAccountActionType" ignored "an account has no members",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .evidence("whole; shape documented, that it counts what is not over assumed, none is in a container");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let context = &*context;
    let choice = on_assets(AlarmChoice::open(), context, params);
    let [serious, suspicious, remind] = risen(context).levels(&choice, &context.account.posture.alarms);
    let levels = members! { "Serious": serious, "Suspicious": suspicious, "Remind": remind };
    Ok(Value::reply(
        members! { "EventLevels": Value::Map(levels), "Success": true, "Code": "200", "Message": "successful" },
    ))
}
