//! `GetVirusScanLatestTaskStatistic`: the state of the newest virus scan (spec/operations.json).

use crate::domain::assumptions::VirusScanDone;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("GetVirusScanLatestTaskStatistic", run)
    .summary("the state of the newest virus scan")
    .evidence("whole; shape documented, number of a finished scan in dispute, nothing is ever found");

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let (now, assumptions) = (context.now, context.world.assumptions);
    let tasks = &mut context.account.tasks;
    let latest = tasks.newest(&TaskType::new(VIRUS_SCAN), None).next().map(|task| task.id);
    let Some((task, state)) = latest.and_then(|id| tasks.change(id, |task| task.look(now))) else {
        return Ok(Value::reply([("Data".into(), Value::Map(Vec::new()))]));
    };
    let status = match (state.status, assumptions.virus_scan_done) {
        (Status::Init, _) => 0,
        (Status::Start, _) => 10,
        // There is no number for a scan that failed.
        (_, VirusScanDone::Hundred) => 100,
        (_, VirusScanDone::Twenty) => 20,
    };
    let param = task.param_json();
    let paths = param["scanPath"].as_array().into_iter().flatten().filter_map(|path| path.as_str());
    let data = members! {
        "TaskId": task.id, "ScanTime": task.born, "Status": status,
        "SuspiciousCount": 0, "SuspiciousMachine": 0,
        "SafeMachine": task.subtasks(now).counts().0, "ScanMachine": state.total_count,
        "ScanType": param["scanType"].as_str().unwrap_or("system").to_owned(),
        "ScanPath": Value::list("ScanPath", paths.map(|path| Value::from(path.to_owned()))),
        "Progress": state.progress.to_string(),
        "CompleteMachine": state.finish_count, "UnCompleteMachine": state.total_count.saturating_sub(state.finish_count),
    };
    Ok(Value::reply([("Data".into(), Value::Map(data))]))
}
