//! `DescribeGroupedInstances`: the servers of each group or region, counted (`spec/all_operations.json`).

use std::collections::BTreeMap;

use super::seen::{self, Count, Seen};
use crate::operations::prelude::*;
use crate::operations::risks::Risks;

pub(super) static OPERATION: Operation = Operation::new("DescribeGroupedInstances", run)
    .summary("the servers of each group or region, counted")
    .params(params! {
        Text "GroupField" required, Text "FieldValue", Text "MachineTypes", Text "SaleVersionCheckCode",
        Integer "Vendor", Text "Vendors", Boolean "NoPage", Integer "CurrentPage", Integer "PageSize",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "Lang" ignored "replies are in one language",
    })
    .evidence("part; shape documented, FieldValue is a part of the name (assumed), servers are in no VPC, groups without servers are listed (assumed)");

/// What is counted of the servers of one group or region.
#[derive(Default)]
struct ServersOfGroup<'a> {
    name: &'a str,
    flag: i64,
    all: Count,
    unprotected: Count,
    at_risk: Count,
    asap: Count,
    of_edition: Count,
    os: Option<&'a str>,
}

impl<'a> ServersOfGroup<'a> {
    fn add(&mut self, seen: Seen<'a>, is_of_edition: bool) {
        self.all.add_if(true);
        self.unprotected.add_if(seen.is_unprotected());
        self.at_risk.add_if(seen.risks.any(seen.place));
        self.asap.add_if(seen.risks.has_asap_vulnerability(seen.place));
        self.of_edition.add_if(is_of_edition);
        self.os.get_or_insert(&seen.server.os);
    }
}

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let refused = context.world.assumptions.argument_error();
    let field = params.text("GroupField");
    if !["groupId", "regionId", "vpcInstanceId"].contains(&field) {
        return Err(refused.into());
    }
    let names_vendor =
        |name| params.non_empty(name).is_none_or(|list| list.split(',').any(|it| it == Server::FLAG));
    let are_counted = params.non_empty("MachineTypes").is_none_or(|kind| kind == "ecs")
        && names_vendor("Vendor")
        && names_vendor("Vendors");
    let is_of_edition = edition_check(params.non_empty("SaleVersionCheckCode")).ok_or(refused)?;
    let risks = Risks::of(context);
    let mut rows: BTreeMap<(i64, &str), ServersOfGroup<'_>> = BTreeMap::new();
    if field == "groupId" {
        for group in context.groups().all() {
            let row = ServersOfGroup { name: group.name, flag: group.flag(), ..ServersOfGroup::default() };
            rows.insert((group.id, ""), row);
        }
    }
    if field != "vpcInstanceId" && are_counted {
        for seen in seen::all(context, &risks) {
            let (key, name, flag) = match field {
                "groupId" => ((seen.group.id, ""), seen.group.name, seen.group.flag()),
                _ => ((0, &*seen.server.region), &*seen.server.region, 0),
            };
            let row =
                rows.entry(key).or_insert_with(|| ServersOfGroup { name, flag, ..ServersOfGroup::default() });
            row.add(seen, is_of_edition(seen.server.edition));
        }
    }
    let part = params.non_empty("FieldValue").unwrap_or_default();
    let found: Vec<ServersOfGroup<'_>> = rows.into_values().filter(|row| row.name.contains(part)).collect();
    let page = Page::of(params);
    let total = found.len();
    let page = if params.bool("NoPage") == Some(true) { Page::whole(total) } else { page };
    let (shown_rows, info) = page.cut(total, found.iter());
    Ok(Value::reply(members! {
        "Instances": Value::list("Instance", shown_rows.into_iter().map(shown)),
        "PageInfo": Value::Map(info),
    }))
}

fn shown(row: &ServersOfGroup<'_>) -> Value {
    let text = |count: Count| count.0.to_string();
    let mut members = members! {
        "FieldAliasName": row.name.to_owned(), "GroupFlag": row.flag,
        "InstanceCount": text(row.all), "InstanceCoreCount": row.all.cores(),
        "UnProtectedInstanceCount": text(row.unprotected), "RiskInstanceCount": text(row.at_risk),
        "AsapVulInstanceCount": row.asap.0, "AuthVersionCheckCount": row.of_edition.0,
    };
    members.extend(row.os.map(|os| ("Os".into(), os.to_owned().into())));
    Value::Map(members)
}

/// Which editions pass a check; none without one, and nothing for a check that is not documented.
fn edition_check(code: Option<&str>) -> Option<fn(Edition) -> bool> {
    Some(match code {
        None => |_| false,
        Some("sas_gte_advanced") => |edition| edition >= Edition::Advanced,
        Some("sas_gte_enterprise") => |edition| edition >= Edition::Enterprise,
        Some("sas_gt_basic") => |edition| edition > Edition::Free,
        Some("sas_eq_advanced") => |edition| edition == Edition::Advanced,
        Some("sas_gt_anti_virus") => |edition| edition > Edition::AntiVirus,
        Some(_) => return None,
    })
}
