//! `RefreshAssets`: bring the lists of assets up to date (spec/api.md §1.9). Which task each kind starts is a guess.

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("RefreshAssets", run)
    .summary("bring the lists of assets up to date")
    .params(params! {
        Text "AssetType",
        Integer "CloudAssetType" ignored "cloud products start no task",
        Integer "CloudAssetSubType" ignored "cloud products start no task",
        Integer "Vendor" ignored "cloud products start no task",
    })
    .evidence("part; shape documented, the tasks it starts guessed, cloud products start none");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let task_type = match params.non_empty("AssetType") {
        None | Some("ecs") => "ASSET_REFRESH_HOST",
        Some("container_image") => "IMAGE_REGISTRY_PULL",
        Some(_) => return Ok(Value::reply([])),
    };
    create::start_if_room(context, NewTask::of(task_type))?;
    Ok(Value::reply([]))
}
