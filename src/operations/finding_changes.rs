//! What scans, repairs and verifications change of findings when they end.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use super::Context;
use super::findings::looked_for;
use crate::domain::{Status, Task, TaskId};
use crate::posture::vulnerability::{ChangedFinding, FindingStatus, ScanReach, Vulnerability};

/// The findings of what it looked for were seen again; as the scenario says, others appear and some go.
pub(super) fn end_scan(context: &mut Context<'_>, at: Timestamp, id: TaskId) {
    let Some(task) = context.account.tasks.get(id) else { return };
    if task.state_at(at).status != Status::Success {
        return;
    }
    let (kinds, servers) = (looked_for(task), &context.account.servers);
    // A task on as many servers as there are is taken for one on all of them.
    let is_of_all = task.targets.len() >= servers.len();
    let subtasks = task.subtasks(at);
    let chosen = subtasks.iter().filter(|subtask| (subtask.status == Status::Success) != is_of_all);
    let uuids: Vec<String> =
        chosen.filter_map(|subtask| subtask.target.map(|target| target.id.to_string())).collect();
    let places = servers.places(&uuids).into_iter().collect();
    let scan = if is_of_all { ScanReach::AllBut(places) } else { ScanReach::Only(places) };
    let (matters, begun) = (context.world.posture.vulnerabilities.scans_matter(), context.account.begun);
    let findings = context.findings();
    let entries = findings.changed(FindingStatus::Deleted);
    let deleted: BTreeSet<u32> =
        entries.filter(|entry| kinds.contains(&entry.kind)).map(|entry| entry.number).collect();
    let changes = &mut context.account.posture.vulnerabilities;
    changes.scanned(&kinds, &scan, at, (matters, begun));
    if !deleted.is_empty() {
        changes.restore_deleted(&scan, |vulnerability| deleted.contains(&vulnerability));
    }
}

/// What was being repaired or verified by these tasks is what it is from now on.
pub(super) fn end_repairs(context: &mut Context<'_>, ended: &[(Timestamp, TaskId)]) {
    if ended.is_empty() {
        return;
    }
    let (findings, account) = (context.findings(), &*context.account);
    let task = |(at, id): &(Timestamp, TaskId)| Some((id.bits(), (*at, account.tasks.get(*id)?)));
    let tasks: HashMap<u128, (Timestamp, &Task)> = ended.iter().filter_map(task).collect();
    let mut succeeded = HashMap::new();
    let outcome = |change: &ChangedFinding| {
        let (at, task) = tasks.get(&change.task?)?;
        let has_succeeded = *succeeded.entry((task.id, change.server)).or_insert_with(|| {
            let server = account.servers.get(change.server as usize);
            let mut subtasks = server.into_iter().flat_map(|server| task.subtasks(*at).on(&server.uuid));
            subtasks.next().is_some_and(|subtask| subtask.status == Status::Success)
        });
        let entry = findings.by_number(change.vulnerability);
        let needs_restart = entry.is_some_and(Vulnerability::needs_restart);
        Some((*change, outcome(change, has_succeeded, needs_restart), *at))
    };
    let outcomes: Vec<_> = account.posture.vulnerabilities.all().filter_map(outcome).collect();
    for (change, status, at) in outcomes {
        context.account.posture.vulnerabilities.end(change, status, at);
    }
}

/// What a finding is after its repair or verification.
fn outcome(change: &ChangedFinding, has_succeeded: bool, needs_restart: bool) -> FindingStatus {
    use FindingStatus::{FixFailed, Fixed, Fixing, NeedsRestart, Open};

    match (change.status, change.before.unwrap_or(Open)) {
        (Fixing, _) if !has_succeeded => FixFailed,
        (Fixing, _) if needs_restart => NeedsRestart,
        (Fixing, _) => Fixed,
        // A repair is verified after the restart.
        (_, NeedsRestart) if has_succeeded => Fixed,
        (_, before) => before,
    }
}
