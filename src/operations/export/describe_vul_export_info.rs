//! `DescribeVulExportInfo`: how far a report is, and where it lies (`spec/all_operations.json`).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeVulExportInfo", run)
    .summary("how far a report is, and where it lies")
    .params(params! { Integer "ExportId" required })
    .evidence("whole; shape and words documented, the refusal of an unknown id assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let wanted = params.int("ExportId").and_then(|id| u64::try_from(id).ok());
    let exports = &context.account.exports;
    let export = exports.iter().find(|export| Some(export.id.number()) == wanted);
    let export = export.ok_or(context.world.assumptions.argument_error())?;

    let progress = export.progress(context.now);
    let is_done = progress == 100;
    let total = i64::try_from(export.rows(&context.account.servers)).unwrap_or(i64::MAX);
    let mut members = members! {
        "Progress": progress,
        "RequestId": Value::RequestId,
        "CurrentCount": total.saturating_mul(progress) / 100,
        "Message": if is_done { "success" } else { "" },
        "FileName": export.file_name(),
        "TotalCount": total,
        "ExportStatus": export.status(context.now),
        "Id": export.id.number(),
    };
    if is_done {
        members.insert(0, ("Link".into(), Value::Link(format!("/_emulator/exports/{}", export.id))));
    }
    Ok(Value::Map(members))
}
