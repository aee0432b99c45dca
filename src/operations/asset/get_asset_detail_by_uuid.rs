//! `GetAssetDetailByUuid`: one server (`spec/all_operations.json`). One that is unknown has no details, a guess.

use crate::domain::groups::Group;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("GetAssetDetailByUuid", run)
    .summary("one server")
    .params(params! {
        Text "Uuid" required,
        Text "Lang" ignored "replies are in one language",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape documented, of the members those that the emulator knows, answer for an unknown id assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let uuid = params.text("Uuid");
    let found = context.account.servers.iter().enumerate().find(|(_, server)| server.uuid == uuid);
    let groups = context.groups();
    let members =
        found.map_or_else(Vec::new, |(place, server)| details(server, groups.of(place), context.now));
    Ok(Value::reply([("AssetDetail".into(), Value::Map(members))]))
}

fn details(server: &Server, group: Group<'_>, now: Timestamp) -> Vec<Member> {
    let Server { uuid, instance_id, name, internet_ip, intranet_ip, region, os, edition, .. } = server;
    let addresses = [internet_ip, intranet_ip].into_iter().filter(|address| !address.is_empty());
    members! {
        "Uuid": uuid, "InstanceId": instance_id, "InstanceName": name, "HostName": name,
        "InternetIp": internet_ip, "IntranetIp": intranet_ip, "Ip": server.shown_ip().to_owned(),
        "IpList": Value::list("IpListArr", addresses.map(Value::from)),
        "Region": region, "RegionId": region, "RegionName": region, "Os": os, "OsName": os,
        "ClientStatus": server.client_status(now), "ClientSubStatus": server.client_sub_status(now),
        "AuthVersion": edition.number(), "Bind": server.is_bound(),
        "AssetType": "0", "Flag": 0, "GroupTrace": group.name.to_owned(), "Cpu": Server::CORES, "Mem": Server::MEGABYTES,
    }
}
