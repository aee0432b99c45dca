//! What the ends of tasks change: each is applied once, in the order of the ends, before the next operation runs.

use super::Context;

/// Applies what has ended since the last time.
pub(super) fn apply(context: &mut Context<'_>) {
    if context.account.unsettled().is_empty() {
        return;
    }
    for (_at, _id) in context.account.take_ended(context.now) {}
}
