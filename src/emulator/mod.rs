//! The core: everything that the emulator is and can do, without HTTP and sockets.
//!
//! Invariant: nothing here awaits, and locks are taken in the order that ARCHITECTURE.md has.

mod account_map;
mod account_state;
mod accounts;
mod call;
mod call_counts;
mod clocks;
mod config;
#[cfg(test)]
mod counting;
#[expect(clippy::module_inception, reason = "the core object has a file of its own; this file only lists")]
mod emulator;
pub(crate) mod hints;
mod listening;
mod named;
mod perform;
mod session;
mod snapshot;
mod tasks;
mod timeline;
mod transitions;

pub(crate) use self::accounts::AccountError;
pub(crate) use self::call_counts::{CallKind, CallTotals, ESCAPED_CALL, LATENCIES};
pub(crate) use self::clocks::ClockCommandError;
pub(crate) use self::config::Limits;
pub use self::config::{Config, Interception};
pub use self::emulator::Emulator;
pub(crate) use self::emulator::FaultError;
pub(crate) use self::listening::TransitionCursor;
pub(crate) use self::named::{KeptSnapshot, NamedSnapshotError, SnapshotName};
pub(crate) use self::session::{Ids, SessionError};
pub(crate) use self::snapshot::{Snapshot, SnapshotError};
#[cfg(test)]
pub(crate) use self::tasks::TaskList;
pub use self::tasks::TaskView;
pub(crate) use self::tasks::{TaskError, TaskPlace};
pub use self::transitions::TaskTransition;
