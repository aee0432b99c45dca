//! Pages of lists that are empty here: what instances have beside themselves is no matter of Security Center.

use crate::operations::prelude::*;

/// A page of no items, in the member of that name.
pub(super) fn listed(params: &Params, list: &'static str, item: &'static str) -> Value {
    let mut members = Page::of_ecs(params).ecs_members(0);
    members.push((list.into(), Value::wrapped(item, [])));
    Value::reply(members)
}
