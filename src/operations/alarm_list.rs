//! The alarms of an account, and which of them a caller asks for.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::Context;
use super::id_list;
use crate::domain::{ApiError, Code, Params, Server};
use crate::posture::schedule::SERVICE_ZONE;
use crate::posture::{Alarm, AlarmChoice, AlarmHandling, AlarmKind, AlarmSelection, AlarmStatus, Alarms};

/// Those that have risen by now.
pub(super) fn risen<'a>(context: &'a Context<'_>) -> Alarms<'a> {
    let Context { now, account, dice, world, .. } = context;
    let fleet = account.servers.list().fleet();
    Alarms::new(&dice.of_world(), world.posture.alarms, fleet, account.begun, *now)
}

/// The number of the alarm of that id.
pub(super) fn number(alarms: &Alarms<'_>, id: &str) -> Result<u32, ApiError> {
    let number = id.trim().parse().ok().and_then(|id| alarms.number(id));
    number.ok_or(Code::SECURITY_EVENT_NOT_EXISTS.into())
}

/// What a list of alarms shows, by the parameters that `DescribeSuspEvents` and `ExportSuspEvents` share.
pub(super) fn choice<'c>(
    context: &Context<'_>,
    params: &'c Params,
    alarms: &Alarms<'_>,
) -> Result<AlarmChoice<'c>, ApiError> {
    let choice = by_kind(AlarmChoice::default(), params);
    let choice = on_servers(on_assets(choice, context, params), context, params);
    let choice = by_id(choice, params, alarms);
    let [since, until] = times(context, params, ["TimeStart", "TimeEnd"])?;
    by_handling(choice.between(since, until), context, params)
}

/// By `AssetsTypeList`, and by what containers have: alarms are on servers alone.
pub(super) fn on_assets<'c>(
    choice: AlarmChoice<'c>,
    context: &Context<'_>,
    params: &Params,
) -> AlarmChoice<'c> {
    let types = params.list("AssetsTypeList");
    let are_servers = types.is_empty() || types.iter().any(|word| word.eq_ignore_ascii_case("ecs"));
    let is_elsewhere = ["ClusterId", "ContainerIds"].iter().any(|name| params.non_empty(name).is_some())
        || params.non_empty("TargetType").is_some_and(|word| word != "uuid");
    if !are_servers || is_elsewhere {
        return choice.only(None);
    }
    let (name, value) = (params.non_empty("ContainerFieldName"), params.non_empty("ContainerFieldValue"));
    match (name, value) {
        (Some("instanceId"), Some(value)) => {
            choice.on(places(context, |server, _| server.instance_id == value))
        }
        (Some("regionId"), Some(value)) => choice.on(places(context, |server, _| server.region == value)),
        (Some(_), Some(_)) => choice.only(None),
        _ => choice,
    }
}

/// By `Uuids`, `GroupId`, `Name` (of a server) and `Remark` (of a server or an alarm).
pub(super) fn on_servers<'c>(
    mut choice: AlarmChoice<'c>,
    context: &Context<'_>,
    params: &Params,
) -> AlarmChoice<'c> {
    if let Some(uuids) = params.non_empty("Uuids") {
        let uuids = id_list::ids(uuids);
        let uuids: HashSet<&str> = uuids.iter().map(String::as_str).collect();
        choice = choice.on(places(context, |server, _| uuids.contains(&*server.uuid)));
    }
    if let Some(group) = params.int("GroupId") {
        choice = choice.on(in_groups(context, &[group]));
    }
    if let Some(name) = params.non_empty("Name") {
        choice = choice.on(places(context, |server, _| server.name.contains(name)));
    }
    if let Some(remark) = params.non_empty("Remark") {
        let is_named = |server: &Server| {
            [&server.name, &server.internet_ip, &server.intranet_ip].iter().any(|text| text.contains(remark))
        };
        let places = places(context, |server, _| is_named(server));
        choice = choice.either(|kind| kind.full_name().contains(remark), places);
    }
    choice
}

/// The places of the servers in some groups.
pub(super) fn in_groups(context: &Context<'_>, ids: &[i64]) -> Vec<u32> {
    let groups = context.groups();
    places(context, |_, place| ids.contains(&groups.of(place).id))
}

fn places(context: &Context<'_>, is_wanted: impl Fn(&Server, usize) -> bool) -> Vec<u32> {
    let servers = (0..).zip(context.account.servers.iter().enumerate());
    servers.filter(|(_, (place, server))| is_wanted(server, *place)).map(|(number, _)| number).collect()
}

/// By what all alarms of a kind have in common.
pub(super) fn by_kind<'c>(choice: AlarmChoice<'c>, params: &Params) -> AlarmChoice<'c> {
    let words = |name| params.non_empty(name).map(id_list::ids);
    let (levels, types, subtypes) = (words("Levels"), words("ParentEventTypes"), words("EventNames"));
    let (source, tactic) = (params.non_empty("Source"), params.non_empty("TacticId"));
    let actions = params.list("SupportOperateCodeList");
    let any = |list: &Option<Vec<String>>, test: &dyn Fn(&str) -> bool| {
        list.as_ref().is_none_or(|list| list.iter().any(|word| test(word)))
    };
    let choice = choice.kinds(|kind: &AlarmKind| {
        any(&levels, &|word| word == kind.level.word())
            && any(&types, &|word| kind.is_of_type(word))
            && any(&subtypes, &|word| word == kind.subtype || word == kind.name)
            && source.is_none_or(|source| source == kind.source)
            && tactic.is_none_or(|tactic| tactic == kind.tactic.0)
            && (actions.is_empty() || kind.actions().any(|action| actions.contains(&action.word())))
    });
    // No alarm is of the strict mode.
    if params.non_empty("StrictMode") == Some("Y") { choice.only(None) } else { choice }
}

/// The one alarm that is named.
fn by_id<'c>(mut choice: AlarmChoice<'c>, params: &Params, alarms: &Alarms<'_>) -> AlarmChoice<'c> {
    if let Some(id) = params.int("Id") {
        choice = choice.only(alarms.number(id));
    }
    for unique_id in ["AlarmUniqueInfo", "UniqueInfo"].into_iter().filter_map(|name| params.non_empty(name)) {
        choice = choice.only(alarms.number_of(unique_id));
    }
    choice
}

/// By what was done with alarms. A call that says nothing of that, and names no alarm, lists those that are open.
fn by_handling<'c>(
    choice: AlarmChoice<'c>,
    context: &Context<'_>,
    params: &'c Params,
) -> Result<AlarmChoice<'c>, ApiError> {
    let status =
        |handling: Option<&AlarmHandling>| handling.map_or(AlarmStatus::Pending, AlarmHandling::status);
    let [since, until] = times(context, params, ["OperateTimeStart", "OperateTimeEnd"])?;
    let codes = params.list("OperateErrorCodeList");
    let dealt = params.non_empty("Dealed");
    let numbers =
        params.non_empty("Status").map(id_list::ids).filter(|list| !list.iter().any(|word| word == "0"));
    let named =
        ["Status", "Id", "AlarmUniqueInfo", "UniqueInfo"].iter().any(|name| params.non_empty(name).is_some());
    let is_default = dealt.is_none() && !named && since.is_none() && until.is_none() && codes.is_empty();
    Ok(choice.handled(move |handling| {
        let status = status(handling);
        let over = match dealt {
            Some(word) => status.is_over() == word.eq_ignore_ascii_case("y"),
            None => !(is_default && status.is_over()),
        };
        let at = handling.map(|handling| handling.at);
        over && numbers
            .as_ref()
            .is_none_or(|list| list.iter().any(|word| *word == status.number().to_string()))
            && since.is_none_or(|since| at.is_some_and(|at| at >= since))
            && until.is_none_or(|until| at.is_some_and(|at| at <= until))
            && (codes.is_empty()
                || handling.and_then(AlarmHandling::code).is_some_and(|code| codes.contains(&&*code)))
    }))
}

/// In the order that a caller asks for, which counts for alarms that are over: documented.
pub(super) fn sorted<'a, 'f>(
    selection: AlarmSelection<'a, 'f>,
    context: &Context<'_>,
    params: &Params,
) -> AlarmSelection<'a, 'f> {
    if !params.non_empty("Dealed").is_some_and(|word| word.eq_ignore_ascii_case("y")) {
        return selection;
    }
    let is_by_time = params.non_empty("SortColumn") == Some("lastTime");
    let selection =
        if is_by_time { selection } else { selection.by_handling(&context.account.posture.alarms) };
    if params.non_empty("SortType") == Some("asc") { selection.oldest_first() } else { selection }
}

/// Two times, as text in the service's own time zone or in milliseconds.
fn times(
    context: &Context<'_>,
    params: &Params,
    names: [&str; 2],
) -> Result<[Option<Timestamp>; 2], ApiError> {
    let read = |name| {
        let Some(text) = params.non_empty(name) else { return Ok(None) };
        let milliseconds = text.parse().ok().and_then(|number| Timestamp::from_millisecond(number).ok());
        let local = || DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok();
        let written = milliseconds.or_else(|| SERVICE_ZONE.to_timestamp(local()?).ok());
        written.map(Some).ok_or(context.world.assumptions.argument_error())
    };
    Ok([read(names[0])?, read(names[1])?])
}

/// The server of an alarm.
pub(super) fn server<'a>(context: &'a Context<'_>, alarm: &Alarm) -> Option<&'a Server> {
    context.account.servers.get(alarm.place as usize)
}
