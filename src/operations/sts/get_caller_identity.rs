//! `GetCallerIdentity` of STS: who calls (the SDK's model of 2015-04-01, and published replies).

use crate::domain::principal::principal_number;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation =
    Operation::of(Product::STS, "GetCallerIdentity", run).summary("who calls").unrestricted().evidence(
        "whole; shape and words documented, every permanent key is a RAM user's, all numbers are invented",
    );

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let caller = context.principal()?;
    let number = caller.account_number();
    let mut members = if let Some(TemporaryKey { role, session_name, .. }) = caller.role() {
        let id = principal_number(&number, role);
        members! {
            "IdentityType": "AssumedRoleUser",
            "PrincipalId": format!("{id}:{session_name}"),
            "Arn": format!("acs:ram::{number}:assumed-role/{role}/{session_name}"),
            "RoleId": id,
        }
    } else {
        let (name, id) = (caller.key_id(), principal_number(&number, caller.key_id()));
        members! {
            "IdentityType": "RAMUser",
            "PrincipalId": &id,
            "Arn": format!("acs:ram::{number}:user/{name}"),
            "UserId": &id,
        }
    };
    members.push(("AccountId".into(), number.into()));
    Ok(Value::reply(members))
}
