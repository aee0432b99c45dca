//! `DescribeSuspEvents`: the alarms of the account (the vendor's page of the operation).

use crate::operations::alarm_list::{self, choice, risen, sorted};
use crate::operations::local_time::local_time;
use crate::operations::prelude::*;
use crate::posture::{Alarm, Alarms};

pub(super) static OPERATION: Operation = Operation::new("DescribeSuspEvents", run)
    .summary("the alarms of the account")
    .params(params! {
        Text "AlarmUniqueInfo", List "AssetsTypeList", Text "ClusterId", Text "ContainerFieldName", Text "ContainerFieldValue",
        Text "CurrentPage", Text "Dealed", Text "EventNames", Integer "GroupId", Integer "Id", Text "Levels", Text "Name",
        List "OperateErrorCodeList", Text "OperateTimeEnd", Text "OperateTimeStart", Text "PageSize", Text "ParentEventTypes",
        Text "Remark", Text "SortColumn", Text "SortType", Text "Source", Text "Status", Text "StrictMode",
        List "SupportOperateCodeList", Text "TacticId", Text "TargetType", Text "TimeEnd", Text "TimeStart", Text "UniqueInfo",
        Text "Uuids",
        Text "DetectSource" ignored "documented as without effect",
        Text "From" ignored "all alarms are of one source",
        Text "Lang" ignored "replies are in one language",
        Integer "MultiAccountActionType" ignored "an account has no members",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "SourceAliUids" refused "alarms do not name their account",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape, words, filters and order documented, alarms are on servers and none is in a container, without Dealed, Status or an id those that are not over, a guess");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let context = &*context;
    let alarms = risen(context);
    let choice = choice(context, params, &alarms)?;
    let selection = sorted(alarms.select(&choice, &context.account.posture.alarms), context, params);
    let page = Page::of_at_most(params, 100);
    let (found, info) = page.range(selection.len(), |places| selection.range(places));
    let shown = found.iter().map(|alarm| shown(context, &alarms, alarm));
    let mut members = info;
    members.push(("SuspEvents".into(), Value::list("SuspEvent", shown)));
    Ok(Value::reply(members))
}

fn shown(context: &Context<'_>, alarms: &Alarms<'_>, alarm: &Alarm) -> Value {
    let (kind, id, unique_id) = (alarm.kind, alarms.id(alarm.number), alarms.unique_id(alarm));
    let changes = &context.account.posture.alarms;
    let details = kind.fields.iter().map(|field| {
        let value = alarm.value(*field);
        Value::Map(members! {
            "NameDisplay": field.names().1, "Type": "text", "ValueDisplay": value.clone(), "Value": value,
        })
    });
    let tactic = members! { "TacticId": kind.tactic.0, "TacticDisplayName": kind.tactic.1 };
    let mut members = members! {
        "Id": id, "SecurityEventIds": id.to_string(), "AlarmUniqueInfo": unique_id.clone(), "UniqueInfo": unique_id,
        "Name": kind.full_name(), "AlarmEventName": kind.name, "AlarmEventNameDisplay": kind.name,
        "AlarmEventType": kind.alarm_type, "AlarmEventTypeDisplay": kind.alarm_type, "EventSubType": kind.subtype,
        "Desc": kind.text, "DataSource": kind.source, "Level": kind.level.word(),
        "EventStatus": changes.status(alarm.number).number(),
        "CanBeDealOnLine": super::handling::can_be_handled(context, alarm),
        "OccurrenceTime": local_time(alarm.at), "OccurrenceTimeStamp": alarm.at,
        "LastTime": local_time(alarm.at), "LastTimeStamp": alarm.at,
        "Details": Value::list("Detail", details), "TacticItems": Value::list("TacticItem", [Value::Map(tactic)]),
        "Advanced": false, "AutoBreaking": false, "CanCancelFault": false, "ContainHwMode": false,
        "DisplaySandboxResult": false, "HasTraceInfo": false, "LargeModel": false, "SaleVersion": "1", "AppName": "",
    };
    if let Some(server) = alarm_list::server(context, alarm) {
        let Server { uuid, instance_id, name, internet_ip, intranet_ip, .. } = server;
        members.extend(members! {
            "Uuid": uuid, "InstanceId": instance_id, "InstanceName": name,
            "InternetIp": internet_ip, "IntranetIp": intranet_ip,
        });
    }
    if let Some(handling) = changes.get(alarm.number) {
        members.extend(super::handling::result(handling));
        members.push(("OperateTime".into(), handling.at.into()));
        if let Some(remark) = &handling.remark {
            let note =
                members! { "NoteId": id, "Note": remark.to_string(), "NoteTime": local_time(handling.at) };
            members.push(("EventNotes".into(), Value::list("EventNote", [Value::Map(note)])));
        }
    }
    Value::Map(members)
}
