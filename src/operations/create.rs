//! Creates tasks: every operation, schedule and scenario that starts one goes through here.

use std::sync::Arc;

use jiff::Timestamp;

use super::Context;
use super::target_lists::{TargetError, TargetLists};
use crate::dice::Dice;
use crate::domain::assumptions::{LimitForm, RegistrationDelay};
use crate::domain::lifecycle::{Lifecycle, Span};
use crate::domain::lifecycles::Lifecycles;
use crate::domain::task::PendingTask;
use crate::domain::task_type::{VIRUS_SCAN, VUL_CHECK_TASK};
use crate::domain::world::SeedTask;
use crate::domain::{
    Account, ApiError, Code, NewTask, Plan, Source, TargetKind, Targets, Task, TaskId, TaskType, World,
};

/// Most tasks whose ends are waited for while a further scan starts: each call looks at them.
const MOST_SCANS: usize = 1_000;

pub(super) fn start(context: &mut Context<'_>, new: NewTask) -> TaskId {
    let now = context.now;
    let mut lists = TargetLists::new(context.account);
    let birth = Birth::new(new, &mut lists, now);
    let last = lists.into_last();
    context.account.set_last_targets(last);
    start_at(context, birth, now, None)
}

/// Starts a once-task now, unless the limit of running ones is reached (documented: 10). Whether that is an error is an
/// assumption.
pub(super) fn start_within_limit(
    context: &mut Context<'_>,
    new: NewTask,
) -> Result<Option<TaskId>, ApiError> {
    if context.account.tasks.running_once_tasks(context.now) < context.world.limits.running {
        return start_if_room(context, new).map(Some);
    }
    match context.world.assumptions.limit {
        LimitForm::Error => Err(Code::THROTTLING_USER.into()),
        LimitForm::CanCreate => Ok(None),
    }
}

/// Starts a task now, whatever the limit of running tasks. Running tasks are never evicted, so the limit of kept tasks
/// still holds.
pub(super) fn start_if_room(context: &mut Context<'_>, new: NewTask) -> Result<TaskId, ApiError> {
    if context.account.tasks.running(context.now) < context.world.limits.kept {
        Ok(start(context, new))
    } else {
        Err(Code::THROTTLING_USER.into())
    }
}

/// The same for the control API: the targets that are named are checked, and counted whatever a scenario says of scans.
pub(super) fn start_named_if_room(context: &mut Context<'_>, new: NewTask) -> Result<TaskId, TaskStartError> {
    let now = context.now;
    let mut lists = TargetLists::new(context.account);
    lists.check(&new.task_type, &new.targets)?;
    let counts_named = !new.targets.is_empty();
    let birth = Birth { counts_named, ..Birth::new(new, &mut lists, now) };
    let last = lists.into_last();
    if context.account.tasks.running(now) >= context.world.limits.kept {
        return Err(TaskStartError::NoRoom);
    }
    context.account.set_last_targets(last);
    Ok(start_at(context, birth, now, None))
}

/// Why the control API cannot start a task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaskStartError {
    #[error("targets: {0}")]
    Targets(#[from] TargetError),
    #[error("as many tasks run as are kept; limits: {{ kept_tasks }} of the scenario raises that")]
    NoRoom,
}

/// The same for a task with these targets, whatever its type would have.
pub(super) fn start_on(
    context: &mut Context<'_>,
    new: NewTask,
    targets: Targets,
) -> Result<TaskId, ApiError> {
    if context.account.tasks.running(context.now) >= context.world.limits.kept {
        return Err(Code::THROTTLING_USER.into());
    }
    let NewTask { task_type, name, source, param, .. } = new;
    let param = param.map(Into::into);
    let birth = Birth { task_type, name, source, param, targets, counts_named: false };
    Ok(start_at(context, birth, context.now, None))
}

/// The same for a task that has a number of at most 31 bits, which follows from its id.
pub(super) fn start_numbered_if_room(context: &mut Context<'_>, new: NewTask) -> Result<u64, ApiError> {
    let id = start_if_room(context, new)?;
    let tasks = &mut context.account.tasks;
    let first = id.number() % (1 << 30) + 1;
    // An account keeps fewer tasks.
    let mut numbers = first..first + (1 << 30);
    let number = numbers.find(|number| tasks.find(&number.to_string()).is_none()).unwrap_or(first);
    tasks.give_number(id, number);
    Ok(number)
}

/// Starts a task after the assumed registration delay.
pub(super) fn start_once_registered(context: &mut Context<'_>, task: NewTask) -> Result<(), ApiError> {
    let RegistrationDelay(delay) = context.world.assumptions.registration_delay;
    if delay.is_zero() {
        return start_if_room(context, task).map(drop);
    }
    let taken = context.account.tasks.running(context.now) + context.account.pending().len();
    if taken >= context.world.limits.kept {
        return Err(Code::THROTTLING_USER.into());
    }
    let due = context.now.saturating_add(delay).unwrap_or(Timestamp::MAX);
    context.account.add_pending(PendingTask { due, task });
    Ok(())
}

/// A task that is about to start.
pub(super) struct Birth {
    pub(super) task_type: TaskType,
    pub(super) name: String,
    pub(super) source: Source,
    pub(super) param: Option<Arc<str>>,
    pub(super) targets: Targets,
    /// Whether the plan has as many targets as there are here, whatever a scenario says.
    pub(super) counts_named: bool,
}

impl Birth {
    pub(super) fn new(new: NewTask, lists: &mut TargetLists<'_>, started: Timestamp) -> Self {
        let NewTask { task_type, name, source, param, targets } = new;
        let targets = lists.of(&task_type, &targets, started);
        Self { task_type, name, source, param: param.map(Into::into), targets, counts_named: false }
    }

    /// Its future, drawn from what its type or the scenario says of it.
    fn plan(&self, lifecycles: &Lifecycles, dice: &mut Dice, seed: Option<&SeedTask>) -> Plan {
        if let Some(state) = seed.and_then(|seed| seed.fixed) {
            return Plan::Fixed(state);
        }
        let own = seed.and_then(|seed| seed.lifecycle.as_ref());
        let lifecycle = own.unwrap_or(lifecycles.of(&self.task_type));
        let is_listed = self.task_type.targets() == TargetKind::Server || !self.targets.is_empty();
        let count = is_listed.then(|| u32::try_from(self.targets.len()).unwrap_or(u32::MAX));
        let draw = |span: Span| dice.within(span.min, span.max);
        // What an internal task does to things that were named it does to each, whatever a scenario says of scans.
        let is_scan = !self.task_type.is_internal() || self.task_type.as_str() == VIRUS_SCAN;
        let counts_named = self.counts_named || (!is_scan && !self.targets.is_empty());
        if counts_named && lifecycle.targets.is_some() {
            return Lifecycle { targets: None, ..lifecycle.clone() }.plan(count, draw);
        }
        lifecycle.plan(count, draw)
    }
}

pub(super) fn start_at(
    context: &mut Context<'_>,
    birth: Birth,
    started: Timestamp,
    seed: Option<&SeedTask>,
) -> TaskId {
    let Context { now, account, dice, world, .. } = context;
    let plan = birth.plan(account.lifecycles(world), dice, seed);
    let Birth { task_type, name, source, param, targets, .. } = birth;
    let param = param.map(|param| account.share_param(param));
    let number = seed.and_then(|seed| seed.number);
    let name = (name != task_type.as_str()).then(|| name.into());
    let id = unused_id(dice, |id| account.tasks.get(id).is_some());
    let mut task = Task::new(id, task_type, started, plan).named(name).from_source(source).numbered(number);
    (task.param, task.targets) = (param, targets);
    let is_scan = task.task_type().as_str() == VUL_CHECK_TASK;
    account.tasks.add(task, *now, world.limits.kept);
    // What such a scan finds is settled when it ends. Those that nothing waits for so long are not many.
    if is_scan && account.unsettled().len() < MOST_SCANS {
        account.add_unsettled(id);
    }
    id
}

/// Draws what a start would draw, and starts nothing.
pub(super) fn pass_over(context: &mut Context<'_>, birth: &Birth) {
    birth.plan(context.account.lifecycles(context.world), context.dice, None);
    context.dice.skip_task_ids(1);
}

/// The next id that is not in use: an edited snapshot may have turned the stream of ids back.
pub(super) fn unused_id(dice: &mut Dice, is_used: impl Fn(TaskId) -> bool) -> TaskId {
    loop {
        let id = TaskId::new(dice.task_id());
        if !is_used(id) {
            return id;
        }
    }
}

pub fn populate(world: &World, id: &str, start: Timestamp, dice: &mut Dice) -> Account {
    let mut account = Account::new(Arc::clone(&world.servers));
    account.lifecycles = world.own_lifecycles(id);
    account.begun = start;
    let mut seeds: Vec<_> = world.tasks.iter().map(|seed| (seed.started.resolve(start), seed)).collect();
    seeds.sort_by_key(|(started, _)| *started);
    let mut lists = TargetLists::new(&account);
    let ready = seeds.into_iter().map(|(started, seed)| {
        let (name, source) = (seed.name.clone(), Source::new(&seed.source));
        let new = NewTask { name, source, ..NewTask::of(seed.task_type.as_str()) };
        (Birth::new(new, &mut lists, started), started, seed)
    });
    let ready: Vec<_> = ready.collect();
    let last = lists.into_last();
    account.set_last_targets(last);
    let mut context = Context::new(start, &mut account, dice, world);
    for (birth, started, seed) in ready {
        start_at(&mut context, birth, started, Some(seed));
    }
    account
}
