//! What one AccessKeyId holds. Nothing is shared between accounts, so parallel tests isolate themselves by their keys.

use std::sync::Arc;

use jiff::Timestamp;

use super::bounds::KEPT_TASKS;
use super::cycle::CycleTask;
use super::groups::{GroupChanges, GroupError, Groups};
use super::servers::{ServerList, Servers};
use super::targets::Targets;
use super::task::PendingTask;
use super::task_id::TaskId;
use super::tasks::Tasks;
use super::world::{Lifecycles, World};
use crate::posture::AccountChanges;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    pub tasks: Tasks,
    pub cycles: Vec<CycleTask>,
    /// Tasks accepted but not yet started, in the order in which they will.
    pending: Vec<PendingTask>,
    pub servers: Servers,
    /// How its tasks behave, if that is not as for others.
    pub lifecycles: Option<Arc<Lifecycles>>,
    /// The time at which it began. What is known of its servers then is what they have from the first; the rest comes with time.
    pub begun: Timestamp,
    /// What it changed of the groups of its servers.
    pub group_changes: GroupChanges,
    /// What it changed of what the seed says of its servers.
    pub posture: AccountChanges,
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

    /// How its tasks behave.
    pub fn lifecycles<'a>(&'a self, world: &'a World) -> &'a Lifecycles {
        self.lifecycles.as_deref().unwrap_or(&world.lifecycles)
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

    /// Its groups, and which server is in which.
    pub fn groups<'a>(&'a self, world: &'a World) -> Groups<'a> {
        Groups::new(&world.groups, &self.group_changes, &self.servers)
    }

    /// Makes a group and gives its id.
    pub fn make_group(&mut self, world: &World, name: &str) -> Result<i64, GroupError> {
        if self.groups(world).has_name(name) {
            return Err(GroupError::NameRepeated);
        }
        self.group_changes.make(world.groups.len(), name)
    }

    pub fn rename_group(&mut self, world: &World, id: i64, name: &str) -> Result<(), GroupError> {
        let groups = self.groups(world);
        if groups.find(id).is_some_and(|group| group.name == name) {
            return Ok(());
        }
        if groups.has_name(name) {
            return Err(GroupError::NameRepeated);
        }
        self.group_changes.rename(id, name);
        Ok(())
    }

    /// Its servers move to the default group.
    pub fn delete_group(&mut self, world: &World, id: i64) {
        self.group_changes.delete(world.groups.len(), id);
    }

    /// Puts the servers at these places into a group.
    pub fn move_to_group(&mut self, places: impl IntoIterator<Item = usize>, id: i64) {
        places.into_iter().for_each(|place| self.group_changes.move_to(place, id));
    }

    /// Its servers and what is known of them, without its tasks.
    #[must_use]
    pub fn assets(&self) -> Self {
        let Self { servers, begun, group_changes, posture, .. } = self;
        Self {
            servers: servers.clone(),
            begun: *begun,
            group_changes: group_changes.clone(),
            posture: posture.clone(),
            ..Self::default()
        }
    }
}
