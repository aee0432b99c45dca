//! What the ends of tasks change: each is applied once, in the order of the ends, before the next operation runs.

use super::{Context, configuration_check, strategy_execution};
use crate::domain::TaskType;

/// Applies what has ended since the last time.
pub(super) fn apply(context: &mut Context<'_>) {
    if context.account.unsettled().is_empty() {
        return;
    }
    for (at, id) in context.account.take_ended(context.now) {
        let task_type = context.account.tasks.get(id).map(|task| task.task_type().clone());
        match task_type.as_ref().map_or("", TaskType::as_str) {
            "STRATEGY_EXECUTION" => strategy_execution::has_ended(context, id, at),
            "CONFIGURATION_CHECK" => configuration_check::has_ended(context, id, at),
            _ => (),
        }
    }
}
