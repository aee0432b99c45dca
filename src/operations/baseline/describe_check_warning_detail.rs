//! `DescribeCheckWarningDetail`: a check item on a server (`spec/all_operations.json`). What has no such item has no details,
//! a guess.

use super::scope::{advice, description, kind_alias, of_warning_id};
use crate::operations::prelude::*;
use crate::posture::baseline::baseline_of_item;

pub(super) static OPERATION: Operation = Operation::new("DescribeCheckWarningDetail", run)
    .summary("a check item on a server")
    .params(params! {
        Integer "CheckWarningId", Text "CheckId", Text "Uuid",
        Text "ContainerName" ignored "an alert is of a server: containers are not modelled",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "Lang" ignored "replies are in one language",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence(
        "part; shape documented, texts ours, reply for an unknown alert assumed, no columns of evidence",
    );

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (context, results) = (&*context, context.baselines());
    let asked = match (params.int("CheckWarningId"), params.non_empty("Uuid"), params.non_empty("CheckId")) {
        (Some(id), ..) => of_warning_id(id),
        (None, Some(uuid), Some(item)) => item.parse().ok().zip(context.place_of(uuid)),
        // Documented: one of the two ways is needed.
        _ => return Err(context.world.assumptions.argument_error().into()),
    };
    let found = asked.and_then(|(item, place)| {
        let (baseline, number) = baseline_of_item(item)?;
        results.of(baseline.id)?.nth_of(place)?;
        baseline.items.get(number)
    });
    Ok(Value::reply(found.map_or_else(Vec::new, |item| {
        members! {
            "CheckId": item.id, "Item": item.text, "Level": item.level.word(), "Type": kind_alias(item),
            "Description": description(item), "Advice": advice(item), "Prompt": "",
        }
    })))
}
