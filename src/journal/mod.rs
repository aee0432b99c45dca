//! The journal: a record of each of the last calls, for people, assertions and listeners. It judges nothing.

mod client;
mod count;
mod filter;
mod record;
mod redact;
mod render;
mod ring;
mod store;
mod texts;
mod verify;

pub use self::client::Client;
pub use self::filter::{Filter, Since, Status};
pub use self::record::{Arrival, CallRecord, Completion, TaskShown};
pub use self::render::table;
pub use self::ring::{Batch, Capacity};
pub use self::store::Journal;
pub use self::verify::{Expectation, Step, Verdict, Verification};
