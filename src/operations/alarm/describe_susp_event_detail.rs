//! `DescribeSuspEventDetail`: one alarm (the vendor's page of the operation).

use super::handling::{can_be_handled, result};
use crate::operations::alarm_list::{self, number, risen};
use crate::operations::local_time::local_time;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeSuspEventDetail", run)
    .summary("one alarm")
    .params(params! {
        Integer "SuspiciousEventId" required,
        Text "From" required ignored "all alarms are of one source",
        Text "Lang" ignored "replies are in one language",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("whole; shape and words documented, refusal of an unknown id assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let context = &*context;
    let alarms = risen(context);
    let number = number(&alarms, params.text("SuspiciousEventId"))?;
    let alarm = alarms.get(number).ok_or(Code::SECURITY_EVENT_NOT_EXISTS)?;
    let (kind, changes) = (alarm.kind, &context.account.posture.alarms);
    let details = kind.fields.iter().map(|field| {
        Value::Map(members! { "NameDisplay": field.names().1, "Type": "text", "Value": alarm.value(*field) })
    });
    let mut members = members! {
        "Id": alarms.id(number), "AlarmUniqueInfo": alarms.unique_id(&alarm), "EventName": kind.name,
        "EventTypeDesc": kind.full_name(), "EventDesc": kind.text, "DataSource": kind.source, "Level": kind.level.word(),
        "EventStatus": changes.status(number).number().to_string(), "CanBeDealOnLine": can_be_handled(context, &alarm),
        "LastTime": local_time(alarm.at), "SaleVersion": "1", "Details": Value::list("Detail", details),
    };
    if let Some(server) = alarm_list::server(context, &alarm) {
        let Server { uuid, name, internet_ip, intranet_ip, .. } = server;
        members.extend(members! {
            "Uuid": uuid, "InstanceName": name, "InternetIp": internet_ip, "IntranetIp": intranet_ip,
        });
    }
    members.extend(changes.get(number).into_iter().flat_map(result));
    Ok(Value::reply(members))
}
