//! `PublicCreateImageScanTask`: scan container images that are known already (spec/api.md §1.9).

use super::scan;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("PublicCreateImageScanTask", run)
    .summary("scan container images")
    .params(params! {
        Text "Digests",
        Text "InstanceIds" ignored "only digests choose images",
        Text "RegionIds" ignored "only digests choose images",
        Text "RegistryTypes" ignored "only digests choose images",
        Text "RepoIds" ignored "only digests choose images",
        Text "RepoNames" ignored "only digests choose images",
        Text "RepoNamespaces" ignored "only digests choose images",
        Text "Tags" ignored "only digests choose images",
    })
    .evidence("part; shape and limit documented, only Digests choose images, the shared state inferred");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    scan::start(context, id_list::ids(params.text("Digests")))
}
