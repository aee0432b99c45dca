//! What starters and readers of `VUL_CHECK_TASK` agree on: the kinds of vulnerabilities in the task's param.

use serde_json::json;

use crate::domain::Task;

/// The type of these tasks.
pub(super) const TYPE: &str = "VUL_CHECK_TASK";

/// The kinds that `DescribeVulCheckTaskStatusDetail` knows.
const KINDS: [&str; 4] = ["cve", "sys", "cms", "sca"];

/// What a task is told of the kinds it looks for; nothing if it looks for all.
pub(super) fn param(kinds: &[String]) -> Option<String> {
    (!kinds.is_empty()).then(|| json!({ "types": kinds.join(",") }).to_string())
}

/// The kinds a task looks for, of those that have a status of their own.
pub(super) fn kinds(task: &Task) -> Vec<&'static str> {
    let told: serde_json::Value =
        task.param.as_deref().and_then(|param| serde_json::from_str(param).ok()).unwrap_or_default();
    let told = told["types"].as_str();
    let is_told = |kind: &str| told.is_none_or(|told| told.split(',').any(|other| other == kind));
    KINDS.into_iter().filter(|kind| is_told(kind)).collect()
}
