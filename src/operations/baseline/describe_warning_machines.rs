//! `DescribeWarningMachines`: the servers that a baseline was checked on (`spec/all_operations.json`).

use super::scope::{Scope, StrategyChoice, level_members};
use crate::operations::checked::SearchedPart;
use crate::operations::prelude::*;
use crate::posture::baseline::BaselineResult;

pub(super) static OPERATION: Operation = Operation::new("DescribeWarningMachines", run)
    .summary("the servers that a baseline was checked on")
    .params(params! {
        Integer "RiskId" required, Integer "HaveRisk", Text "MachineName", Integer "StrategyId", Text "Uuids",
        Integer "GroupId", Integer "CurrentPage", Integer "PageSize",
        Text "ClusterId" refused "containers are not modelled",
        Text "ContainerFieldName" refused "containers are not modelled",
        Text "ContainerFieldValue" refused "containers are not modelled",
        Text "TargetType" ignored "servers are the only targets",
        Text "Lang" ignored "replies are in one language",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape documented, MachineName taken for a part of the name, nothing is verified, no containers");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let name = SearchedPart::of(params, "MachineName");
    let (context, results, exposure) = (&*context, context.baselines(), context.exposure());
    let strategy = StrategyChoice::of(context, params);
    let id = params.int("RiskId").and_then(|id| u32::try_from(id).ok());
    let result = id.and_then(|id| results.of(id)).filter(|result| strategy.covers(result.baseline));
    let mut row = result.map(|result| Scope::joined(context, params).row(result)).unwrap_or_default();
    let failing = result.map_or(0, BaselineResult::failing);
    // Those on which something fails come first.
    row.retain(|nth| params.int("HaveRisk").is_none_or(|wanted| wanted == i64::from(*nth < failing)));
    let server = |nth: usize| {
        let place = result.and_then(|result| result.place(nth))?;
        Some((place, context.server(place)?))
    };
    if params.non_empty("MachineName").is_some() {
        row.retain(|nth| server(*nth).is_some_and(|(_, server)| name.is_in(&server.name)));
    }
    let (page, mut members) = Page::of(params).cut(row.len(), row.into_iter());
    let shown = page.into_iter().filter_map(|nth| {
        let ((place, server), result) = (server(nth)?, result?);
        let levels: crate::posture::ByLevel = result.failed(nth).map(|item| item.level).collect();
        let mut members = members! {
            "Uuid": &server.uuid, "InstanceId": &server.instance_id, "InstanceName": &server.name,
            "InternetIp": &server.internet_ip, "IntranetIp": &server.intranet_ip, "RegionId": &server.region,
            "AssetType": "0", "AuthVersion": server.edition.number(), "Bind": server.is_bound(),
            "Online": server.is_online(context.now), "PortOpen": exposure.of(place).is_some(), "Status": 1,
            "PassCount": result.baseline.items.len() - levels.sum(),
        };
        members.extend(level_members(levels));
        Some(Value::Map(members))
    });
    members.push(("WarningMachines".into(), Value::list("WarningMachine", shown)));
    Ok(Value::reply(members))
}
