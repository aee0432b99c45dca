//! `CreateOrUpdateAssetGroup`: makes a group of servers, or says which servers one has (the vendor's page of the operation).

use super::changed::{group_id, name, places, refused};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("CreateOrUpdateAssetGroup", run)
    .summary("make a group of servers, or say which servers one has")
    .params(params! { Integer "GroupId", Text "GroupName", Text "Uuids" })
    .evidence("whole; shape, demands and the refusal of a name that is taken documented, servers that an update leaves out go to the default group, unknown ones are passed over, guesses");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let world = context.world;
    let uuids = params.non_empty("Uuids");
    let id = if params.non_empty("GroupId").is_some() {
        let id = group_id(context, params)?;
        // Documented: an update names servers, and may name the group.
        let uuids = uuids.ok_or(world.assumptions.argument_error())?;
        if let Some(given) = params.non_empty("GroupName").filter(|_| id != Server::GROUP) {
            let name = name(context, Some(given))?;
            context.account.rename_group(world, id, name).map_err(|error| refused(error, context))?;
        }
        let kept = places(&context.account.servers, uuids);
        let groups = context.groups();
        let left_out = (0..context.account.servers.len())
            .filter(|place| groups.of(*place).id == id && kept.binary_search(place).is_err());
        let left_out: Vec<usize> = left_out.collect();
        context.account.move_to_group(left_out, Server::GROUP);
        context.account.move_to_group(kept, id);
        id
    } else {
        let name = name(context, params.non_empty("GroupName"))?;
        let id = context.account.make_group(world, name).map_err(|error| refused(error, context))?;
        let places = places(&context.account.servers, uuids.unwrap_or_default());
        context.account.move_to_group(places, id);
        id
    };
    Ok(Value::reply(members! { "GroupId": id }))
}
