//! The birth of tasks: whoever starts one, they all come from here.

use jiff::Timestamp;

use super::Context;
use crate::dice::Dice;
use crate::domain::plan::Plan;
use crate::domain::{
    Account, ApiError, Code, Lifecycle, Server, Source, Target, TargetKind, Targets, Task, TaskId, TaskType,
    World,
};

/// What is known of a task when it is born.
pub(super) struct Birth {
    pub(super) task_type: TaskType,
    /// `TaskName`.
    pub(super) name: String,
    pub(super) source: Source,
    /// What it is told.
    pub(super) param: Option<String>,
    /// UUIDs or digests; none for all there are.
    pub(super) targets: Vec<String>,
}

impl Birth {
    /// Of a type, named after it, from the API, on everything there is.
    pub(super) fn of(task_type: &str) -> Self {
        Self {
            task_type: TaskType::new(task_type),
            name: task_type.to_owned(),
            source: Source::OPENAPI,
            param: None,
            targets: Vec::new(),
        }
    }
}

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

/// Starts what cycle tasks had to start since somebody last looked.
pub(super) fn settle(context: &mut Context<'_>) {
    let kept = context.world.limits.kept;
    let mut due = Vec::new();
    for cycle in &mut context.account.cycles {
        due.extend(cycle.due(context.now, kept).into_iter().map(|at| (at, cycle.id)));
        cycle.settled = context.now;
    }
    due.sort_unstable();
    // What runs is never forgotten: where tasks never end, only so many more can be started. The newest are.
    let room =
        if due.is_empty() { 0 } else { kept.saturating_sub(context.account.tasks.running(context.now)) };
    for (at, id) in due.split_off(due.len().saturating_sub(room)) {
        let Some(cycle) = context.account.cycles.iter().find(|cycle| cycle.id == id) else { continue };
        let (task_type, name) = cycle.starts();
        let birth = Birth {
            task_type,
            name,
            source: Source::SCHEDULE,
            param: Some(cycle.param.clone()),
            targets: Vec::new(),
        };
        let task = start_at(context, birth, at);
        if let Some(cycle) = context.account.cycles.iter_mut().find(|cycle| cycle.id == id) {
            cycle.last_task = Some(task);
        }
    }
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
