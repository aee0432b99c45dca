//! `DescribeAlarmEventDetail`: one alarm by its unique id, and what caused it (the vendor's page of the operation).

use super::handling::can_be_handled;
use crate::operations::alarm_list::{self, risen};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeAlarmEventDetail", run)
    .summary("one alarm by its unique id, and what caused it")
    .params(params! {
        Text "AlarmUniqueInfo" required,
        Text "From" required ignored "all alarms are of one source",
        Text "Lang" ignored "replies are in one language",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence(
        "part; shape documented, of the members those that alarms have, refusal of an unknown id assumed",
    );

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let context = &*context;
    let alarms = risen(context);
    let number = alarms.number_of(params.text("AlarmUniqueInfo"));
    let alarm = number.and_then(|number| alarms.get(number)).ok_or(Code::SECURITY_EVENT_NOT_EXISTS)?;
    let kind = alarm.kind;
    let details = kind.fields.iter().map(|field| {
        Value::Map(members! { "Name": field.names().1, "Type": "text", "Value": alarm.value(*field) })
    });
    let cause = members! { "Key": kind.name, "Value": Value::list("Value", details) };
    let mut members = members! {
        "AlarmUniqueInfo": alarms.unique_id(&alarm), "AlarmEventAliasName": kind.full_name(), "AlarmEventDesc": kind.text,
        "Type": kind.alarm_type, "Level": kind.level.word(), "DataSource": kind.source,
        "CanBeDealOnLine": can_be_handled(context, &alarm), "CanCancelFault": false, "ContainHwMode": false,
        "StartTime": alarm.at, "EndTime": alarm.at, "Solution": "Handle the alarm, then look for what let it in.",
        "CauseDetails": Value::list("CauseDetail", [Value::Map(cause)]),
    };
    if let Some(server) = alarm_list::server(context, &alarm) {
        let Server { uuid, name, internet_ip, intranet_ip, .. } = server;
        members.extend(members! {
            "Uuid": uuid, "InstanceName": name, "InternetIp": internet_ip, "IntranetIp": intranet_ip,
        });
    }
    Ok(Value::reply([("Data".into(), Value::Map(members))]))
}
