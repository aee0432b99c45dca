//! `ListCheckItemWarningMachine`: the servers that a check item of baselines was looked at on (`spec/all_operations.json`).

use super::scope::{FAILED, PASSED, Scope};
use crate::operations::checked::SearchedPart;
use crate::operations::prelude::*;
use crate::posture::baseline::baseline_of_item;

pub(super) static OPERATION: Operation = Operation::new("ListCheckItemWarningMachine", run)
    .summary("the servers that a check item of baselines was looked at on")
    .params(params! {
        Integer "CheckId" required, Integer "GroupId", Text "Remark", Text "RiskType", Text "Source",
        Integer "Status", List "UuidList", Integer "CurrentPage", Integer "PageSize",
        Text "ContainerFieldName" refused "containers are not modelled",
        Text "ContainerFieldValue" refused "containers are not modelled",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "Lang" ignored "replies are in one language",
    })
    .evidence("part; shape documented, Remark taken for a part of name or address, statuses 1 and 3 alone");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let remark = SearchedPart::of(params, "Remark");
    let (context, results, exposure) = (&*context, context.baselines(), context.exposure());
    let uuids: Vec<String> = params.list("UuidList").into_iter().map(str::to_owned).collect();
    let scope = Scope::of(context, &uuids, params.int("GroupId"));
    let is_by_agents = params.non_empty("Source").is_none_or(|source| source == "default");
    let item = params.int("CheckId").and_then(|id| u32::try_from(id).ok()).and_then(baseline_of_item);
    let found = item.filter(|(baseline, _)| {
        is_by_agents && params.non_empty("RiskType").is_none_or(|wanted| wanted == baseline.kind.name)
    });
    let found = found.and_then(|(baseline, item)| Some((results.of(baseline.id)?, item)));
    let mut rows = Vec::new();
    if let Some((result, item)) = found {
        let servers = result.on_item(item, true).chain(result.on_item(item, false));
        let servers = servers.filter(|nth| scope.has(result, *nth)).filter_map(|nth| {
            let place = result.place(nth)?;
            let status = if result.fails(item, nth) { FAILED } else { PASSED };
            Some((result, place, context.server(place)?, status))
        });
        rows.extend(servers.filter(|(.., server, status)| {
            params.int("Status").is_none_or(|wanted| wanted == *status)
                && [&server.name, &server.internet_ip, &server.intranet_ip]
                    .iter()
                    .any(|text| remark.is_in(text))
        }));
    }
    let (page, info) = Page::of(params).cut(rows.len(), rows.into_iter());
    let shown = page.into_iter().map(|(result, place, server, status)| {
        let risk = Value::Map(members! { "RiskId": result.baseline.id, "RiskName": result.baseline.name });
        let risks = if status == FAILED { vec![risk] } else { Vec::new() };
        Value::Map(members! {
            "Uuid": &server.uuid, "InstanceId": &server.instance_id, "InstanceName": &server.name,
            "InternetIp": &server.internet_ip, "IntranetIp": &server.intranet_ip, "RegionId": &server.region,
            "AssetType": "0", "AuthVersion": server.edition.number(), "Bind": server.is_bound(),
            "PortOpen": exposure.of(place).is_some(), "Status": status, "FixStatus": 1,
            "LastScanTime": results.last_check_on(place, context.now),
            "WarningRiskList": Value::list("WarningRisk", risks), "FixList": Value::list("Fix", []),
        })
    });
    Ok(Value::reply(members! { "List": Value::list("Machine", shown), "PageInfo": Value::Map(info) }))
}
