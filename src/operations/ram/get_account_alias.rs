//! `GetAccountAlias` of RAM: the alias of the account (the SDK's model of 2015-05-01).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::of(Product::RAM, "GetAccountAlias", run)
    .summary("the alias of the account")
    .evidence("whole; shape documented, the alias is the number of the account, as it is until one is set (assumed)");

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    Ok(Value::reply(members! { "AccountAlias": context.principal()?.account_number() }))
}
