//! `DescribeConcernNecessity`: which vulnerabilities matter (`spec/all_operations.json`).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeConcernNecessity", run)
    .summary("which vulnerabilities matter")
    .params(params! { Text "Lang" ignored "replies are in one language" })
    .evidence("whole; shape and levels documented, that all matter at first assumed");

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let own = &context.account.posture.configuration;
    let levels = own.concerning(&context.world.posture.configuration).into_iter().map(Value::from);
    Ok(Value::reply(members! { "ConcernNecessity": Value::list("ConcernNecessity", levels) }))
}
