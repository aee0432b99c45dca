//! `DescribeFieldStatistics`: how many servers there are of each kind (comments in the SDK say what each number counts).

use std::collections::BTreeSet;

use super::seen::{self, Count};
use crate::domain::assumptions::RegionFilter;
use crate::operations::prelude::*;
use crate::operations::risks::Risks;

pub(super) static OPERATION: Operation = Operation::new("DescribeFieldStatistics", run)
    .summary("how many servers there are of each kind")
    .params(params! {
        Text "MachineTypes", Text "RegionId",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .evidence("whole; shape documented, each number is that of a criterion of DescribeCloudCenterInstances, of servers that the emulator does not have there are 0");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let are_counted = params.non_empty("MachineTypes").is_none_or(|kind| kind == "ecs");
    let narrows = context.world.assumptions.region_id == RegionFilter::Narrow;
    let region = params.non_empty("RegionId").filter(|_| narrows);
    let risks = Risks::of(context);
    let (mut all, mut unbound, mut unprotected, mut offline) = Default::default();
    let (mut at_risk, mut exposed): (Count, Count) = Default::default();
    let mut regions = BTreeSet::new();
    for seen in seen::all(context, &risks) {
        if !are_counted || region.is_some_and(|region| region != seen.server.region) {
            continue;
        }
        Count::add_if(&mut all, true);
        Count::add_if(&mut unbound, !seen.server.is_bound());
        Count::add_if(&mut unprotected, seen.is_unprotected());
        Count::add_if(&mut offline, seen.server.client_sub_status(seen.now) == "offline");
        at_risk.add_if(risks.any(seen.place));
        exposed.add_if(risks.is_exposed(seen.place));
        regions.insert(&*seen.server.region);
    }
    let groups = if are_counted { context.groups().all().count() } else { 0 };
    // Servers run, are of general importance and the vendor's own, and none is new or in a network of its own.
    let grouped = members! {
        "InstanceCount": all.0, "InstanceCoreCount": all.cores(), "AliYunInstanceCount": all.0,
        "GeneralAssetCount": all.0, "ImportantAssetCount": 0, "TestAssetCount": 0,
        "GroupCount": groups, "RegionCount": regions.len(), "VpcCount": 0,
        "UnprotectedInstanceCount": unprotected.0, "UnprotectedInstanceCoreCount": unprotected.cores(),
        "OfflineInstanceCount": offline.0, "PauseInstanceCount": 0, "UnKnowStatusInstanceCount": 0,
        "NotBindMachineInstanceCount": unbound.0,
        "RiskInstanceCount": at_risk.0, "RiskInstanceCoreCount": at_risk.cores(),
        "NoRiskInstanceCount": all.0 - at_risk.0,
        "ExposedInstanceCount": exposed.0, "ExposedInstanceCoreCount": exposed.cores(),
        "NewInstanceCount": 0, "NewInstanceCoreCount": 0, "NotRunningStatusCount": 0, "NotRunningStatusCoreCount": 0,
        "InstanceSyncTaskCount": 0, "OutMachineInstanceCount": 0, "IdcInstanceCount": 0, "TripartiteInstanceCount": 0,
        "AwsInstanceCount": 0, "AzureInstanceCount": 0, "BaiduInstanceCount": 0, "GoogleInstanceCount": 0,
        "HuaweiInstanceCount": 0, "KingsoftInstanceCount": 0, "OracleInstanceCount": 0, "StateCloudInstanceCount": 0,
        "TencentInstanceCount": 0, "UcloudInstanceCount": 0, "VolcengineInstanceCount": 0,
    };
    Ok(Value::reply(members! { "GroupedFields": Value::Map(grouped) }))
}
