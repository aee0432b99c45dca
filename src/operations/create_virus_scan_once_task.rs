//! `CreateVirusScanOnceTask`: look for viruses on every server (spec/api.md §1.9).

use serde_json::json;

use super::{Context, Operation, Param, births};
use crate::domain::task_type::VIRUS_SCAN;
use crate::domain::{ApiError, Birth, Params, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "CreateVirusScanOnceTask",
    summary: "look for viruses on every server",
    ram_action: "yundun-sas:CreateVirusScanOnceTask",
    params: &[
        Param::text("ScanType"),
        Param::list("ScanPath"),
        Param::text("SelectionKey"),
        Param::text("Param"),
    ],
    evidence: "part; shape documented, a SelectionKey selects nothing",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let param = json!({
        "scanType": params.filled("ScanType").unwrap_or("system"),
        "scanPath": params.list("ScanPath"),
    });
    births::start_if_room(context, Birth { param: Some(param.to_string()), ..Birth::of(VIRUS_SCAN) })?;
    Ok(Value::only_request_id())
}
