//! `PublicSyncAndCreateImageScanTask`: register container images and start a scan (spec/api.md §1.9).

use serde::Deserialize;

use super::scan;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("PublicSyncAndCreateImageScanTask", run)
    .summary("register container images and start a scan")
    .params(params! { Text "Images" required })
    .evidence("whole; shape and limit documented, refusals of bad lists assumed, the shared state inferred");

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Image {
    digest: String,
    repo_namespace: String,
    repo_name: String,
    tag: String,
}

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let images: Vec<Image> = serde_json::from_str(params.text("Images")).unwrap_or_default();
    if images.is_empty() {
        return Err(context.world.assumptions.argument_error().into());
    }
    let targets = images.into_iter().map(|Image { digest, repo_namespace, repo_name, tag }| {
        if digest.is_empty() { format!("{repo_namespace}/{repo_name}:{tag}") } else { digest }
    });
    scan::start(context, targets.collect())
}
