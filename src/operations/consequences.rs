//! What the ends of tasks change: each is applied once, in the order of the ends, before the next operation runs.

use super::{Context, alarm, configuration_check, finding_changes, strategy_execution};
use crate::domain::task_type::{ALARM_HANDLING, VUL_CHECK_TASK, VUL_FIX, VUL_VERIFY};

/// Applies what has ended since the last time.
pub(super) fn apply(context: &mut Context<'_>) {
    if context.account.unsettled().is_empty() {
        return;
    }
    for (at, id) in context.account.take_ended(context.now) {
        let Some(task) = context.account.tasks.get(id) else { continue };
        match task.task_type().as_str() {
            VUL_CHECK_TASK => finding_changes::end_scan(context, at, id),
            VUL_FIX | VUL_VERIFY => finding_changes::end_repair(context, at, id),
            ALARM_HANDLING => alarm::handling::settle(context, at, id),
            strategy_execution::STRATEGY_EXECUTION => strategy_execution::has_ended(context, id, at),
            configuration_check::CONFIGURATION_CHECK => configuration_check::has_ended(context, id, at),
            _ => (),
        }
    }
}
