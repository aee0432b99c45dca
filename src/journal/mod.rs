//! The journal: a record of each of the last calls, for people, expectations and listeners. It judges nothing.

mod client;
mod record;
mod redact;
mod render;
mod ring;
mod texts;

pub use self::client::Client;
pub use self::record::{Arrival, CallRecord, Completion, TaskShown};
pub use self::redact::COMMON_PARAMETERS;
pub use self::render::table;
pub use self::ring::{Batch, Capacity, Journal};
