//! `PublicCreateImageScanTask`: scan container images that are known already (spec/api.md §1.9).

use super::scan;
use crate::operations::{Context, Operation, Param, id_list};
use crate::domain::{ApiError, Params, Value};

pub(super) static OPERATION: Operation = Operation::new("PublicCreateImageScanTask", run)
    .summary("scan container images")
    .params(&[
        Param::text("Digests"),
        Param::text("InstanceIds"),
        Param::text("RegionIds"),
        Param::text("RegistryTypes"),
        Param::text("RepoIds"),
        Param::text("RepoNames"),
        Param::text("RepoNamespaces"),
        Param::text("Tags"),
    ])
    .evidence("part; shape and limit documented, only Digests choose images, the shared state inferred");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    scan::start(context, id_list::ids(params.text("Digests")))
}
