//! What the ends of tasks change: each is applied once, in the order of the ends, before the next operation runs.

use super::{Context, alarm};
use crate::domain::task_type::ALARM_HANDLING;

/// Applies what has ended since the last time.
pub(super) fn apply(context: &mut Context<'_>) {
    if context.account.unsettled().is_empty() {
        return;
    }
    for (at, id) in context.account.take_ended(context.now) {
        let Some(task) = context.account.tasks.get(id) else { continue };
        if task.task_type().as_str() == ALARM_HANDLING {
            alarm::handling::settle(context, at, id);
        }
    }
}
