//! `ExportVul`: write a file of vulnerabilities (`spec/all_operations.json`).

use super::report;
use crate::operations::prelude::*;

const NAME: &str = "ExportVul";

pub(super) static OPERATION: Operation = Operation::new(NAME, run)
    .summary("write a file of vulnerabilities")
    .params(params! {
        Text "Type" required, Text "Uuids", Text "Necessity", Text "Dealed", Text "AliasName", Text "CveId",
        Text "AssetType", Text "GroupId",
        Text "AttachTypes",
        Text "ContainerName" refused "findings are on servers",
        Integer "CreateTsEnd", Integer "CreateTsStart",
        Text "ImageName" refused "findings are on servers",
        Text "Path" refused "findings have no path",
        Integer "RaspDefend" refused "findings have no protection",
        Text "SearchTags" refused "findings have no tags",
        Text "VpcInstanceIds" refused "servers have no VPC",
        Text "Lang",
    })
    .evidence("part; shape documented, columns as published programs read them, some filters are refused");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    report::begin(context, NAME, params)
}
