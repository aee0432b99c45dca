//! Creates tasks: every operation, schedule and scenario that starts one goes through here.

use std::sync::Arc;

use jiff::Timestamp;

use super::Context;
use crate::dice::Dice;
use crate::domain::assumptions::{LimitForm, RegistrationDelay};
use crate::domain::task::PendingTask;
use crate::domain::world::SeedTask;
use crate::domain::{
    Account, ApiError, Code, NewTask, Plan, Servers, Source, Target, TargetKind, Targets, Task, TaskId, World,
};

pub(super) fn start(context: &mut Context<'_>, new: NewTask) -> TaskId {
    let now = context.now;
    start_at(context, new, now, None)
}

/// Starts a task now, unless the limit of running tasks is reached (documented: 10). Whether that is an error is an
/// assumption.
pub(super) fn start_within_limit(
    context: &mut Context<'_>,
    new: NewTask,
) -> Result<Option<TaskId>, ApiError> {
    if context.account.tasks.running(context.now) < context.world.limits.running {
        return Ok(Some(start(context, new)));
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

/// Starts a task now as the console or a schedule would, after the tasks that are due.
pub(crate) fn start_from_outside(context: &mut Context<'_>, new: NewTask) -> Result<TaskId, ApiError> {
    settle(context);
    start_if_room(context, new)
}

/// Starts a task after the assumed registration delay.
pub(super) fn start_once_registered(context: &mut Context<'_>, task: NewTask) -> Result<(), ApiError> {
    let RegistrationDelay(delay) = context.world.assumptions.registration_delay;
    if delay.is_zero() {
        return start_if_room(context, task).map(drop);
    }
    let taken = context.account.tasks.running(context.now) + context.account.pending.len();
    if taken >= context.world.limits.kept {
        return Err(Code::THROTTLING_USER.into());
    }
    let due = context.now.saturating_add(delay).unwrap_or(Timestamp::MAX);
    context.account.pending.push(PendingTask { due, task });
    Ok(())
}

/// Starts the pending and scheduled tasks that are due.
pub(crate) fn settle(context: &mut Context<'_>) {
    let mut due = due(context.account, context.now, context.world.limits.kept);
    if due.is_empty() {
        return;
    }
    // Running tasks are never evicted: where tasks never end, only the newest of these find room.
    let room = context.world.limits.kept.saturating_sub(context.account.tasks.running(context.now));
    for (at, cycle, task) in due.split_off(due.len().saturating_sub(room)) {
        let started = start_at(context, task, at, None);
        if let Some(cycle) = context.account.cycles.iter_mut().find(|other| Some(other.id) == cycle) {
            cycle.last_task = Some(started);
        }
    }
}

/// Takes what is due off the account's lists, oldest first: when, by which cycle task, and what.
fn due(account: &mut Account, now: Timestamp, kept: usize) -> Vec<(Timestamp, Option<TaskId>, NewTask)> {
    let pending = account.pending.extract_if(.., |pending| pending.due <= now);
    let mut due: Vec<_> = pending.map(|PendingTask { due, task }| (due, None, task)).collect();
    for cycle in &mut account.cycles {
        for at in cycle.due(now, kept) {
            let (task_type, name) = cycle.starts();
            let (source, param) = (Source::SCHEDULE, Some(cycle.param.clone()));
            let task = NewTask { task_type, name, source, param, targets: Vec::new() };
            due.push((at, Some(cycle.id), task));
        }
        cycle.settled = now;
    }
    due.sort_by_key(|(at, cycle, _)| (*at, *cycle));
    due
}

fn start_at(context: &mut Context<'_>, new: NewTask, started: Timestamp, seed: Option<&SeedTask>) -> TaskId {
    let Context { now, account, dice, world } = context;
    let targets = account.share_targets(targets(&new, &account.servers, started));
    let is_listed = new.task_type.targets() == TargetKind::Server || !targets.is_empty();
    let count = is_listed.then(|| u32::try_from(targets.len()).unwrap_or(u32::MAX));
    let draw = || {
        let own = seed.and_then(|seed| seed.lifecycle.as_ref());
        let lifecycle = own.unwrap_or(world.lifecycles.of(&new.task_type));
        lifecycle.plan(count, |span| dice.within(span.min, span.max))
    };
    let plan = seed.and_then(|seed| seed.fixed).map_or_else(draw, Plan::Fixed);
    let param = new.param.as_deref().map(|param| account.share_param(param));
    let (number, source) = (seed.and_then(|seed| seed.number), new.source);
    let name = (new.name != new.task_type.as_str()).then(|| new.name.into());
    let id = TaskId::new(dice.task_id());
    let task = Task { number, name, source, param, targets, ..Task::new(id, new.task_type, started, plan) };
    account.tasks.add(task, *now, world.limits.kept);
    id
}

/// The targets of a task: those it names, or all servers of the account. The subtask of a server that is offline fails;
/// that of a server that the account does not list succeeds.
fn targets(new: &NewTask, servers: &Servers, now: Timestamp) -> Targets {
    let kind = new.task_type.targets();
    if new.targets.is_empty() {
        return if kind == TargetKind::Server { servers.targets(now) } else { Targets::default() };
    }
    let named = new.targets.iter().map(|id| {
        let server = servers.find(id).map(|server| Target { kind, ..server.target(now) });
        server.unwrap_or_else(|| Target { id: id.as_str().into(), kind, fails: false })
    });
    named.collect()
}

pub fn populate(world: &World, start: Timestamp, dice: &mut Dice) -> Account {
    let mut account = Account::new(Arc::clone(&world.servers));
    let mut context = Context { now: start, account: &mut account, dice, world };
    let mut seeds: Vec<_> = world.tasks.iter().map(|seed| (seed.started.resolve(start), seed)).collect();
    seeds.sort_by_key(|(started, _)| *started);
    for (started, seed) in seeds {
        let (name, source) = (seed.name.clone(), Source::new(&seed.source));
        let new = NewTask { name, source, ..NewTask::of(seed.task_type.as_str()) };
        start_at(&mut context, new, started, Some(seed));
    }
    account
}
