//! `PublicCreateImageScanTask`: scan container images that are known already (spec/api.md §1.9).

use super::scan;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("PublicCreateImageScanTask", run)
    .summary("scan container images")
    .params(params! {
        text "Digests",
        text "InstanceIds" ignored "only digests choose images",
        text "RegionIds" ignored "only digests choose images",
        text "RegistryTypes" ignored "only digests choose images",
        text "RepoIds" ignored "only digests choose images",
        text "RepoNames" ignored "only digests choose images",
        text "RepoNamespaces" ignored "only digests choose images",
        text "Tags" ignored "only digests choose images",
    })
    .evidence("part; shape and limit documented, only Digests choose images, the shared state inferred");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    scan::start(context, id_list::ids(params.text("Digests")))
}
