//! `DescribeCheckWarningSummary`: what each baseline finds (`spec/all_operations.json`).

use super::scope::{FAILED, PASSED, Scope, StrategyChoice, level_members};
use crate::operations::checked::is_part;
use crate::operations::local_time::local_time;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeCheckWarningSummary", run)
    .summary("what each baseline finds")
    .params(params! {
        Text "RiskName", Integer "RiskStatus", Text "Status", Integer "StrategyId", Text "TypeName", Text "Uuids",
        Integer "GroupId", Integer "CurrentPage", Integer "PageSize",
        Text "ClusterId" refused "containers are not modelled",
        Text "ContainerFieldName" refused "containers are not modelled",
        Text "ContainerFieldValue" refused "containers are not modelled",
        Text "TargetType" ignored "servers are the only targets",
        Text "Lang" ignored "replies are in one language",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape documented, names of baselines ours, RiskName taken for a part of the name, no containers");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (context, results) = (&*context, context.baselines());
    let (scope, strategy) = (Scope::joined(context, params), StrategyChoice::of(context, params));
    let mut rows = Vec::new();
    for result in &results.all {
        let baseline = result.baseline;
        let (checked, failing) = scope.counts(result);
        let is_wanted = checked > 0
            && strategy.covers(baseline)
            && is_part(params, "RiskName", baseline.name)
            && params.non_empty("TypeName").is_none_or(|name| name == baseline.kind.name);
        let has_status = |status: i64| match status {
            FAILED => failing > 0,
            PASSED => failing == 0,
            _ => false,
        };
        // Of a check item it is enough that one has passed on one server.
        let has_item_status = |status: &str| match status.parse() {
            Ok(FAILED) => failing > 0,
            Ok(PASSED) => {
                checked > failing
                    || (0..baseline.items.len()).any(|item| scope.failing(result, item) < checked)
            }
            _ => false,
        };
        if is_wanted
            && params.int("RiskStatus").is_none_or(has_status)
            && params.non_empty("Status").is_none_or(has_item_status)
        {
            rows.push((result, failing));
        }
    }
    let shown = |(result, failing): (&_, usize)| {
        let result: &crate::posture::baseline::BaselineResult<'_> = result;
        let baseline = result.baseline;
        let mut members = members! {
            "RiskId": baseline.id, "RiskName": baseline.name, "Level": baseline.level.word(),
            "TypeAlias": baseline.kind.alias, "SubTypeAlias": baseline.name,
            "CheckCount": baseline.items.len(), "WarningMachineCount": failing,
            "LastFoundTime": local_time(results.last_check(result, context.now)),
            "CheckExploit": baseline.is_exploitable(), "DatabaseRisk": baseline.is_of_database(),
            "ContainerRisk": false,
        };
        members.extend(level_members(scope.levels(result)));
        Value::Map(members)
    };
    let (page, mut members) = Page::of(params).cut(rows.len(), rows.into_iter());
    members.push(("WarningSummarys".into(), Value::list("WarningSummary", page.into_iter().map(shown))));
    Ok(Value::reply(members))
}
