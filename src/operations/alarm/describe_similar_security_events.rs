//! `DescribeSimilarSecurityEvents`: the alarms that a look for similar ones found (the vendor's page of the operation).

use super::handling::found;
use crate::operations::alarm_list::{self, risen};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeSimilarSecurityEvents", run)
    .summary("the alarms that a look for similar ones found")
    .params(params! {
        Integer "TaskId" required, Integer "CurrentPage", Integer "PageSize",
        Text "Lang" ignored "replies are in one language",
        Integer "ResourceOwnerId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .identity(&["TaskId"])
    .evidence("whole; shape documented, the alarm itself is among them, a guess");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let numbers = found(context, params)?;
    let context = &*context;
    let alarms = risen(context);
    let (page, info) = Page::of(params).cut(numbers.len(), numbers.iter());
    let shown = page.into_iter().filter_map(|number| alarms.get(*number)).map(|alarm| {
        let mut members = members! {
            "SecurityEventId": alarms.id(alarm.number), "EventName": alarm.kind.name, "EventType": alarm.kind.alarm_type,
            "OccurrenceTime": alarm.at, "LastTime": alarm.at,
        };
        let uuid = alarm_list::server(context, &alarm).map(|server| ("Uuid".into(), Value::from(&server.uuid)));
        members.extend(uuid);
        Value::Map(members)
    });
    let events = Value::list("SecurityEvent", shown);
    Ok(Value::reply(members! { "PageInfo": Value::Map(info), "SecurityEventsResponse": events }))
}
