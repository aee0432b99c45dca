//! What one AccessKeyId holds. Nothing is shared between accounts, so parallel tests isolate themselves by their keys.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use super::bounds::{CYCLE_TASKS, EXPORTS, KEPT_TASKS};
use super::cycle::CycleTask;
use super::export::Export;
use super::servers::{ServerList, Servers};
use super::targets::Targets;
use super::task::PendingTask;
use super::tasks::Tasks;
use crate::text::limited::{ListOf, list};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub tasks: Tasks,
    #[serde(deserialize_with = "list::<CYCLE_TASKS, _, _, _>")]
    pub cycles: Vec<CycleTask>,
    /// Tasks accepted but not yet started, in the order in which they will.
    #[serde(rename = "orders", deserialize_with = "in_order")]
    pending: Vec<PendingTask>,
    #[serde(default, skip_serializing_if = "Servers::is_unchanged")]
    pub servers: Servers,
    /// Oldest first.
    #[serde(deserialize_with = "list::<EXPORTS, _, _, _>")]
    pub exports: Vec<Export>,
    /// Those of the last task, to be shared with the next one; so is its `param`.
    #[serde(skip)]
    targets: Targets,
    #[serde(skip)]
    param: Option<Arc<str>>,
}

impl Account {
    pub fn new(servers: Arc<ServerList>) -> Self {
        Self { servers: Servers::new(servers), ..Self::default() }
    }

    /// The list of targets that the last task had.
    pub fn last_targets(&self) -> &Targets {
        &self.targets
    }

    pub fn set_last_targets(&mut self, targets: Targets) {
        self.targets = targets;
    }

    /// Returns the last text instead if it is equal.
    pub fn share_param(&mut self, param: Arc<str>) -> Arc<str> {
        if self.param.as_ref() != Some(&param) {
            self.param = Some(Arc::clone(&param));
        }
        self.param.clone().unwrap_or(param)
    }

    /// Tasks accepted but not yet started, in the order in which they will.
    pub fn pending(&self) -> &[PendingTask] {
        &self.pending
    }

    pub fn add_pending(&mut self, task: PendingTask) {
        // At the end, unless the delay was longer before.
        let place = self.pending.partition_point(|other| other.due <= task.due);
        self.pending.insert(place, task);
    }

    /// Whether time alone may bring it tasks.
    pub fn may_start_tasks(&self) -> bool {
        !self.cycles.is_empty() || !self.pending.is_empty()
    }

    /// Takes out the pending tasks that are due.
    pub fn take_pending(&mut self, now: Timestamp) -> Vec<PendingTask> {
        let due = self.pending.partition_point(|pending| pending.due <= now);
        self.pending.drain(..due).collect()
    }

    /// Adds a report and evicts the oldest beyond the limit.
    pub fn add_export(&mut self, export: Export) {
        if self.exports.len() >= EXPORTS as usize {
            self.exports.remove(0);
        }
        self.exports.push(export);
    }

    /// A copy for a snapshot that has the account's list of servers in another place.
    #[must_use]
    pub fn without_shared(&self) -> Self {
        let mut copy = self.clone();
        if let Some(targets) = self.servers.list().targets() {
            copy.tasks.leave_targets_out(targets);
        }
        copy
    }

    /// Gives an account of a snapshot its list of servers. False if what it holds cannot belong to that list.
    pub fn set_servers(&mut self, list: Arc<ServerList>) -> bool {
        match list.targets() {
            Some(targets) => self.tasks.share_targets(targets),
            None if self.tasks.iter().any(|task| task.on_all) => return false,
            None => (),
        }
        self.servers.set_list(list)
    }
}

/// An edited snapshot may have them in any order.
fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PendingTask>, D::Error> {
    let ListOf(mut pending) = ListOf::<PendingTask, KEPT_TASKS>::deserialize(deserializer)?;
    pending.sort_by_key(|pending| pending.due);
    Ok(pending)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Lifecycle, NewTask, Override, Task, TaskId, TaskType, at};

    /// A snapshot of an earlier version must stay readable, so these names are fixed.
    #[test]
    fn the_serialised_form_of_an_account_never_changes() {
        let plan = Lifecycle::default().plan(Some(10), |span| span.min);
        let mut task = Task::new(TaskId::new(5), TaskType::new("IMAGE_SCAN"), at(0), plan);
        task.override_at(at(3), Override::Stall(Some(40))).unwrap();
        task.override_at(at(4), Override::Fail(None)).unwrap();
        let mut account = Account::default();
        account.tasks.add(task, at(4), 10);
        account.add_pending(PendingTask { due: at(9), task: NewTask::of("VUL_CHECK_TASK") });
        let text = serde_json::to_string(&account).unwrap();
        insta::assert_snapshot!(text, @r#"{"tasks":[{"id":"00000000000000000000000000000005","task_type":"IMAGE_SCAN","source":"console","born":"1970-01-01T00:00:00Z","plan":{"course":{"pace":{"time":{"queued":"PT2S","running":"PT8S"}},"targets":10,"curve":"linear","ending":{"success":"SUCCESS"}}},"targets":[],"looks":0,"forced":{"at":"1970-01-01T00:00:04Z","state":{"status":"FAIL","progress":40,"finish_count":4,"total_count":10,"result":"SUCCESS"},"earlier":{"at":"1970-01-01T00:00:03Z","state":{"status":"START","progress":40,"finish_count":4,"total_count":10,"result":"SUCCESS"}}}}],"cycles":[],"orders":[{"due":"1970-01-01T00:00:09Z","birth":{"task_type":"VUL_CHECK_TASK","name":"VUL_CHECK_TASK","source":"openapi","param":null,"targets":[]}}],"exports":[]}"#);
        assert_eq!(serde_json::from_str::<Account>(&text).unwrap(), account);
    }
}
