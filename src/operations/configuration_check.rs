//! Configuration checks that callers start: tasks on the assets of the account.

use serde_json::json;

use super::prelude::*;
use crate::domain::task_type::CONFIGURATION_CHECK;
use crate::posture::check::CheckResult;

/// Which items a check is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScanRange {
    Full,
    Policy,
}

impl ScanRange {
    const WORDS: [(&'static str, Self); 2] = [("FULL", Self::Full), ("POLICY", Self::Policy)];

    pub(super) fn find(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, range)| *range)
    }

    pub(super) fn covers(self, result: &CheckResult) -> bool {
        self == Self::Full || result.is_selected
    }
}

/// The task that checks, and its targets: each asset that is looked at, once.
pub(super) fn task(context: &Context<'_>, range: ScanRange) -> NewTask {
    let mut targets = Vec::new();
    let mut kinds = Vec::new();
    for result in context.checks().all.iter().filter(|result| range.covers(result)) {
        let kind = (result.item.instance_type, result.item.instance_subtype);
        if !kinds.contains(&kind) {
            kinds.push(kind);
            // No id of a server, or its agent would matter.
            let name = |place| format!("{}/{}/{}", kind.0, kind.1, instance_id(context, result, place));
            targets.extend((0..result.instances).map(name));
        }
    }
    let word = ScanRange::WORDS.iter().find(|(_, known)| *known == range).map(|(word, _)| *word);
    let param = Some(json!({ "scanRange": word }).to_string());
    NewTask { param, targets, ..NewTask::of(CONFIGURATION_CHECK) }
}

/// The id of an asset that an item looks at.
pub(super) fn instance_id(context: &Context<'_>, result: &CheckResult, place: usize) -> String {
    let server = context.server(place).filter(|_| result.item.is_of_servers());
    server.map_or_else(
        || {
            let kind = [result.item.instance_type, result.item.instance_subtype].map(str::to_lowercase);
            format!("{}-{}-emulated{:04}", kind[0], kind[1], place + 1)
        },
        |server| server.instance_id.clone(),
    )
}

/// A check has ended: its items were looked at then. One that failed has looked at nothing.
pub(super) fn has_ended(context: &mut Context<'_>, id: TaskId, at: Timestamp) {
    let Some(task) = context.account.tasks.get(id) else { return };
    if task.state_at(context.now).status != Status::Success {
        return;
    }
    let range = task.param_json()["scanRange"].as_str().and_then(ScanRange::find).unwrap_or(ScanRange::Full);
    let items: Vec<u32> = context
        .checks()
        .all
        .iter()
        .filter(|result| range.covers(result))
        .map(|result| result.item.id)
        .collect();
    for item in items {
        context.account.posture.check.has_checked(item, at);
    }
}
