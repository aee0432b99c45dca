//! `ChangeCheckConfig`: change the policy of configuration checks (`spec/all_operations.json`).

use serde::Deserialize;

use crate::operations::checked::list;
use crate::operations::prelude::*;
use crate::posture::check::{CHECK_ITEMS, CheckChanges, CheckItem, CheckPolicy, CheckResults, CheckSection};

pub(super) static OPERATION: Operation = Operation::new("ChangeCheckConfig", run)
    .summary("change the policy of configuration checks")
    .params(params! {
        Text "ConfigStandardIds", Text "ConfigRequirementIds", Text "Configure", List "CycleDays", Boolean "DryRun",
        Boolean "EnableAddCheck", Boolean "EnableAutoCheck", Integer "StartTime", Integer "EndTime",
        Boolean "SystemConfig",
        Objects "AddedCheck", Objects "RemovedCheck",
        List "StandardIds" ignored "documented as no longer used",
        List "Vendors" ignored "only products of the vendor are modelled",
        Text "ClientToken" ignored "a call that comes twice changes nothing more",
        Text "RegionId" ignored "one policy is for all regions",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .evidence("part; shape documented, sections of single items not read, SystemConfig taken for the policy of the beginning, refusals assumed");

/// Ids in JSON.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct IdChanges {
    add_ids: Vec<u32>,
    remove_ids: Vec<u32>,
}

/// Which items enter the policy, and which leave it.
type Selection = Vec<(u32, bool)>;

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let refused = || ApiError::from(context.world.assumptions.argument_error());
    let results = context.checks();
    let mut changes = context.account.posture.check.clone();
    let selection = selection(params).ok_or_else(refused)?;
    if params.bool("SystemConfig") == Some(true) {
        changes = CheckChanges::default();
    }
    // Times that follow from the policy of now are kept, so that no change turns one back.
    keep_times(&mut changes, &results);
    changes.policy = policy(params, changes.policy.clone()).ok_or_else(refused)?;
    for (item, is_selected) in selection {
        changes.select(item, is_selected);
    }
    if params.bool("DryRun") != Some(true) {
        context.account.posture.check = changes;
    }
    Ok(Value::reply([]))
}

fn keep_times(changes: &mut CheckChanges, results: &CheckResults) {
    for result in &results.all {
        if let Some(at) = result.last_check {
            changes.has_checked(result.item.id, at);
        }
    }
}

/// None if a value is not as documented.
fn policy(params: &Params, policy: CheckPolicy) -> Option<CheckPolicy> {
    let hour = |name, usual: u8| match params.int(name) {
        None => Some(usual),
        Some(hour) => u8::try_from(hour).ok(),
    };
    let (start, end) = (hour("StartTime", policy.start)?, hour("EndTime", policy.end)?);
    let days = list(params, "CycleDays");
    let days: Vec<u8> = days.into_iter().map(|day| day.parse().ok()).collect::<Option<_>>()?;
    let is_valid =
        [0, 6, 12, 18].contains(&start) && end == start + 6 && days.iter().all(|day| (1..=7).contains(day));
    is_valid.then(|| CheckPolicy {
        cycle_days: if days.is_empty() { policy.cycle_days } else { days.into_iter().take(7).collect() },
        start,
        end,
        is_automatic: params.bool("EnableAutoCheck").unwrap_or(policy.is_automatic),
        adds_new: params.bool("EnableAddCheck").unwrap_or(policy.adds_new),
    })
}

/// Documented: standards count before requirements, and these before single items. None for what is no such list.
fn selection(params: &Params) -> Option<Selection> {
    match params.non_empty("Configure") {
        Some("all") => return Some(CHECK_ITEMS.iter().map(|item| (item.id, true)).collect()),
        Some(_) => return None,
        None => (),
    }
    if let Some(text) = params.non_empty("ConfigStandardIds") {
        return Some(of_sections(&serde_json::from_str(text).ok()?, |section| section.standard.id));
    }
    if let Some(text) = params.non_empty("ConfigRequirementIds") {
        return Some(of_sections(&serde_json::from_str(text).ok()?, |section| section.requirement.0));
    }
    let named = |list: &'static str, is_selected| {
        let ids =
            (1..=CHECK_ITEMS.len()).map_while(move |place| params.int(&format!("{list}.{place}.CheckId")));
        ids.map(move |id| {
            let item = u32::try_from(id).ok().and_then(CheckItem::find)?;
            Some((item.id, is_selected))
        })
    };
    named("AddedCheck", true).chain(named("RemovedCheck", false)).collect()
}

fn of_sections(changes: &IdChanges, id: impl Fn(&CheckSection) -> u32) -> Selection {
    let items = |ids: &[u32]| {
        let is_named = |item: &&CheckItem| item.sections().any(|section| ids.contains(&id(section)));
        CHECK_ITEMS.iter().filter(is_named).map(|item| item.id).collect::<Vec<_>>()
    };
    let added = items(&changes.add_ids).into_iter().map(|item| (item, true));
    added.chain(items(&changes.remove_ids).into_iter().map(|item| (item, false))).collect()
}
