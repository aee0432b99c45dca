//! `DescribeSuspEventExportInfo`: how far an export of alarms is, and where its file lies (`spec/all_operations.json`).

use super::report::{ALARM_COLUMNS, Progress};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeSuspEventExportInfo", run)
    .summary("how far an export of alarms is, and where its file lies")
    .params(params! { Integer "ExportId" required })
    .identity(&["ExportId"])
    .evidence("whole; shape and words documented, the refusal of an unknown id assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let export = Progress::of(context, params, "ExportSuspEvents")?;
    // The samples of the two operations differ.
    let file_name = format!("{}_{}{}", export.file_name, export.born.as_millisecond(), export.suffix);
    let mut members = members! {
        "Type": "suspiciousEvent", "Progress": export.percent, "GmtCreate": export.born, "GmtModified": export.changed,
        "FileName": file_name, "TotalCount": export.total, "ExportStatus": export.word("pending"), "Id": export.id,
        "Properties": ALARM_COLUMNS.join(","),
    };
    members.extend(export.link.map(|link| ("Link".into(), link)));
    Ok(Value::reply(members))
}
