//! What one AccessKeyId holds. Nothing is shared between accounts, so parallel tests isolate themselves by their keys.

use std::sync::Arc;

use jiff::Timestamp;

use super::bounds::EXPORTS;
use super::cycle::CycleTask;
use super::export::Export;
use super::servers::{ServerList, Servers};
use super::targets::Targets;
use super::task::PendingTask;
use super::tasks::Tasks;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    pub tasks: Tasks,
    pub cycles: Vec<CycleTask>,
    /// Tasks accepted but not yet started, in the order in which they will.
    pending: Vec<PendingTask>,
    pub servers: Servers,
    /// Oldest first.
    pub exports: Vec<Export>,
    /// How many calls of operations that are not modelled have created something, so that each gets ids of its own.
    pub creations: u64,
    /// Those of the last task, to be shared with the next one; so is its `param`.
    targets: Targets,
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
}
