//! `DescribeCloudCenterInstances`: the servers of the account (spec/operations.json).

use super::criteria::Criteria;
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
    let now = context.now;
    let wanted = |server: &&Server| {
        are_listed && region.is_none_or(|region| region == server.region) && criteria.are_met(server, now)
    };
    let servers = || context.account.servers.iter().filter(wanted);

    let (page, uses_token) = Page::by_token(params, refused)?;
    let total = servers().count();
    let (found, mut info) = page.cut(total, servers());
    if uses_token {
        // A comment in the SDK says that it is not returned then.
        info.retain(|(name, _)| *name != "TotalCount");
        info.push(("NextToken".into(), page.next_token(total).into()));
    }
    let group = if params.bool("NoGroupTrace") == Some(true) { "未分组" } else { Server::GROUP_NAME };
    Ok(Value::reply(members! {
        "Success": true,
        "PageInfo": Value::Map(info),
        "Instances": Value::list("Instance", found.into_iter().map(|server| shown(server, group, now))),
    }))
}

fn shown(server: &Server, group: &'static str, now: Timestamp) -> Value {
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
        "GroupId": Server::GROUP, "GroupTrace": group, "Importance": 1,
        "Cores": Server::CORES, "Mem": Server::MEGABYTES,
        "AlarmStatus": "NO", "RiskStatus": "NO", "VulStatus": "NO", "HcStatus": "NO", "ExposedStatus": 0,
        "VulCount": 0, "SafeEventCount": 0, "HealthCheckCount": 0,
    })
}
