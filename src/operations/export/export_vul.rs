//! `ExportVul`: write a file of vulnerabilities (`spec/all_operations.json`).

use super::report;
use crate::operations::prelude::*;

/// The filters are those of `DescribeVulList`.
pub(super) const PARAMS: &[Param] = params! {
    Text "Type" required, Text "Uuids", Text "Necessity", Text "Dealed", Text "AliasName", Text "CveId",
    Text "AssetType", Text "GroupId", Text "AttachTypes", Integer "RaspDefend", Text "SearchTags", Text "Path", Text "Lang",
    Text "ContainerName" refused "findings are on servers",
    Integer "CreateTsEnd" refused "no list filters by the first time", Integer "CreateTsStart" refused "no list filters by the first time",
    Text "ImageName" refused "findings are on servers",
    Text "VpcInstanceIds" refused "findings do not name their VPC",
    Objects "VulEntityList" refused "how its members are held against software is not documented",
    Integer "ResourceDirectoryAccountId" ignored "an account has no members",
};

pub(super) static OPERATION: Operation = Operation::new("ExportVul", run)
    .summary("write a file of vulnerabilities")
    .paid()
    .params(PARAMS)
    .evidence("part; shape documented, columns as published programs read them, filters by time, container and component refused");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    report::begin(context, &OPERATION, params)
}
