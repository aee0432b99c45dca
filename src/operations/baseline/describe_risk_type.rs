//! `DescribeRiskType`: the baselines that there are (`spec/all_operations.json`).

use super::scope::description;
use crate::operations::prelude::*;
use crate::posture::Platform;
use crate::posture::baseline::{BASELINE_TYPES, BASELINES, Baseline};

pub(super) static OPERATION: Operation = Operation::new("DescribeRiskType", run)
    .summary("the baselines that there are")
    .params(params! {
        Text "Source",
        Text "Lang" ignored "replies are in one language",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape documented, most names ours, no rules that can be edited, none without an agent");

fn run(_: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let is_by_agents = params.non_empty("Source").is_none_or(|source| source == "default");
    let types = BASELINE_TYPES.iter().filter(|_| is_by_agents).map(|kind| {
        let of_type = BASELINES.iter().filter(|baseline| baseline.kind == *kind);
        Value::Map(members! {
            "TypeName": kind.name, "Alias": kind.alias, "AuthFlag": true,
            "SubTypes": Value::list("SubType", of_type.map(subtype)),
        })
    });
    Ok(Value::reply(members! { "RiskTypes": Value::list("RiskType", types) }))
}

fn subtype(baseline: &Baseline) -> Value {
    let system = match baseline.platform {
        Platform::Linux => "linux",
        Platform::Windows => "windows",
    };
    let details = baseline.items.iter().map(|item| {
        Value::Map(members! {
            "CheckId": item.id, "CheckItem": item.text, "CheckDesc": description(item),
            "Rules": Value::list("Rule", []),
        })
    });
    Value::Map(members! {
        "TypeName": baseline.subtype, "Alias": baseline.name, "AuthFlag": true, "SupportedOs": system,
        "CheckDetails": Value::list("CheckDetail", details),
    })
}
