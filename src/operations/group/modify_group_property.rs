//! `ModifyGroupProperty`: renames groups (the vendor's page of the operation).

use serde::Deserialize;

use super::changed::{name, refused};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("ModifyGroupProperty", run)
    .summary("rename groups of servers")
    .params(params! { Text "Data" required })
    .evidence("whole; shape documented, only the name changes (documented), of several groups all or none are renamed, a guess");

/// The other properties do not change, whatever is said of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    group_id: i64,
    group_name: String,
}

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let argument_error = context.world.assumptions.argument_error();
    let all: Vec<Properties> = serde_json::from_str(params.text("Data")).map_err(|_| argument_error)?;
    let before = context.account.group_changes.clone();
    for Properties { group_id, group_name } in &all {
        let id = context.groups().find(*group_id).filter(|group| !group.is_default()).map(|group| group.id);
        let renamed = id.ok_or(argument_error.into()).and_then(|id| {
            let name = name(context, Some(group_name))?;
            context.account.rename_group(context.world, id, name).map_err(|error| refused(error, context))
        });
        if let Err(error) = renamed {
            context.account.group_changes = before;
            return Err(error);
        }
    }
    Ok(Value::reply(members! {}))
}
