//! `DescribeHcExportInfo`: the same as `DescribeWarningExportInfo` with fewer words (`spec/all_operations.json`).

use super::report::Progress;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeHcExportInfo", run)
    .summary("how far an export of what baselines find is, in another shape")
    .params(params! { Integer "ExportId" })
    .identity(&["ExportId"])
    .evidence(
        "whole; shape and words documented, but for failed; the refusal of an unknown or missing id assumed",
    );

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let export = Progress::of(context, params, "ExportWarning")?;
    let mut members = members! {
        "Progress": export.percent, "CurrentCount": export.done(), "TotalCount": export.total,
        "FileName": export.file_name.clone(), "GmtCreate": export.born, "ResultStatus": export.word("exporting"),
        "Id": export.id,
    };
    members.extend(export.link.map(|link| ("Link".into(), link)));
    Ok(Value::reply(members))
}
