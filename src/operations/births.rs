//! The birth of tasks: whoever starts one, they all come from here.

use jiff::Timestamp;

use super::Context;
use crate::dice::Dice;
use crate::domain::assumptions::RegistrationDelay;
use crate::domain::birth::Order;
use crate::domain::plan::Plan;
use crate::domain::{
    Account, ApiError, Birth, Code, Lifecycle, Server, Source, Target, TargetKind, Targets, Task, TaskId,
    World,
};

/// Starts a task now.
pub(super) fn start(context: &mut Context<'_>, birth: Birth) -> TaskId {
    let now = context.now;
    start_at(context, birth, now)
}

/// Starts a task now, unless as many run as may (documented: 10).
pub(super) fn start_if_allowed(context: &mut Context<'_>, birth: Birth) -> Option<TaskId> {
    let may = context.account.tasks.running(context.now) < context.world.limits.running;
    may.then(|| start(context, birth))
}

/// Starts a task now, whatever else runs. What runs is never forgotten, so once all that are kept still run there is
/// no room for more.
pub(super) fn start_if_room(context: &mut Context<'_>, birth: Birth) -> Result<TaskId, ApiError> {
    if context.account.tasks.running(context.now) < context.world.limits.kept {
        Ok(start(context, birth))
    } else {
        Err(Code::THROTTLING_USER.into())
    }
}

/// Starts a task now as the console or a schedule would, whom the limit of ten does not hold back, after what is due.
pub fn begin(context: &mut Context<'_>, birth: Birth) -> Result<TaskId, ApiError> {
    settle(context);
    start_if_room(context, birth)
}

/// Orders a task that begins once it is registered: at once, unless a scenario assumes that this takes a while.
pub(super) fn order(context: &mut Context<'_>, birth: Birth) -> Result<(), ApiError> {
    let RegistrationDelay(delay) = context.world.assumptions.registration_delay;
    if delay.is_zero() {
        return start_if_room(context, birth).map(drop);
    }
    let taken = context.account.tasks.running(context.now) + context.account.orders.len();
    if taken >= context.world.limits.kept {
        return Err(Code::THROTTLING_USER.into());
    }
    let due = context.now.saturating_add(delay).unwrap_or(Timestamp::MAX);
    context.account.orders.push(Order { due, birth });
    Ok(())
}

/// A task that is due, and the cycle task that starts it.
struct Due {
    at: Timestamp,
    birth: Birth,
    cycle: Option<TaskId>,
}

/// Starts what had to start since somebody last looked.
pub fn settle(context: &mut Context<'_>) {
    let mut due = due(context.account, context.now, context.world.limits.kept);
    if due.is_empty() {
        return;
    }
    // What runs is never forgotten: where tasks never end, only so many more can be started. The newest are.
    let room = context.world.limits.kept.saturating_sub(context.account.tasks.running(context.now));
    for Due { at, birth, cycle } in due.split_off(due.len().saturating_sub(room)) {
        let task = start_at(context, birth, at);
        if let Some(cycle) = context.account.cycles.iter_mut().find(|other| Some(other.id) == cycle) {
            cycle.last_task = Some(task);
        }
    }
}

/// What became due, oldest first, taken off the lists it stood on.
fn due(account: &mut Account, now: Timestamp, kept: usize) -> Vec<Due> {
    let ordered = account.orders.extract_if(.., |order| order.due <= now);
    let mut due: Vec<Due> = ordered.map(|Order { due, birth }| Due { at: due, birth, cycle: None }).collect();
    for cycle in &mut account.cycles {
        for at in cycle.due(now, kept) {
            let (task_type, name) = cycle.starts();
            let (source, param) = (Source::SCHEDULE, Some(cycle.param.clone()));
            let birth = Birth { task_type, name, source, param, targets: Vec::new() };
            due.push(Due { at, birth, cycle: Some(cycle.id) });
        }
        cycle.settled = now;
    }
    due.sort_by_key(|due| (due.at, due.cycle));
    due
}

fn start_at(context: &mut Context<'_>, birth: Birth, born: Timestamp) -> TaskId {
    let Context { now, account, dice, world } = context;
    let lifecycle = world.lifecycles.of(&birth.task_type);
    let targets = account.share_targets(targets(&birth, &account.servers, born));
    let plan = draw(lifecycle, &birth, &targets, dice);
    let param = birth.param.as_deref().map(|param| account.share_param(param));
    let task = Task { param, ..task(birth, born, targets, plan, dice) };
    let id = task.id;
    account.tasks.add(task, *now, world.limits.kept);
    id
}

fn draw(lifecycle: &Lifecycle, birth: &Birth, targets: &Targets, dice: &mut Dice) -> Plan {
    let is_listed = birth.task_type.targets() == TargetKind::Server || !targets.is_empty();
    let count = is_listed.then(|| u32::try_from(targets.len()).unwrap_or(u32::MAX));
    lifecycle.plan(count, |span| dice.within(span.min, span.max))
}

fn task(birth: Birth, born: Timestamp, targets: Targets, plan: Plan, dice: &mut Dice) -> Task {
    Task {
        id: TaskId::new(dice.task_id()),
        number: None,
        name: (birth.name != birth.task_type.as_str()).then(|| birth.name.into()),
        task_type: birth.task_type,
        source: birth.source,
        param: None,
        born,
        plan,
        targets,
        looks: 0,
        ended: None,
        forced: None,
    }
}

/// The targets of a task: those it names, or all servers of the account. A server that does not answer fails its
/// subtask; one that the account does not list is somebody else's business and succeeds.
fn targets(birth: &Birth, servers: &[Server], now: Timestamp) -> Targets {
    let kind = birth.task_type.targets();
    let of_server =
        |server: &Server| Target { id: server.uuid.as_str().into(), kind, fails: !server.is_online(now) };
    if birth.targets.is_empty() {
        let all = if kind == TargetKind::Server { servers } else { &[] };
        return Targets::new(all.iter().map(of_server).collect());
    }
    let named = birth.targets.iter().map(|id| {
        let server = servers.iter().find(|server| server.uuid == *id || server.instance_id == *id);
        server.map_or_else(|| Target { id: id.as_str().into(), kind, fails: false }, of_server)
    });
    Targets::new(named.collect())
}

/// An account as it is at the world's first instant.
pub fn populate(world: &World, first_instant: Timestamp, dice: &mut Dice) -> Account {
    let mut account = Account::new(world.servers.clone());
    let mut seeds: Vec<_> =
        world.tasks.iter().map(|seed| (seed.started.resolve(first_instant), seed)).collect();
    seeds.sort_by_key(|(born, _)| *born);
    for (born, seed) in seeds {
        let birth = Birth {
            name: seed.name.clone(),
            source: Source::new(&seed.source),
            ..Birth::of(seed.task_type.as_str())
        };
        let targets = targets(&birth, &account.servers, born);
        let plan = if let Some(state) = &seed.fixed {
            Plan::Fixed(*state)
        } else {
            let lifecycle = seed.lifecycle.as_ref().unwrap_or(world.lifecycles.of(&seed.task_type));
            draw(lifecycle, &birth, &targets, dice)
        };
        let task = Task { number: seed.number, ..task(birth, born, targets, plan, dice) };
        account.tasks.add(task, first_instant, world.limits.kept);
    }
    account
}
