//! What operations that change groups share: the servers that a call names, and why a group is refused.

use std::collections::HashSet;

use crate::domain::groups::GroupError;
use crate::operations::prelude::*;

/// The places of the servers with these UUIDs, joined by commas. Unknown ones are passed over.
pub(super) fn places(servers: &Servers, uuids: &str) -> Vec<usize> {
    let wanted = id_list::ids(uuids);
    let wanted: HashSet<&str> = wanted.iter().map(String::as_str).collect();
    let all = servers.iter().enumerate();
    all.filter(|(_, server)| wanted.contains(&*server.uuid)).map(|(place, _)| place).collect()
}

/// The group that a call names; one that does not exist is refused like any wrong argument.
pub(super) fn group_id(context: &Context<'_>, params: &Params) -> Result<i64, ApiError> {
    let refused = context.world.assumptions.argument_error();
    let id = params.int("GroupId").ok_or(refused)?;
    context.groups().find(id).map(|group| group.id).ok_or(refused.into())
}

/// A name that a group can have: it stands in snapshots and replies, so it is short.
pub(super) fn name<'a>(context: &Context<'_>, name: Option<&'a str>) -> Result<&'a str, ApiError> {
    let fits = name.filter(|name| !name.is_empty() && name.chars().count() <= 255);
    fits.ok_or(context.world.assumptions.argument_error().into())
}

pub(super) fn refused(error: GroupError, context: &Context<'_>) -> ApiError {
    match error {
        GroupError::NameRepeated => Code::GROUP_NAME_REPEATED.into(),
        GroupError::TooMany => context.world.assumptions.argument_error().into(),
    }
}
