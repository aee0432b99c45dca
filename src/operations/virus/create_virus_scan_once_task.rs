//! `CreateVirusScanOnceTask`: look for viruses on every server (spec/api.md §1.9).

use serde_json::json;

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("CreateVirusScanOnceTask", run)
    .summary("look for viruses on every server")
    .paid()
    .params(params! {
        Text "ScanType", List "ScanPath",
        Text "SelectionKey" ignored "selections are not modelled",
        Text "Param" ignored "its content is not documented",
    })
    .evidence("part; shape documented, a SelectionKey selects nothing");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let scan_type = params.non_empty("ScanType").unwrap_or("system");
    let param = json!({ "scanType": scan_type, "scanPath": params.list("ScanPath") });
    create::start_if_room(context, NewTask { param: Some(param.to_string()), ..NewTask::of(VIRUS_SCAN) })?;
    Ok(Value::reply([]))
}
