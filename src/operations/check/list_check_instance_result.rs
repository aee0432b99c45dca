//! `ListCheckInstanceResult`: what a configuration check finds on each asset (`spec/all_operations.json`).

use crate::operations::checked::{ListedWords, SearchedPart, list};
use crate::operations::configuration_check::instance_id;
use crate::operations::prelude::*;
use crate::posture::check::{CheckResult, CheckStatus};

pub(super) static OPERATION: Operation = Operation::new("ListCheckInstanceResult", run)
    .summary("what a configuration check finds on each asset")
    .params(params! {
        Integer "CheckId" required, List "InstanceIds", Text "InstanceIdKey", Text "InstanceNameKey",
        Text "RegionIdKey", List "SortTypes", List "Statuses", Integer "CurrentPage", Integer "PageSize",
        Text "Lang" ignored "replies are in one language",
    })
    .evidence("part; shape documented, no columns of evidence, an unknown item has no assets assumed, SortTypes taken for STATUS");

const REGION: &str = "cn-hangzhou";

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (context, results) = (&*context, context.checks());
    let id = params.int("CheckId").and_then(|id| u32::try_from(id).ok());
    let Some(result) = id.and_then(|id| results.of(id)) else {
        return Ok(reply(Vec::new(), Page::of(params).info(0, 0)));
    };
    let page = Page::of(params);
    let filters = ["InstanceIdKey", "InstanceNameKey", "RegionIdKey"];
    let is_filtered = filters.iter().any(|name| params.non_empty(name).is_some())
        || ["InstanceIds", "Statuses", "SortTypes"].iter().any(|name| !params.list(name).is_empty());
    let (places, info) = if is_filtered {
        let [statuses, ids] = ["Statuses", "InstanceIds"].map(|name| ListedWords::of(params, name));
        let parts = filters.map(|name| SearchedPart::of(params, name));
        let mut places: Vec<usize> = (0..result.instances)
            .filter(|place| {
                let (id, name, region) = identity(context, result, *place);
                let texts = [&id, &name, &region];
                statuses.admit(result.status_of(*place).word())
                    && ids.admit(&id)
                    && parts.iter().zip(texts).all(|(part, text)| part.is_in(text))
            })
            .collect();
        if list(params, "SortTypes").contains(&"STATUS") {
            places.sort_by_key(|place| result.status_of(*place));
        }
        page.cut(places.len(), places.into_iter())
    } else {
        page.range(result.instances, |part| part)
    };
    let shown = places.into_iter().map(|place| {
        let (instance, name, region) = identity(context, result, place);
        let status = result.status_of(place);
        let mut members = members! {
            "Id": u64::from(result.item.id) * 1_000_000 + place as u64 + 1,
            "InstanceId": instance, "InstanceName": name, "RegionId": region, "Status": status.word(),
        };
        if let Some(at) = result.last_check.filter(|_| status != CheckStatus::NotCheck) {
            let info = members! { "LastUpdateTime": at };
            members.push(("InstanceInfo".into(), Value::Map(info)));
        }
        Value::Map(members)
    });
    Ok(reply(shown.collect(), info))
}

fn reply(shown: Vec<Value>, info: Vec<Member>) -> Value {
    // Documented: here, and only here, this count is a text.
    let info = info.into_iter().map(|(name, value)| match value {
        Value::Int(count) if name == "Count" => (name, count.to_string().into()),
        value => (name, value),
    });
    Value::reply(members! {
        "BasicData": Value::list("BasicData", shown), "Checks": Value::list("Check", []),
        "Columns": Value::list("Column", []), "PageInfo": Value::Map(info.collect()),
    })
}

/// Id, name and region of an asset.
fn identity(context: &Context<'_>, result: &CheckResult, place: usize) -> (String, String, String) {
    if let Some(server) = context.server(place).filter(|_| result.item.is_of_servers()) {
        return (server.instance_id.clone(), server.name.clone(), server.region.clone());
    }
    let id = instance_id(context, result, place);
    (id.clone(), id, REGION.to_owned())
}
