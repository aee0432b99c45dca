//! `RefreshAssets`: bring the lists of assets up to date (spec/api.md §1.9). Which task each kind starts is a guess.

use super::{Context, Operation, Param, births};
use crate::domain::{ApiError, Birth, Params, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "RefreshAssets",
    summary: "bring the lists of assets up to date",
    ram_action: "yundun-sas:RefreshAssets",
    params: &[
        Param::text("AssetType"),
        Param::int("CloudAssetType"),
        Param::int("CloudAssetSubType"),
        Param::int("Vendor"),
    ],
    evidence: "part; shape documented, the tasks it starts guessed, cloud products start none",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let task_type = match params.filled("AssetType") {
        None | Some("ecs") => Some("ASSET_REFRESH_HOST"),
        Some("container_image") => Some("IMAGE_REGISTRY_PULL"),
        Some(_) => None,
    };
    if let Some(task_type) = task_type {
        births::start_if_room(context, Birth::of(task_type))?;
    }
    Ok(Value::only_request_id())
}
