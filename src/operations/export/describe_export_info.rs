//! `DescribeExportInfo`: how far an export of a list is, and where its file lies (`spec/all_operations.json`).

use super::report::Progress;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeExportInfo", run)
    .summary("how far an export of a list is, and where its file lies")
    .params(params! {
        Integer "ExportId" required,
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .identity(&["ExportId"])
    .evidence("whole; shape and words documented, but for failed, which published programs expect; the refusal of an unknown id assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    Progress::of(context, params, "ExportRecord").map(Progress::reply)
}
