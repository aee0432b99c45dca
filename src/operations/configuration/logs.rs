//! What operations show of the logs that are delivered.

use crate::operations::Context;

/// Where the service keeps them.
pub(super) const PROJECT: &str = "aegis-log";

pub(super) fn status(context: &Context<'_>, store: &str) -> &'static str {
    let own = &context.account.posture.configuration;
    if own.delivers(&context.world.posture.configuration, store) { "enabled" } else { "disabled" }
}
