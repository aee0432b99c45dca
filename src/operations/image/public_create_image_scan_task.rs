//! `PublicCreateImageScanTask`: scan container images that are known already (spec/api.md §1.9).

use super::scan;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("PublicCreateImageScanTask", run)
    .summary("scan container images")
    .params(&[
        Param::text("Digests"),
        unread("InstanceIds"),
        unread("RegionIds"),
        unread("RegistryTypes"),
        unread("RepoIds"),
        unread("RepoNames"),
        unread("RepoNamespaces"),
        unread("Tags"),
    ])
    .evidence("part; shape and limit documented, only Digests choose images, the shared state inferred");

/// Registries are not modelled.
const fn unread(name: &'static str) -> Param {
    Param::text(name).ignored("only digests choose images")
}

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    scan::start(context, id_list::ids(params.text("Digests")))
}
