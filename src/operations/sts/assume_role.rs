//! `AssumeRole` of STS: temporary keys for a role (the SDK's model of 2015-04-01, and its documented errors).

use jiff::SignedDuration;

use super::policy;
use crate::domain::assumptions::{RoleAccount, RoleSession};
use crate::domain::keyring::is_possible_id;
use crate::domain::principal::{account_number, principal_number};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::of(Product::STS, "AssumeRole", run)
    .summary("temporary keys for a role")
    .params(params! {
        Text "RoleArn" required, Text "RoleSessionName" required, Integer "DurationSeconds", Text "Policy",
        Text "ExternalId", Text "SourceIdentity",
    })
    .evidence("part; shape and errors documented, every role exists and trusts everyone, of a Policy only actions count");

const SHORTEST: i64 = 900;
const USUAL: i64 = 3600;

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (number, role) = role_of(params.text("RoleArn")).ok_or(Code::ROLE_ARN)?;
    let session_name = params.text("RoleSessionName");
    if !is_made_of(session_name, 2..=64, ".@-_") {
        return Err(Code::ROLE_SESSION_NAME.into());
    }
    let longest = match context.world.assumptions.role_session {
        RoleSession::OneHour => 3600,
        RoleSession::TwelveHours => 43_200,
    };
    let seconds = params.int("DurationSeconds").unwrap_or(USUAL);
    if !(SHORTEST..=longest).contains(&seconds) {
        return Err(Code::ROLE_DURATION.into());
    }
    if params.non_empty("ExternalId").is_some_and(|id| !is_made_of(id, 2..=1224, "_+=,.@:/-")) {
        return Err(Code::ROLE_EXTERNAL_ID.into());
    }
    let identity = params.non_empty("SourceIdentity");
    if identity.is_some_and(|identity| !is_made_of(identity, 2..=64, "_+=,.@-")) {
        return Err(ApiError::invalid("SourceIdentity"));
    }
    let policy = params.non_empty("Policy").map(policy::read).transpose()?.unwrap_or_default();

    let account = account_of(context, number)?;
    let drawn = context.dice.temporary_key();
    let Some(requester) = &mut context.requester else { return Err(Code::INTERNAL.into()) };
    let lasts = SignedDuration::from_secs(seconds);
    let key = TemporaryKey {
        id: String::new(),
        assumed_by: requester.principal.owner().to_owned(),
        account,
        account_number: number.to_owned(),
        role: role.to_owned(),
        session_name: session_name.to_owned(),
        // Shown in whole seconds.
        expires: whole(requester.gateway_now).checked_add(lasts).map_err(|_| Code::ROLE_DURATION)?,
        policy,
    };
    let key = key.named(requester.seed, drawn);
    let reply = reply(&key, requester.seed, identity);
    requester.issued = Some(key);
    Ok(reply)
}

fn reply(key: &TemporaryKey, seed: u64, identity: Option<&str>) -> Value {
    let TemporaryKey { id, account_number, role, session_name, expires, .. } = key;
    let access_key = key.access_key(seed);
    let token = access_key.token.as_ref().map_or("", |token| token.expose());
    let mut members = members! {
        "AssumedRoleUser": Value::Map(members! {
            "AssumedRoleId": format!("{}:{session_name}", principal_number(account_number, role)),
            "Arn": format!("acs:ram::{account_number}:role/{role}/{session_name}"),
        }),
        "Credentials": Value::Map(members! {
            "SecurityToken": token.to_owned(),
            "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "AccessKeySecret": access_key.secret.expose().to_owned(),
            "AccessKeyId": id,
        }),
    };
    members.extend(identity.map(|identity| ("SourceIdentity".into(), identity.to_owned().into())));
    Value::reply(members)
}

/// The account whose data a role of that cloud account sees: that of a key that belongs to it, else one of its own.
fn account_of(context: &Context<'_>, number: &str) -> Result<String, ApiError> {
    let caller = context.principal()?;
    if context.world.assumptions.role_account == RoleAccount::Caller || caller.account_number() == number {
        return Ok(caller.account().to_owned());
    }
    let owner = std::iter::once(caller.owner()).chain(context.world.keyring.listed_ids());
    let account = owner.into_iter().find(|id| account_number(id) == number);
    Ok(account.unwrap_or(number).to_owned())
}

/// Account number and name in `acs:ram::1234567890123456:role/name`.
fn role_of(arn: &str) -> Option<(&str, &str)> {
    let (number, role) = arn.strip_prefix("acs:ram::")?.split_once(":role/")?;
    let is_number = (1..=20).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && is_possible_id(number) && is_made_of(role, 1..=64, ".-_/")).then_some((number, role))
}

fn is_made_of(text: &str, length: std::ops::RangeInclusive<usize>, signs: &str) -> bool {
    length.contains(&text.len())
        && text.chars().all(|sign| sign.is_ascii_alphanumeric() || signs.contains(sign))
}

fn whole(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_arns() {
        assert_eq!(role_of("acs:ram::1234567890123456:role/Reader"), Some(("1234567890123456", "Reader")));
        for bad in [
            "",
            "Reader",
            "acs:ram::x:role/r",
            "acs:ram:::role/r",
            "acs:ram::1:user/r",
            "acs:ram::1:role/",
            "acs:ram::1:role/a b",
        ] {
            assert_eq!(role_of(bad), None, "{bad}");
        }
    }
}
