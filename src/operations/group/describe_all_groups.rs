//! `DescribeAllGroups`: the groups of servers (the vendor's page of the operation).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeAllGroups", run)
    .summary("the groups of servers")
    .params(params! { Text "Lang" ignored "replies are in one language" })
    .evidence("whole; shape and flags documented, order by id assumed");

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let groups = context.groups().all().map(|group| {
        Value::Map(
            members! { "GroupFlag": group.flag(), "GroupId": group.id, "GroupName": group.name.to_owned() },
        )
    });
    let groups: Vec<Value> = groups.collect();
    Ok(Value::reply(members! { "Count": groups.len(), "Groups": Value::list("Group", groups) }))
}
