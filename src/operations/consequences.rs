//! What the ends of tasks change: each is applied once, in the order of the ends, before the next operation runs.

use super::{Context, alarm, configuration_check, finding_changes, strategy_execution};
use crate::domain::task_type::{
    ALARM_HANDLING, CONFIGURATION_CHECK, STRATEGY_EXECUTION, VUL_CHECK_TASK, VUL_FIX, VUL_VERIFY,
};

/// Applies what has ended since the last time.
pub(super) fn apply(context: &mut Context<'_>) {
    if context.account.unsettled().is_empty() {
        return;
    }
    // Repairs that end one after the other are applied together: each alone would go through all that was changed.
    let mut repairs = Vec::new();
    for (at, id) in context.account.take_ended(context.now) {
        let Some(task) = context.account.tasks.get(id) else { continue };
        let task_type = task.task_type().clone();
        if matches!(task_type.as_str(), VUL_FIX | VUL_VERIFY) {
            repairs.push((at, id));
            continue;
        }
        finding_changes::end_repairs(context, &std::mem::take(&mut repairs));
        match task_type.as_str() {
            VUL_CHECK_TASK => finding_changes::end_scan(context, at, id),
            ALARM_HANDLING => alarm::handling::settle(context, at, id),
            STRATEGY_EXECUTION => strategy_execution::has_ended(context, id, at),
            CONFIGURATION_CHECK => configuration_check::has_ended(context, id, at),
            _ => (),
        }
    }
    finding_changes::end_repairs(context, &repairs);
}
