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

impl Image {
    fn target(self) -> String {
        if self.digest.is_empty() {
            format!("{}/{}:{}", self.repo_namespace, self.repo_name, self.tag)
        } else {
            self.digest
        }
    }
}

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    match serde_json::from_str::<Vec<Image>>(params.text("Images")) {
        Ok(images) if !images.is_empty() => {
            scan::start(context, images.into_iter().map(Image::target).collect())
        }
        _ => Err(context.world.assumptions.argument_error().into()),
    }
}
