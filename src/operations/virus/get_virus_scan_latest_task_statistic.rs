//! `GetVirusScanLatestTaskStatistic`: the state of the newest virus scan (spec/operations.json).

use crate::domain::assumptions::VirusScanDone;
use crate::domain::task_type::VIRUS_SCAN;
use crate::domain::{ApiError, Params, Status, TaskType, Value};
use crate::operations::{Context, Operation};

pub(super) static OPERATION: Operation = Operation::new("GetVirusScanLatestTaskStatistic", run)
    .summary("the state of the newest virus scan")
    .evidence("whole; shape documented, number of a finished scan in dispute, nothing is ever found");

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let (now, assumptions) = (context.now, context.world.assumptions);
    let Some(task) = context.account.tasks.latest(&TaskType::new(VIRUS_SCAN), None, |_| true) else {
        return Ok(Value::reply([("Data", Value::Map(Vec::new()))]));
    };
    let state = task.look(now);
    let status = match (state.status, assumptions.virus_scan_done) {
        (Status::Init, _) => 0,
        (Status::Start, _) => 10,
        // There is no number for a scan that failed.
        (_, VirusScanDone::Hundred) => 100,
        (_, VirusScanDone::Twenty) => 20,
    };
    let param = task.param_json();
    let scan_type = param["scanType"].as_str().unwrap_or("system").to_owned();
    let paths = param["scanPath"].as_array().into_iter().flatten().filter_map(|path| path.as_str());
    let paths: Vec<Value> = paths.map(|path| Value::text(path.to_owned())).collect();
    let safe = task.counts_at(now).succeeded;
    let data = vec![
        ("TaskId", Value::text(task.id.to_string())),
        ("ScanTime", Value::millis(task.born)),
        ("Status", Value::Int(status)),
        ("SuspiciousCount", Value::Int(0)),
        ("SuspiciousMachine", Value::Int(0)),
        ("SafeMachine", Value::int(safe)),
        ("ScanMachine", Value::int(state.total_count)),
        ("ScanType", Value::text(scan_type)),
        ("ScanPath", Value::List { item: "ScanPath", values: paths }),
        ("Progress", Value::text(state.progress.to_string())),
        ("CompleteMachine", Value::int(state.finish_count)),
        ("UnCompleteMachine", Value::int(state.total_count - state.finish_count)),
    ];
    Ok(Value::reply([("Data", Value::Map(data))]))
}
