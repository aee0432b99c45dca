//! The model of the service: accounts, tasks and their life cycles, permissions and errors.
//!
//! Invariant: nothing here reads a clock, draws a number, locks, waits or knows HTTP, but for the statuses in `error`. What
//! it needs from outside (`now`, a way to draw from a range) is an argument, so every state can be computed in a test. A
//! `Secret` keeps what it computes of itself: the first signature waits for that, and the result is always the same.

mod access_denied;
pub(crate) mod account;
mod algorithm;
pub(crate) mod asset;
pub mod assumptions;
pub mod bounds;
pub(crate) mod cycle;
pub(crate) mod error;
pub(crate) mod export;
pub(crate) mod fidelity;
pub(crate) mod groups;
pub(crate) mod keyring;
pub mod lifecycle;
pub(crate) mod lifecycles;
pub(crate) mod newest;
mod numbers;
pub(crate) mod overrides;
pub(crate) mod params;
pub(crate) mod permission;
pub mod plan;
pub(crate) mod principal;
pub(crate) mod product;
pub(crate) mod reply;
mod row;
mod running;
mod saved;
mod secret;
pub(crate) mod servers;
mod slots_by_id;
pub mod state;
pub(crate) mod subtasks;
mod summary;
pub(crate) mod targets;
pub(crate) mod task;
mod task_filter;
pub(crate) mod task_id;
mod task_index;
pub mod task_type;
pub(crate) mod tasks;
pub(crate) mod temporary_keys;
pub mod unmodelled;
pub(crate) mod upload;
#[cfg(test)]
mod walks;
pub(crate) mod world;

pub use account::Account;
pub use algorithm::Algorithm;
pub(crate) use algorithm::HashText;
pub(crate) use asset::Server;
pub use assumptions::Assumptions;
pub use error::{ApiError, Code};
pub use fidelity::Fidelity;
pub use keyring::{AccessKey, Keyring};
pub use lifecycle::Lifecycle;
pub(crate) use overrides::{Override, OverrideError};
pub use params::Params;
pub(crate) use plan::Plan;
pub use principal::Principal;
pub(crate) use product::HostPattern;
pub use product::Product;
pub use reply::Value;
pub(crate) use reply::{Member, members};
pub(crate) use saved::SavedAccount;
pub use secret::Secret;
pub(crate) use servers::{ServerList, Servers};
pub use state::{State, Status};
pub(crate) use subtasks::Subtask;
pub(crate) use targets::{Target, Targets};
pub(crate) use task::NewTask;
pub use task::Task;
pub(crate) use task_filter::{TaskFilter, TypeCounts};
pub(crate) use task_id::TaskId;
pub use task_type::TaskType;
pub(crate) use task_type::{Source, TargetKind};
pub(crate) use tasks::Tasks;
pub use temporary_keys::TemporaryKey;
pub(crate) use temporary_keys::TemporaryKeys;
pub use world::World;

#[cfg(test)]
pub(crate) use task_index::LOOKS;

#[cfg(test)]
fn at(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(second)
}
