//! `DescribeStrategy`: the strategies of baseline checks (`spec/all_operations.json`).

use crate::operations::prelude::*;
use crate::operations::strategy_execution::look;
use crate::posture::baseline::{BaselineResults, Strategy};

pub(super) static OPERATION: Operation = Operation::new("DescribeStrategy", run)
    .summary("the strategies of baseline checks")
    .params(params! {
        Text "CustomType", Text "StrategyIds",
        Text "Lang" ignored "replies are in one language",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape documented, PassRate taken for the share of checks that pass, every strategy is for all servers");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let ids = id_list::ids(params.text("StrategyIds"));
    let wanted = |(id, strategy): &(u32, Strategy)| {
        (ids.is_empty() || ids.contains(&id.to_string()))
            && params.non_empty("CustomType").is_none_or(|kind| kind == custom_type(strategy))
    };
    let strategies: Vec<_> = context.account.posture.baseline.strategies().filter(wanted).collect();
    let looks: Vec<_> = strategies.iter().map(|(id, _)| look(context, *id)).collect();
    let (context, results) = (&*context, context.baselines());
    let servers = context.account.servers.len();
    let groups: Vec<i64> = context.groups().all().map(|group| group.id).collect();
    let shown = strategies.iter().zip(looks).map(|((id, strategy), look)| {
        let running = look.map(|(_, state)| state).filter(|state| !state.status.is_terminal());
        let done = running.map_or(servers, |state| state.finish_count as usize);
        let mut members = members! {
            "Id": *id, "Name": &strategy.name, "CustomType": custom_type(strategy),
            "Type": if *id == Strategy::USUAL { 1 } else { 2 },
            "CycleDays": strategy.cycle_days, "CycleStartTime": strategy.start_second() / 3_600 / 6 * 6,
            "StartTime": &strategy.start, "EndTime": &strategy.end,
            "EcsCount": servers, "ProcessRate": done, "PassRate": pass_rate(strategy, &results),
            "RiskCount": strategy.baselines().map(|baseline| baseline.items.len()).sum::<usize>(),
            "ExecStatus": if running.is_some() { 2 } else { 1 },
            "ExecutionType": if look.is_some() { "Manual" } else { "Schedule" },
            "UserModifyTime": strategy.modified.unwrap_or_default(),
            "ConfigTargets": Value::list("ConfigTarget", groups.iter().map(|id| Value::Map(members! {
                "Flag": "add", "Target": id.to_string(), "TargetType": "groupId",
            }))),
        };
        // Documented: only while it is executed.
        members.extend(running.map(|state| ("Percent".into(), Value::from(format!("{}%", state.progress)))));
        Value::Map(members)
    });
    Ok(Value::reply(members! { "Strategies": Value::list("Strategy", shown) }))
}

fn custom_type(strategy: &Strategy) -> &'static str {
    if strategy.is_custom { "custom" } else { "common" }
}

/// Of a hundred checks of items on servers, how many pass; 100 where nothing is checked.
fn pass_rate(strategy: &Strategy, results: &BaselineResults<'_>) -> usize {
    let (mut all, mut failing) = (0, 0);
    for result in results.all.iter().filter(|result| strategy.covers(result.baseline)) {
        let items = 0..result.baseline.items.len();
        all += result.checked() * items.len();
        failing += items.map(|item| result.failing_on_item(item)).sum::<usize>();
    }
    ((all - failing) * 100).checked_div(all).unwrap_or(100)
}
