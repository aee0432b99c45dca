//! `GetCheckSummary`: how many configuration checks pass and fail (`spec/all_operations.json`).

use crate::operations::checked::admits;
use crate::operations::prelude::*;
use crate::posture::RiskLevel;
use crate::posture::check::{CheckStandard, CheckStatus, CheckedProducts, check_standards};

pub(super) static OPERATION: Operation = Operation::new("GetCheckSummary", run)
    .summary("how many configuration checks pass and fail")
    .params(params! {
        Boolean "IsItemStatistic", List "Vendors",
        List "TaskSources" ignored "the console of databases has the same checks",
        Text "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "Lang" ignored "replies are in one language",
    })
    .evidence("whole; shape documented, an item of two standards counts in both, levels of a standard count what fails");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let mut results = context.checks();
    if !admits(params, "Vendors", "ALIYUN") {
        results.all.clear();
    }
    let mut kinds: Vec<&str> = Vec::new();
    check_standards().for_each(|standard| {
        if !kinds.contains(&standard.kind) {
            kinds.push(standard.kind);
        }
    });
    let summaries = kinds.into_iter().map(|kind| {
        let is_of_kind = |standard: &CheckStandard| standard.kind == kind;
        let of_kind = results.all.iter().filter(|result| {
            result.item.sections().any(|section| is_of_kind(&section.standard))
        });
        let counts: CheckedProducts = of_kind.collect();
        let standards = check_standards().filter(is_of_kind).map(|standard| {
            let counts: CheckedProducts = results.of_standard(standard).collect();
            let failing = |level| counts.of(CheckStatus::NotPass, level);
            Value::Map(members! {
                "Id": standard.id, "ShowName": standard.name,
                "PassCount": counts.sum(CheckStatus::Pass), "FailCount": counts.sum(CheckStatus::NotPass),
                "RiskLevelHighCount": failing(RiskLevel::High), "RiskLevelMediumCount": failing(RiskLevel::Medium),
                "RiskLevelLowCount": failing(RiskLevel::Low), "StandardStatistic": statistic(counts),
            })
        });
        Value::Map(members! {
            "Type": kind, "PassCount": counts.sum(CheckStatus::Pass), "FailCount": counts.sum(CheckStatus::NotPass),
            "TypeStatistic": statistic(counts), "Standards": Value::list("Standard", standards),
        })
    });
    let mut members = members! {
        "OverallStatistic": statistic(results.all.iter().collect()),
        "Summarys": Value::list("Summary", summaries),
    };
    if params.bool("IsItemStatistic") == Some(true) {
        let count = results.all.len();
        let items = members! { "ReleaseCount": count, "ResultCount": count };
        members.push(("OverallItemStatistic".into(), Value::Map(items)));
    }
    Ok(Value::reply(members))
}

fn statistic(counts: CheckedProducts) -> Value {
    let of = |status, level| counts.of(status, level);
    let (high, medium, low) = (RiskLevel::High, RiskLevel::Medium, RiskLevel::Low);
    let (passed, failed, unchecked) = (CheckStatus::Pass, CheckStatus::NotPass, CheckStatus::NotCheck);
    Value::Map(members! {
        "PassCount": counts.sum(passed), "PassHighCount": of(passed, high),
        "PassMediumCount": of(passed, medium), "PassLowCount": of(passed, low),
        "NotPassCount": counts.sum(failed), "NotPassHighCount": of(failed, high),
        "NotPassMediumCount": of(failed, medium), "NotPassLowCount": of(failed, low),
        "NotCheckCount": counts.sum(unchecked), "NotCheckHighCount": of(unchecked, high),
        "NotCheckMediumCount": of(unchecked, medium), "NotCheckLowCount": of(unchecked, low),
    })
}
