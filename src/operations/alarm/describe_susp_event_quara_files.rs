//! `DescribeSuspEventQuaraFiles`: the files that were moved to a safe place (the vendor's page of the operation).

use crate::operations::alarm_list::{self, in_groups, risen};
use crate::operations::local_time::local_time;
use crate::operations::prelude::*;
use crate::posture::{Alarm, AlarmChoice, AlarmField, AlarmOutcome, Alarms};

pub(super) static OPERATION: Operation = Operation::new("DescribeSuspEventQuaraFiles", run)
    .summary("the files that were moved to a safe place")
    .params(params! {
        Text "CurrentPage", Text "PageSize", Text "Status", Text "GroupId", Integer "GroupingId", Text "QuaraTag",
        Text "From" ignored "all alarms are of one source",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape and words documented, a file cannot be moved back, GroupingId and QuaraTag taken for a group and an id");

/// The words for a file while it is moved, and after.
fn word(outcome: AlarmOutcome) -> &'static str {
    match outcome {
        AlarmOutcome::Running => "quaraing",
        AlarmOutcome::Done => "quaraDone",
        AlarmOutcome::AgentOffline | AlarmOutcome::Failed => "quaraFailed",
    }
}

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let context = &*context;
    let (alarms, changes) = (risen(context), &context.account.posture.alarms);
    let status = params.non_empty("Status");
    let mut choice = AlarmChoice::default()
        .kinds(|kind| kind.fields.contains(&AlarmField::FilePath))
        .handled(|handling| {
            handling.is_some_and(|handling| {
                handling.action.quarantines() && status.is_none_or(|status| status == word(handling.outcome))
            })
        });
    for name in ["GroupId", "GroupingId"] {
        if let Some(group) = params.non_empty(name) {
            choice =
                choice.on(group.parse().map_or_else(|_| Vec::new(), |group| in_groups(context, &[group])));
        }
    }
    if let Some(tag) = params.non_empty("QuaraTag") {
        choice = choice.only(alarms.number_of(tag));
    }
    let selection = alarms.select(&choice, changes).by_handling(changes);
    let page = Page::of(params);
    let (found, mut members) = page.range(selection.len(), |places| selection.range(places));
    let shown = found.iter().filter_map(|alarm| shown(context, &alarms, alarm));
    members.push(("QuaraFiles".into(), Value::list("QuaraFile", shown)));
    Ok(Value::reply(members))
}

fn shown(context: &Context<'_>, alarms: &Alarms<'_>, alarm: &Alarm) -> Option<Value> {
    let handling = context.account.posture.alarms.get(alarm.number)?;
    let Server { uuid, instance_id, name, internet_ip, intranet_ip, .. } =
        alarm_list::server(context, alarm)?;
    Some(Value::Map(members! {
        "Id": alarms.id(alarm.number), "Tag": alarms.unique_id(alarm), "Status": word(handling.outcome),
        "ModifyTime": local_time(handling.at), "EventName": alarm.kind.name, "EventType": alarm.kind.alarm_type,
        "Path": alarm.value(AlarmField::FilePath), "Md5": alarm.value(AlarmField::Md5),
        "Uuid": uuid, "InstanceId": instance_id, "InstanceName": name,
        "InternetIp": internet_ip, "IntranetIp": intranet_ip, "Ip": alarm_list::server(context, alarm)?.shown_ip().to_owned(),
    }))
}
