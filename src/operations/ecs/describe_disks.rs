//! `DescribeDisks` of ECS: none, for the emulator has no disks (the SDK's model of 2014-05-26).

use super::nothing;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::of(Product::ECS, "DescribeDisks", run)
    .summary("none: an audit that lists them goes on")
    .params(params! {
        Text "RegionId" required ignored "there are none in any region",
        Integer "PageNumber", Integer "PageSize",
    })
    .evidence("part; shape documented, there are no disks");

fn run(_: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    Ok(nothing::listed(params, "Disks", "Disk"))
}
