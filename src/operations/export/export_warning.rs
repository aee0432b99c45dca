//! `ExportWarning`: write what baselines find to a file (`spec/all_operations.json`).

use super::report;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("ExportWarning", run)
    .summary("write what baselines find to a file")
    .params(params! {
        Text "Dealed", Integer "GroupId", Integer "IsSummaryExport", Text "RiskIds", Text "RiskLevels", Text "RiskName",
        Text "StatusList", Integer "StrategyId", Text "SubTypeNames", Text "TypeName", Text "TypeNames", Text "Uuids",
        Text "Lang",
        Text "ExportType" ignored "one value is documented",
        Integer "IsCleartextPwd" ignored "no password is in a file",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape and filters documented, columns not; a row is a check item on a server, or a baseline");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    report::begin(context, &OPERATION, params)
}
