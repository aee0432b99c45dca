//! What one AccessKeyId holds. Nothing is shared between accounts, so parallel tests isolate themselves by their keys.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cycle::CycleTask;
use super::export::Export;
use super::servers::{ServerList, Servers};
use super::task::{PendingTask, Targets};
use super::tasks::Tasks;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub tasks: Tasks,
    pub cycles: Vec<CycleTask>,
    /// Tasks accepted but not yet started, in the order in which they will.
    #[serde(rename = "orders")]
    pub pending: Vec<PendingTask>,
    #[serde(default, skip_serializing_if = "Servers::is_unchanged")]
    pub servers: Servers,
    /// Oldest first.
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

    /// Returns the last list instead if it is equal: tasks that scan everything then cost no more than a pointer.
    pub fn share_targets(&mut self, targets: Targets) -> Targets {
        if self.targets != targets {
            self.targets = targets;
        }
        self.targets.clone()
    }

    /// Returns the last text instead if it is equal.
    pub fn share_param(&mut self, param: &str) -> Arc<str> {
        match &self.param {
            Some(last) if **last == *param => Arc::clone(last),
            _ => Arc::clone(self.param.insert(param.into())),
        }
    }

    /// Adds a report and evicts the oldest beyond a hundred.
    pub fn add_export(&mut self, export: Export) {
        if self.exports.len() >= 100 {
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
        account.pending.push(PendingTask { due: at(9), task: NewTask::of("VUL_CHECK_TASK") });
        let text = serde_json::to_string(&account).unwrap();
        insta::assert_snapshot!(text, @r#"{"tasks":[{"id":"00000000000000000000000000000005","task_type":"IMAGE_SCAN","source":"console","born":"1970-01-01T00:00:00Z","plan":{"course":{"pace":{"time":{"queued":"PT2S","running":"PT8S"}},"targets":10,"curve":"linear","ending":{"success":"SUCCESS"}}},"targets":[],"looks":0,"forced":{"at":"1970-01-01T00:00:04Z","state":{"status":"FAIL","progress":40,"finish_count":4,"total_count":10,"result":"SUCCESS"},"earlier":{"at":"1970-01-01T00:00:03Z","state":{"status":"START","progress":40,"finish_count":4,"total_count":10,"result":"SUCCESS"}}}}],"cycles":[],"orders":[{"due":"1970-01-01T00:00:09Z","birth":{"task_type":"VUL_CHECK_TASK","name":"VUL_CHECK_TASK","source":"openapi","param":null,"targets":[]}}],"exports":[]}"#);
        assert_eq!(serde_json::from_str::<Account>(&text).unwrap(), account);
    }
}
