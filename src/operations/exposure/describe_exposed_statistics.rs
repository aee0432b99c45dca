//! `DescribeExposedStatistics`: how much can be reached from the internet (`spec/all_operations.json`).

use std::collections::BTreeSet;

use super::exposed::all;
use crate::operations::prelude::*;
use crate::posture::vulnerability::LevelCounts;

pub(super) static OPERATION: Operation = Operation::new("DescribeExposedStatistics", run)
    .summary("how much can be reached from the internet")
    .evidence("whole; shape documented, servers alone, gateways and databases are not modelled");

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let exposed = all(context);
    let components: BTreeSet<_> = exposed.iter().map(|exposed| exposed.component.name).collect();
    let ports: BTreeSet<_> = exposed.iter().map(|exposed| exposed.component.port).collect();
    let addresses: BTreeSet<_> = exposed.iter().map(|exposed| exposed.way().2).collect();
    let weak = exposed.iter().filter(|exposed| exposed.weak_passwords > 0).count();
    let sum = |count: fn(&LevelCounts) -> usize| -> usize {
        exposed.iter().map(|exposed| count(&exposed.vulnerabilities)).sum()
    };
    Ok(Value::reply(members! {
        "ExposedInstanceCount": exposed.len(), "ExposedEcsCount": exposed.len(),
        "ExposedIpCount": addresses.len(), "ExposedPortCount": ports.len(),
        "ExposedComponentCount": components.len(), "ExposedWeekPasswordMachineCount": weak,
        "GatewayAssetCount": 0, "ExposedRdsCount": 0, "ExposedDdsCount": 0, "ExposedKvstoreCount": 0,
        "ExposedAsapVulCount": sum(|counts| counts.asap), "ExposedLaterVulCount": sum(|counts| counts.later),
        "ExposedNntfVulCount": sum(|counts| counts.nntf),
    }))
}
