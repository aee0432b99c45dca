//! The journal: a record of each of the last calls and commands, for people, expectations and listeners. It judges nothing.

mod client;
mod commands;
mod record;
mod redact;
mod render;
mod ring;
mod task_shown;
mod texts;
mod to_sign;

pub(crate) use self::commands::{CarriedOut, CommandRecord, Commands};
pub use self::record::{Arrival, CallRecord, Completion};
pub(crate) use self::redact::COMMON_PARAMETERS;
pub(crate) use self::render::table;
pub use self::ring::{Batch, Capacity, Journal};
pub(crate) use self::task_shown::TaskShown;
