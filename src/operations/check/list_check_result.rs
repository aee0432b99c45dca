//! `ListCheckResult`: what the configuration checks find (`spec/all_operations.json`).

use crate::operations::checked::{admits, is_part, list};
use crate::operations::configuration_check::instance_id;
use crate::operations::prelude::*;
use crate::posture::check::{CheckItem, CheckResult};

pub(super) static OPERATION: Operation = Operation::new("ListCheckResult", run)
    .summary("what the configuration checks find")
    .params(params! {
        List "CheckIds", Text "CheckKey", List "CheckTypes", Boolean "CustomParam", List "InstanceIds",
        List "InstanceTypes", List "OperationTypes", List "RequirementIds", List "RiskLevels", List "SortTypes",
        List "StandardIds", List "Statuses", List "Types", List "Vendors", Integer "CurrentPage", Integer "PageSize",
        List "TaskSources" ignored "the console of databases has the same checks",
        Text "RegionId" ignored "one list is for all regions",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "Lang" ignored "replies are in one language",
    })
    .evidence("part; shape documented, check items and standards ours, statuses PASS, NOT_PASS and NOT_CHECK alone");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (context, results) = (&*context, context.checks());
    let mut rows: Vec<&CheckResult> =
        results.all.iter().filter(|one| is_wanted(context, params, one)).collect();
    // The first type counts most; what is equal keeps its order.
    for sort in list(params, "SortTypes").into_iter().rev() {
        match sort {
            "RISK_LEVEL" => rows.sort_by_key(|result| result.item.level),
            "STATUS" => rows.sort_by_key(|result| result.status),
            _ => (),
        }
    }
    let (page, info) = Page::of(params).cut(rows.len(), rows.into_iter());
    let shown = page.into_iter().map(shown);
    Ok(Value::reply(members! { "Checks": Value::list("Check", shown), "PageInfo": Value::Map(info) }))
}

fn is_wanted(context: &Context<'_>, params: &Params, result: &CheckResult) -> bool {
    let item = result.item;
    let has = |name, id: fn(&crate::posture::check::CheckSection) -> u32| {
        let wanted = list(params, name);
        wanted.is_empty() || item.sections().any(|section| wanted.contains(&&*id(section).to_string()))
    };
    let types = list(params, "Types");
    let looks_at = |wanted: &[&str]| {
        wanted.is_empty()
            || (0..result.instances).any(|place| wanted.contains(&&*instance_id(context, result, place)))
    };
    admits(params, "CheckIds", &item.id.to_string())
        && is_part(params, "CheckKey", item.name)
        && admits(params, "CheckTypes", "SYSTEM")
        && params.bool("CustomParam") != Some(true)
        && admits(params, "InstanceTypes", item.instance_type)
        && admits(params, "OperationTypes", operation_type(item))
        && admits(params, "RiskLevels", item.level.capitals())
        && admits(params, "Statuses", result.status.word())
        && admits(params, "Vendors", "ALIYUN")
        && has("RequirementIds", |section| section.requirement.0)
        && has("StandardIds", |section| section.standard.id)
        && (types.is_empty() || item.sections().any(|section| types.contains(&section.standard.kind)))
        && looks_at(&list(params, "InstanceIds"))
}

fn operation_type(item: &CheckItem) -> &'static str {
    if item.is_repairable { "SUPPORT_REPAIR" } else { "NOT_SUPPORT_REPAIR" }
}

fn shown(result: &CheckResult) -> Value {
    let item = result.item;
    let policies = item.sections().map(|section| {
        let (requirement, name) = section.requirement;
        Value::Map(members! {
            "StandardId": section.standard.id, "StandardShowName": section.standard.name,
            "RequirementId": requirement, "RequirementShowName": name,
            "SectionId": section.id, "SectionShowName": section.name,
        })
    });
    let mut members = members! {
        "CheckId": item.id, "CheckShowName": item.name, "CheckType": "SYSTEM", "Status": result.status.word(),
        "RiskLevel": item.level.capitals(), "InstanceType": item.instance_type,
        "InstanceSubType": item.instance_subtype, "OperationType": operation_type(item),
        "Vendor": "ALIYUN", "VendorShowName": "Alibaba Cloud", "AssetVendor": 0,
        "TrialPermission": false, "CheckSaleType": 1,
        "CheckPolicies": Value::list("CheckPolicy", policies),
    };
    members.extend(item.asset_type().map(|number| ("AssetType".into(), number.into())));
    members.extend(result.last_check.map(|at| ("LastCheckTime".into(), at.into())));
    Value::Map(members)
}
