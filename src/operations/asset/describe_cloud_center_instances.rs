//! `DescribeCloudCenterInstances`: the servers of the account (spec/operations.json).

use super::criteria::{Criteria, Seen};
use crate::domain::assumptions::RegionFilter;
use crate::operations::prelude::*;

const NAME: &str = "DescribeCloudCenterInstances";

pub(super) static OPERATION: Operation = Operation::new(NAME, run)
    .summary("the servers of the account")
    .params(params! {
        Text "Criteria", Text "LogicalExp", Text "MachineTypes", Integer "Importance", Text "Flags", Text "RegionId",
        Integer "CurrentPage", Integer "PageSize", Boolean "UseNextToken", Text "NextToken", Boolean "NoGroupTrace",
        Text "Lang" ignored "replies are in one language",
    })
    .evidence("part; shape documented, 23 of the 44 documented criteria, of the members those that the emulator knows");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let refused = context.world.assumptions.argument_error();
    let criteria = Criteria::of(params, NAME, context)?;
    let given =
        |name, common: &str| params.non_empty(name).is_none_or(|list| list.split(',').any(|it| it == common));
    let are_listed = params.non_empty("MachineTypes").is_none_or(|kind| kind == "ecs")
        && given("Importance", Server::IMPORTANCE)
        && given("Flags", Server::FLAG);
    let narrows = context.world.assumptions.region_id == RegionFilter::Narrow;
    let region = params.non_empty("RegionId").filter(|_| narrows);
    let (now, groups) = (context.now, context.groups());
    let seen = |(place, server)| Seen { server, group: groups.of(place), now };
    let wanted = |seen: &Seen<'_>| {
        are_listed && region.is_none_or(|region| region == seen.server.region) && criteria.are_met(seen)
    };
    let servers = || context.account.servers.iter().enumerate().map(seen).filter(wanted);

    let uses_token = params.bool("UseNextToken").unwrap_or(false);
    let mut page = Page::of(params);
    if uses_token {
        let token = params.non_empty("NextToken").unwrap_or("0");
        page = page.after(usize::from_str_radix(token, 16).map_err(|_| refused)?);
    }
    let total = servers().count();
    let (found, mut info) = page.cut(total, servers());
    if uses_token {
        // A comment in the SDK says that it is not returned then.
        info.retain(|(name, _)| *name != "TotalCount");
        let next = if page.end() < total { format!("{:032x}", page.end()) } else { String::new() };
        info.push(("NextToken".into(), next.into()));
    }
    let names_default = params.bool("NoGroupTrace") != Some(true);
    Ok(Value::reply(members! {
        "Success": true,
        "PageInfo": Value::Map(info),
        "Instances": Value::list("Instance", found.iter().map(|seen| shown(seen, names_default))),
    }))
}

fn shown(seen: &Seen<'_>, names_default: bool) -> Value {
    let Seen { server, group, now } = *seen;
    let trace = if group.is_default() && !names_default { "未分组" } else { group.name };
    let Server { uuid, instance_id, name, internet_ip, intranet_ip, region, os, edition, .. } = server;
    Value::Map(members! {
        "Uuid": uuid, "InstanceId": instance_id, "InstanceName": name,
        "InternetIp": internet_ip, "IntranetIp": intranet_ip, "Ip": server.shown_ip().to_owned(),
        "Region": region, "RegionId": region, "RegionName": region,
        "Os": os, "OsName": os, "Status": "Running",
        "ClientStatus": server.client_status(now), "ClientSubStatus": server.client_sub_status(now),
        "AuthVersion": edition.number(), "AuthVersionName": edition.number_and_name().1, "Bind": server.is_bound(),
        "AssetType": "0", "AssetTypeName": "ecs",
        "Flag": 0, "FlagName": "ALIYUN", "Vendor": 0, "VendorName": "ALIYUN",
        "GroupId": group.id, "GroupTrace": trace.to_owned(), "Importance": 1,
        "Cores": Server::CORES, "Mem": Server::MEGABYTES,
        "AlarmStatus": "NO", "RiskStatus": "NO", "VulStatus": "NO", "HcStatus": "NO", "ExposedStatus": 0,
        "VulCount": 0, "SafeEventCount": 0, "HealthCheckCount": 0,
    })
}
