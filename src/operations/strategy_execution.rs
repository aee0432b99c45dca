//! Executions of strategies: tasks on all servers, which those that are offline fail.

use super::prelude::*;
use crate::domain::State;
use crate::domain::task_type::STRATEGY_EXECUTION;
use crate::posture::baseline::Strategy;

/// The name of the tasks that execute a strategy, by which the newest is found.
pub(super) fn name(strategy: u32) -> String {
    format!("strategy {strategy}")
}

/// The newest execution of a strategy.
pub(super) fn newest(context: &Context<'_>, strategy: u32) -> Option<TaskId> {
    let task_type = TaskType::new(STRATEGY_EXECUTION);
    context.account.tasks.latest(&task_type, None, &name(strategy)).map(|task| task.id)
}

/// The state of the newest execution of a strategy, as a caller sees it.
pub(super) fn look(context: &mut Context<'_>, strategy: u32) -> Option<(TaskId, State)> {
    let id = newest(context, strategy)?;
    let now = context.now;
    context.account.tasks.change(id, |task| task.look(now)).map(|(_, state)| (id, state))
}

/// A strategy and its id, which a call names.
pub(super) fn strategy(context: &Context<'_>, id: Option<i64>) -> Result<(u32, Strategy), ApiError> {
    let id = id.and_then(|id| u32::try_from(id).ok());
    let found = id.and_then(|id| Some((id, context.account.posture.baseline.strategy(id)?)));
    // No error for it is documented.
    found.ok_or_else(|| context.world.assumptions.argument_error().into())
}

/// An execution has ended: the servers on which it succeeded were checked then.
pub(super) fn has_ended(context: &mut Context<'_>, id: TaskId, at: Timestamp) {
    let now = context.now;
    let Some(task) = context.account.tasks.get(id) else { return };
    let strategy = task.param_json()["strategyId"].as_u64().and_then(|id| u32::try_from(id).ok());
    let subtasks = task.subtasks(now);
    // The task is on all servers, in their order.
    let missed: Vec<u32> = (0..)
        .zip(subtasks.iter())
        .filter(|(_, subtask)| subtask.status != Status::Success)
        .map(|(place, _)| place)
        .collect();
    if missed.len() == subtasks.len() {
        return;
    }
    let baseline = &mut context.account.posture.baseline;
    // A strategy that was deleted meanwhile changes nothing.
    if let Some(strategy) = strategy.and_then(|id| baseline.strategy(id)) {
        baseline.has_run(&strategy, at, missed);
    }
}
