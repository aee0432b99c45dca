//! `PublicCreateImageScanTask`: scan container images that are known already (spec/api.md §1.9).

use super::{Context, Operation, Param, image_scan, named};
use crate::domain::{ApiError, Params, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "PublicCreateImageScanTask",
    summary: "scan container images",
    ram_action: "yundun-sas:PublicCreateImageScanTask",
    params: &[
        Param::text("Digests"),
        Param::text("InstanceIds"),
        Param::text("RegionIds"),
        Param::text("RegistryTypes"),
        Param::text("RepoIds"),
        Param::text("RepoNames"),
        Param::text("RepoNamespaces"),
        Param::text("Tags"),
    ],
    evidence: "part; shape and limit documented, only Digests choose images, the shared state inferred",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    image_scan::start(context, named::ids(params.filled("Digests").unwrap_or_default()))
}
