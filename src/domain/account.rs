//! What one AccessKeyId holds. Nothing is shared between accounts, so parallel tests isolate themselves by their keys.

use std::sync::Arc;

use jiff::Timestamp;

use super::bounds::KEPT_TASKS;
use super::cycle::CycleTask;
use super::servers::{ServerList, Servers};
use super::targets::Targets;
use super::task::PendingTask;
use super::task_id::TaskId;
use super::tasks::Tasks;
use crate::posture::Changes;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    pub tasks: Tasks,
    pub cycles: Vec<CycleTask>,
    /// Tasks accepted but not yet started, in the order in which they will.
    pending: Vec<PendingTask>,
    pub servers: Servers,
    /// What it changed of what the seed says of its servers.
    pub posture: Changes,
    /// The tasks whose ends change something, which has not been done yet, in the order of their starts.
    unsettled: Vec<TaskId>,
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

    /// The tasks whose ends change something, which has not been done yet, in the order of their starts.
    pub fn unsettled(&self) -> &[TaskId] {
        &self.unsettled
    }

    /// From now on the end of a task changes something.
    pub fn add_unsettled(&mut self, task: TaskId) {
        if self.unsettled.len() < KEPT_TASKS as usize {
            self.unsettled.push(task);
        }
    }

    /// Takes out the tasks that have ended, in the order of their ends, with the times. What became of a task that is no
    /// longer kept is not known: it is dropped.
    pub fn take_ended(&mut self, now: Timestamp) -> Vec<(Timestamp, TaskId)> {
        let Self { unsettled, tasks, .. } = self;
        let mut ended = Vec::new();
        unsettled.retain(|id| {
            let Some(task) = tasks.get(*id) else { return false };
            let at = task.ended_at(now);
            ended.extend(at.map(|at| (at, *id)));
            at.is_none()
        });
        ended.sort_by_key(|(at, _)| *at);
        ended
    }

    /// Its servers and what is known of them, without its tasks.
    #[must_use]
    pub fn assets(&self) -> Self {
        let Self { servers, posture, .. } = self;
        Self { servers: servers.clone(), posture: posture.clone(), ..Self::default() }
    }
}
