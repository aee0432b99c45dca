//! What is due: tasks that were accepted and wait, and those that cycle tasks start.

use std::collections::BinaryHeap;

use jiff::Timestamp;

use super::create::{Birth, TaskStartError, pass_over, start_at, start_named_if_room};
use super::target_lists::TargetLists;
use super::{Context, consequences};
use crate::domain::cycle::DueTimes;
use crate::domain::task::PendingTask;
use crate::domain::{Account, NewTask, Source, TaskId};

/// Most tasks that cycle tasks start in one account at once. Of more that are due only the newest are started. Tasks that
/// calls have ordered are not among them: an account has no more of these than it keeps.
const MOST_STARTS_OF_ONE: usize = 10_000;

/// A task that is due, and who starts it: a cycle task, by its place, or a call.
type Due = (Timestamp, Option<(TaskId, usize)>, Option<NewTask>);

/// How many tasks that were due have been started, and how many were left out: the account would not keep them, or they
/// were too many.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Settled {
    pub(crate) started: usize,
    pub(crate) left_out: u64,
}

/// Starts the pending and scheduled tasks that are due. Those left out draw from the random streams as if they had been
/// started, in the order of time, so that the rest has the same ids however often an account is settled. If more than
/// [`MOST_STARTS_OF_ONE`] are due, the oldest draw their ids alone.
pub(crate) fn settle(context: &mut Context<'_>) -> Settled {
    let (due, skipped) = take_due(context.account, context.now);
    let too_many = skipped.iter().map(DueTimes::count).fold(0, u64::saturating_add);
    if due.is_empty() {
        consequences::apply(context);
        return Settled::default();
    }
    // Running tasks are never evicted: where tasks never end, only the newest of these find room.
    let room = context.world.limits.kept.saturating_sub(context.account.tasks.running(context.now));
    let left_out = due.len().saturating_sub(room);
    // What starts now may evict what has ended, and with it what became of it.
    if context.account.tasks.len() + due.len() > context.world.limits.kept {
        consequences::apply(context);
    }
    let started = due.len() - left_out;
    let births = births(context.account, due);
    let mut passed = 0;
    for (place, (at, cycle, birth)) in births.into_iter().enumerate() {
        if passed < too_many {
            // They come before all that schedules start here, but perhaps after what a call has ordered.
            let earlier = || skipped.iter().map(|times| times.count_before(at)).fold(0, u64::saturating_add);
            let before = if cycle.is_some() { too_many } else { earlier() };
            context.dice.skip_task_ids(before - passed);
            passed = before;
        }
        if place < left_out {
            pass_over(context, &birth);
            continue;
        }
        let id = start_at(context, birth, at, None);
        if let Some(cycle) = cycle.and_then(|cycle| context.account.cycles.get_mut(cycle)) {
            cycle.last_task = Some(id);
        }
    }
    consequences::apply(context);
    Settled { started, left_out: too_many.saturating_add(left_out as u64) }
}

/// Starts a task now as the console or a schedule would, after the tasks that are due.
pub(crate) fn start_from_outside(context: &mut Context<'_>, new: NewTask) -> Result<TaskId, TaskStartError> {
    settle(context);
    start_named_if_room(context, new)
}

/// Takes what is due off the account's lists, oldest first, and the times that are too many.
fn take_due(account: &mut Account, now: Timestamp) -> (Vec<Due>, Vec<DueTimes>) {
    let mut schedules: Vec<(DueTimes, TaskId)> = Vec::new();
    let mut newest = BinaryHeap::new();
    for (place, cycle) in account.cycles.iter_mut().enumerate() {
        let times = cycle.due(now);
        newest.extend(times.newest().map(|at| (at, cycle.id, place, schedules.len())));
        if times.count() > 0 {
            schedules.push((times, cycle.id));
        }
        cycle.settled = now;
    }
    let mut started: Vec<Due> = Vec::new();
    while started.len() < MOST_STARTS_OF_ONE
        && let Some((at, id, place, schedule)) = newest.pop()
    {
        started.push((at, Some((id, place)), None));
        let (times, id) = &mut schedules[schedule];
        times.take_newest();
        newest.extend(times.newest().map(|at| (at, *id, place, schedule)));
    }
    let skipped = schedules.into_iter().map(|(times, _)| times).filter(|times| times.count() > 0).collect();
    let pending = account.take_pending(now).into_iter();
    let mut due: Vec<Due> = pending.map(|PendingTask { due, task }| (due, None, Some(task))).collect();
    due.extend(started.into_iter().rev());
    due.sort_by_key(|(at, cycle, _)| (*at, *cycle));
    (due, skipped)
}

/// What is due, made ready to be started.
fn births(account: &mut Account, due: Vec<Due>) -> Vec<(Timestamp, Option<usize>, Birth)> {
    let mut lists = TargetLists::new(account);
    let ready = due.into_iter().map(|(at, cycle, task)| {
        let scheduled = cycle.and_then(|(_, place)| account.cycles.get(place)).map(|cycle| {
            let (task_type, name) = cycle.starts();
            let targets = lists.of(&task_type, &[], at);
            let (source, param) = (Source::SCHEDULE, Some(cycle.param.clone()));
            Birth { task_type, name, source, param, targets, counts_named: false }
        });
        let pending = task.map(|task| Birth::new(task, &mut lists, at));
        (at, cycle.map(|(_, place)| place), scheduled.or(pending))
    });
    let ready = ready.filter_map(|(at, place, birth)| Some((at, place, birth?))).collect();
    let last = lists.into_last();
    account.set_last_targets(last);
    ready
}
