//! `ModifyStrategy`: add a strategy of baseline checks, or change one (`spec/all_operations.json`).

use crate::operations::prelude::*;
use crate::posture::baseline::{BASELINES, Strategy, second_of_day};

pub(super) static OPERATION: Operation = Operation::new("ModifyStrategy", run)
    .summary("add or change a strategy of baseline checks")
    .params(params! {
        Text "CustomType" required, Text "CycleDays" required, Text "EndTime" required, Text "Name" required,
        Text "RiskSubTypeName" required, Text "StartTime" required, Text "Id",
        Text "TargetType" required ignored "a strategy is for all servers",
        Text "CycleStartTime" ignored "documented as no longer used",
        Text "RiskCustomParams" ignored "check items have no values that can be set",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape documented, a strategy is for all servers, refusals of bad values assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let refused = || ApiError::from(context.world.assumptions.argument_error());
    let cycle_days = params.text("CycleDays").parse().ok().filter(|days| [1, 3, 7, 30].contains(days));
    let is_time = |name| second_of_day(params.text(name)).is_some();
    let subtypes = id_list::ids(params.text("RiskSubTypeName"));
    let is_known = |name: &String| BASELINES.iter().any(|baseline| baseline.subtype == name);
    let name = params.text("Name");
    let is_custom = match params.text("CustomType") {
        "custom" => true,
        "common" => false,
        _ => return Err(refused()),
    };
    let id = match params.non_empty("Id").map(str::parse) {
        None => None,
        Some(Ok(id)) => Some(id),
        Some(Err(_)) => return Err(refused()),
    };
    let is_valid = is_time("StartTime")
        && is_time("EndTime")
        && name.chars().count() <= Strategy::LONGEST_NAME
        && subtypes.iter().all(is_known);
    let Some(cycle_days) = cycle_days.filter(|_| is_valid) else { return Err(refused()) };
    let strategy = Strategy {
        name: name.to_owned(),
        is_custom,
        cycle_days,
        start: params.text("StartTime").to_owned(),
        end: params.text("EndTime").to_owned(),
        subtypes,
        modified: Some(context.now),
    };
    let id = context.account.posture.baseline.put_strategy(id, strategy).map_err(|_| refused())?;
    Ok(Value::reply(members! {
        "Success": true, "HttpStatusCode": 200, "Result": Value::Map(members! { "StrategyId": id }),
    }))
}
