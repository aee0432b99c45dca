//! `PublicSyncAndCreateImageScanTask`: register container images and start a scan (spec/api.md §1.9).

use serde::Deserialize;

use super::scan;
use crate::domain::{ApiError, Params, Value};
use crate::operations::{Context, Operation, Param};

pub(super) static OPERATION: Operation = Operation::new("PublicSyncAndCreateImageScanTask", run)
    .summary("register container images and start a scan")
    .params(&[Param::text("Images").required()])
    .evidence("whole; shape and limit documented, refusals of bad lists assumed, the shared state inferred");

/// What is read of one member of `Images`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
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
    let images =
        params.non_empty("Images").and_then(|images| serde_json::from_str::<Vec<Image>>(images).ok());
    match images.filter(|images| !images.is_empty()) {
        Some(images) => scan::start(context, images.into_iter().map(Image::target).collect()),
        None => Err(context.world.assumptions.argument_error().into()),
    }
}
