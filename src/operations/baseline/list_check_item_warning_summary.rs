//! `ListCheckItemWarningSummary`: what each check item of baselines finds (`spec/all_operations.json`).

use super::scope::{FAILED, PASSED, Scope, advice, description};
use crate::operations::checked::is_part;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("ListCheckItemWarningSummary", run)
    .summary("what each check item of baselines finds")
    .params(params! {
        Text "CheckItemFuzzy", Text "CheckLevel", Text "CheckType", Integer "CheckWarningStatus",
        List "CheckWarningStatusList", Integer "GroupId", Text "RiskType", Text "Source", List "UuidList",
        Integer "CurrentPage", Integer "PageSize",
        Text "ContainerFieldName" refused "containers are not modelled",
        Text "ContainerFieldValue" refused "containers are not modelled",
        Integer "StartTime" ignored "it is for handled alerts, and none is handled",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "Lang" ignored "replies are in one language",
    })
    .evidence("part; shape documented, texts ours, statuses 1 and 3 alone, an item of one baseline each");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (context, results) = (&*context, context.baselines());
    let uuids: Vec<String> = params.list("UuidList").into_iter().map(str::to_owned).collect();
    let scope = Scope::of(context, &uuids, params.int("GroupId"));
    let is_by_agents = params.non_empty("Source").is_none_or(|source| source == "default");
    // Documented: the list counts only without the single status.
    let statuses: Vec<i64> = match params.int("CheckWarningStatus") {
        Some(status) => vec![status],
        None => {
            params.list("CheckWarningStatusList").iter().filter_map(|status| status.parse().ok()).collect()
        }
    };
    let is = |name, value: &str| params.non_empty(name).is_none_or(|wanted| wanted == value);
    let mut rows = Vec::new();
    for result in results.all.iter().filter(|_| is_by_agents) {
        let baseline = result.baseline;
        if scope.counts(result).0 == 0 || !is("RiskType", baseline.kind.name) {
            continue;
        }
        for (number, item) in baseline.items.iter().enumerate() {
            let failing = scope.failing(result, number);
            let status = if failing > 0 { FAILED } else { PASSED };
            let is_wanted = is("CheckLevel", item.level.word())
                && is("CheckType", item.kind)
                && is_part(params, "CheckItemFuzzy", item.text)
                && (statuses.is_empty() || statuses.contains(&status));
            if is_wanted {
                rows.push((baseline, item, status, failing));
            }
        }
    }
    let (page, info) = Page::of(params).cut(rows.len(), rows.into_iter());
    let shown = page.into_iter().map(|(baseline, item, status, failing)| {
        let risks = || Value::list("Risk", [Value::from(baseline.name)]);
        Value::Map(members! {
            "CheckId": item.id, "CheckItem": item.text, "CheckLevel": item.level.word(), "CheckType": item.kind,
            "RiskType": baseline.kind.name, "Alias": baseline.kind.alias, "Status": status,
            "WarningMachineCount": failing, "ContainerCheckItem": false,
            "Description": description(item), "Advice": advice(item),
            "AffiliatedRiskTypes": Value::list("RiskType", [Value::from(baseline.kind.name)]),
            "AffiliatedRisks": risks(), "EnableRisks": risks(),
        })
    });
    Ok(Value::reply(members! { "List": Value::list("CheckItem", shown), "PageInfo": Value::Map(info) }))
}
