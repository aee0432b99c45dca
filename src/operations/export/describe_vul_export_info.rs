//! `DescribeVulExportInfo`: how far a report is, and where it lies (`spec/all_operations.json`).

use crate::domain::{ApiError, Params, Value};
use crate::operations::{Context, Operation, Param};

pub(super) static OPERATION: Operation = Operation::new("DescribeVulExportInfo", run)
    .summary("how far a report is, and where it lies")
    .params(&[Param::int("ExportId").required()])
    .evidence("whole; shape and words documented, the refusal of an unknown id assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let wanted = params.int("ExportId").and_then(|id| u64::try_from(id).ok());
    let exports = &context.account.exports;
    let export = exports.iter().find(|export| Some(export.id.number()) == wanted);
    let export = export.ok_or(context.world.assumptions.argument_error())?;

    let progress = export.progress(context.now);
    let total = i64::try_from(export.rows(&context.account.servers)).unwrap_or(i64::MAX);
    let mut members = vec![
        ("Progress", Value::Int(progress)),
        ("RequestId", Value::RequestId),
        ("CurrentCount", Value::Int(total.saturating_mul(progress) / 100)),
        ("Message", Value::text("")),
        ("FileName", Value::text(export.file_name())),
        ("TotalCount", Value::Int(total)),
        ("ExportStatus", Value::text(export.status(context.now))),
        ("Id", Value::int(export.id.number())),
    ];
    if progress == 100 {
        members[3].1 = Value::text("success");
        members.insert(0, ("Link", Value::Link(format!("/_emulator/exports/{}", export.id))));
    }
    Ok(Value::Map(members))
}
