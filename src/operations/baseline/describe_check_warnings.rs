//! `DescribeCheckWarnings`: the check items of a server (`spec/all_operations.json`).

use super::scope::{FAILED, PASSED, kind_alias, warning_id};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeCheckWarnings", run)
    .summary("the check items of a server")
    .params(params! {
        Text "Uuid" required, Integer "RiskId", Integer "CheckId", Text "CheckType", Integer "RiskStatus",
        Integer "CurrentPage", Integer "PageSize",
        Text "ContainerName" refused "containers are not modelled",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "Lang" ignored "replies are in one language",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape documented, all baselines of the server without a RiskId assumed, statuses 1 and 3 alone");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (context, results) = (&*context, context.baselines());
    let uuid = params.text("Uuid");
    let id_is = |name, id: u32| params.int(name).is_none_or(|wanted| wanted == i64::from(id));
    let warnings = context.place_of(uuid).into_iter().flat_map(|place| {
        results.warnings_on(place).map(move |(result, item, fails)| (result, item, fails, place))
    });
    let mut rows = Vec::new();
    for (result, item, fails, place) in warnings {
        let status = if fails { FAILED } else { PASSED };
        let is_wanted = id_is("RiskId", result.baseline.id)
            && id_is("CheckId", item.id)
            && params.non_empty("CheckType").is_none_or(|kind| kind == item.kind)
            && params.int("RiskStatus").is_none_or(|wanted| wanted == status);
        if is_wanted {
            rows.push((item, status, place));
        }
    }
    let (page, mut members) = Page::of(params).cut(rows.len(), rows.into_iter());
    let shown = page.into_iter().map(|(item, status, place)| {
        Value::Map(members! {
            "CheckId": item.id, "CheckWarningId": warning_id(item, place), "Item": item.text,
            "Level": item.level.word(), "Type": kind_alias(item), "Status": status, "FixStatus": 0,
            "Uuid": uuid.to_owned(),
        })
    });
    members.push(("CheckWarnings".into(), Value::list("CheckWarning", shown)));
    Ok(Value::reply(members))
}
