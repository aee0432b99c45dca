//! What baselines and configuration checks find, as tables. Their columns are not documented.

use serde::Deserialize;

use super::{Reader, in_language};
use crate::operations::baseline::scope::{FAILED, PASSED, Scope, StrategyChoice};
use crate::operations::checked::is_part;
use crate::operations::local_time::local_time;
use crate::operations::prelude::*;
use crate::posture::baseline::{Baseline, BaselineResult};
use crate::sheet::Sheet;

const ON_SERVERS: [[&str; 8]; 2] = [
    ["基线名称", "基线类型", "风险等级", "检查项", "状态", "资产名称", "资产ID", "资产IP"],
    ["Baseline", "Type", "Risk Level", "Check Item", "Status", "Asset Name", "Asset ID", "Asset IP"],
];

const SUMMARY: [[&str; 6]; 2] = [
    ["基线名称", "基线类型", "风险等级", "检查项数", "未通过服务器数", "最近检查时间"],
    ["Baseline", "Type", "Risk Level", "Check Items", "Servers at Risk", "Last Check"],
];

const ITEMS: [[&str; 6]; 2] = [
    ["检查项", "风险等级", "基线名称", "基线类型", "状态", "未通过服务器数"],
    ["Check Item", "Risk Level", "Baseline", "Type", "Status", "Servers at Risk"],
];

const CHECKS: [[&str; 7]; 2] = [
    ["检查项ID", "检查项", "风险等级", "云产品", "状态", "未通过实例数", "最近检查时间"],
    ["Check ID", "Check Item", "Risk Level", "Product", "Status", "Instances at Risk", "Last Check"],
];

/// The members of a text joined by commas; everything if it is empty.
fn admits(list: Option<&str>, value: &str) -> bool {
    list.is_none_or(|list| list.split(',').any(|member| member.trim() == value))
}

/// `ExportWarning`: every check item on every server, or each baseline in a row.
pub(super) fn list(context: &Context<'_>, params: &Params, reader: Reader<'_>) -> Result<(), ApiError> {
    let (results, scope, strategy) =
        (context.baselines(), Scope::joined(context, params), StrategyChoice::of(context, params));
    let given = |name| params.non_empty(name);
    let is_wanted = |baseline: &Baseline| {
        // Documented: the one name counts where both are given.
        admits(given("TypeName").or(given("TypeNames")), baseline.kind.name)
            && admits(given("SubTypeNames"), baseline.subtype)
            && admits(given("RiskLevels"), baseline.level.word())
            && admits(given("RiskIds"), &baseline.id.to_string())
            && is_part(params, "RiskName", baseline.name)
            // None has been handled.
            && given("Dealed") != Some("Y")
            && strategy.covers(baseline)
    };
    let wanted = || results.all.iter().filter(|result| is_wanted(result.baseline));
    let has = |status: i64| admits(given("StatusList"), &status.to_string());
    if params.int("IsSummaryExport") == Some(1) {
        let rows: Vec<_> = wanted()
            .map(|result| (result, scope.counts(result)))
            .filter(|(_, (checked, failing))| *checked > 0 && has(if *failing > 0 { FAILED } else { PASSED }))
            .collect();
        let shown = rows.iter().map(|(result, (_, failing))| {
            let baseline = result.baseline;
            vec![
                baseline.name.into(),
                baseline.kind.alias.into(),
                baseline.level.word().into(),
                baseline.items.len().to_string().into(),
                failing.to_string().into(),
                local_time(results.last_check(result, context.now)).into(),
            ]
        });
        let columns = in_language(&SUMMARY, params);
        reader(Sheet { name: "baselines", columns, count: rows.len(), rows: Box::new(shown) });
        return Ok(());
    }
    let count_of = |result: &BaselineResult<'_>| {
        let (checked, _) = scope.counts(result);
        let failing = |item| scope.failing(result, item);
        let of_item = |item| {
            let failing = failing(item);
            usize::from(has(FAILED)) * failing + usize::from(has(PASSED)) * (checked - failing)
        };
        (0..result.baseline.items.len()).map(of_item).sum::<usize>()
    };
    let rows = wanted().flat_map(|result| {
        let servers = scope.row(result).into_iter();
        servers.flat_map(move |nth| {
            let items = result.baseline.items.iter().enumerate();
            items.map(move |(number, item)| (result, nth, item, result.fails(number, nth)))
        })
    });
    let rows = rows.filter(|(.., fails)| has(if *fails { FAILED } else { PASSED }));
    let shown = rows.filter_map(|(result, nth, item, fails)| {
        let server = context.server(result.place(nth)?)?;
        Some(vec![
            result.baseline.name.into(),
            result.baseline.kind.alias.into(),
            item.level.word().into(),
            item.text.into(),
            status(fails, params).into(),
            (&server.name).into(),
            (&server.instance_id).into(),
            server.shown_ip().into(),
        ])
    });
    let (columns, count) = (in_language(&ON_SERVERS, params), wanted().map(count_of).sum());
    reader(Sheet { name: "check results", columns, count, rows: Box::new(shown) });
    Ok(())
}

fn status(fails: bool, params: &Params) -> &'static str {
    match (fails, super::is_chinese(params)) {
        (true, true) => "未通过",
        (true, false) => "failed",
        (false, true) => "已通过",
        (false, false) => "passed",
    }
}

/// `Params` of an export of the check items of baselines, as the vendor's programs send it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ItemFilters {
    check_level: Option<String>,
    check_warning_status_list: Option<Vec<i64>>,
    source: Option<String>,
}

/// `exportHcWarning`: the list of `ListCheckItemWarningSummary`.
pub(super) fn items(context: &Context<'_>, params: &Params, reader: Reader<'_>) -> Result<(), ApiError> {
    let filters: ItemFilters = filters(context, params)?;
    let results = context.baselines();
    let is_by_agents =
        filters.source.as_deref().is_none_or(|source| source.is_empty() || source == "default");
    let mut rows = Vec::new();
    for result in results.all.iter().filter(|result| is_by_agents && result.checked() > 0) {
        for (number, item) in result.baseline.items.iter().enumerate() {
            let failing = result.failing_on_item(number);
            let status = if failing > 0 { FAILED } else { PASSED };
            let level = filters.check_level.as_deref().filter(|levels| !levels.is_empty());
            let statuses = filters.check_warning_status_list.as_ref();
            if admits(level, item.level.word()) && statuses.is_none_or(|list| list.contains(&status)) {
                rows.push((result.baseline, item, failing));
            }
        }
    }
    let shown = rows.iter().map(|(baseline, item, failing)| {
        vec![
            item.text.into(),
            item.level.word().into(),
            baseline.name.into(),
            baseline.kind.alias.into(),
            status(*failing > 0, params).into(),
            failing.to_string().into(),
        ]
    });
    let columns = in_language(&ITEMS, params);
    reader(Sheet { name: "check items", columns, count: rows.len(), rows: Box::new(shown) });
    Ok(())
}

/// The members of `Params` that are known; others are left out.
fn filters<'p, T: Default + Deserialize<'p>>(
    context: &Context<'_>,
    params: &'p Params,
) -> Result<T, ApiError> {
    let Some(text) = params.non_empty("Params") else { return Ok(T::default()) };
    serde_json::from_str(text).map_err(|_| context.world.assumptions.argument_error().into())
}

/// `baselineCspm`: the list of `ListCheckResult`.
pub(super) fn checks(context: &Context<'_>, params: &Params, reader: Reader<'_>) -> Result<(), ApiError> {
    let results = context.checks();
    let shown = results.all.iter().map(|result| {
        let item = result.item;
        vec![
            item.id.to_string().into(),
            item.name.into(),
            item.level.word().into(),
            item.instance_type.into(),
            result.status.word().into(),
            result.failing().to_string().into(),
            result.last_check.map_or_else(String::new, local_time).into(),
        ]
    });
    let columns = in_language(&CHECKS, params);
    reader(Sheet { name: "configuration checks", columns, count: results.all.len(), rows: Box::new(shown) });
    Ok(())
}
