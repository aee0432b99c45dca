//! `ExportSuspEvents`: write alarms to a file (`spec/all_operations.json`).

use super::report;
use crate::operations::prelude::*;

/// The filters are those of `DescribeSuspEvents`.
pub(super) static OPERATION: Operation = Operation::new("ExportSuspEvents", run)
    .summary("write alarms to a file")
    .params(params! {
        List "AssetsTypeList", Text "ClusterId", Text "ContainerFieldName", Text "ContainerFieldValue", Text "Dealed",
        Integer "GroupId", Integer "Id", Text "Levels", Text "Name", List "OperateErrorCodeList", Text "ParentEventTypes",
        Text "Remark", Text "Status", Text "TargetType", Text "TimeEnd", Text "TimeStart", Text "UniqueInfo", Text "Uuid",
        Text "CurrentPage" ignored "a file has all pages",
        Text "PageSize" ignored "a file has all pages",
        Text "From" ignored "all alarms are of one source",
        Text "Lang" ignored "replies are in one language",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("whole; shape, filters and names of columns documented, the pages that it could be limited to are not");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (id, file_name) = report::begin_short(context, &OPERATION, params)?;
    Ok(Value::reply(members! { "FileName": file_name, "Id": id }))
}
