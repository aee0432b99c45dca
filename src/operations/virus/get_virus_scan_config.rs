//! `GetVirusScanConfig`: the newest schedule of virus scans (`spec/all_operations.json`).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("GetVirusScanConfig", run)
    .summary("the newest schedule of virus scans")
    .params(params! { Text "TaskType" })
    .evidence("whole; shape documented, that it is the newest cycle task of the type assumed, a scan is of the system unless Param says otherwise");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let wanted = params.non_empty("TaskType").unwrap_or("VIRUS_VUL_SCHEDULE_SCAN");
    let newest = context.account.cycles.iter().rev().find(|cycle| cycle.task_type.as_str() == wanted);
    Ok(Value::reply(members! { "Data": Value::Map(newest.map(shown).unwrap_or_default()) }))
}

fn shown(cycle: &CycleTask) -> Vec<Member> {
    let param: serde_json::Value = serde_json::from_str(&cycle.param).unwrap_or_default();
    let scan_type = param["scanType"].as_str().unwrap_or("system").to_owned();
    let texts = |name: &str| {
        let texts = param[name].as_array().into_iter().flatten().filter_map(|text| text.as_str());
        texts.map(|text| Value::from(text.to_owned())).collect::<Vec<_>>()
    };
    members! {
        "ConfigId": cycle.id, "TaskType": cycle.task_type.as_str().to_owned(), "Enable": i64::from(cycle.enabled),
        "IntervalPeriod": cycle.interval, "PeriodUnit": cycle.unit.as_str(),
        "TargetStartTime": cycle.start_hour, "TargetEndTime": cycle.end_hour,
        "ScanType": scan_type, "ScanPath": Value::list("ScanPath", texts("scanPath")),
        "AdditionType": Value::list("AdditionType", texts("additionType")),
        "SelectionKey": param["selectionKey"].as_str().unwrap_or_default().to_owned(),
    }
}
