//! The service without a wire: what accounts hold, how tasks live, who may do what, and what can go wrong.
//!
//! Invariant: nothing here reads a clock, draws a number, locks, waits or knows HTTP. Whatever it needs from the
//! outside (`now`, a way to draw from a range) comes in as an argument, so every state can be computed in a test.

pub mod account;
pub mod assumptions;
pub mod birth;
pub mod cycle;
pub mod error;
pub mod export;
pub mod force;
pub mod keyring;
pub mod lifecycle;
pub mod params;
pub mod permission;
pub mod plan;
pub mod reply;
pub mod secret;
pub mod server;
pub mod state;
pub mod target;
pub mod task;
pub mod task_type;
pub mod tasks;
pub mod world;

pub use account::Account;
pub use assumptions::Assumptions;
pub use birth::Birth;
pub use error::{ApiError, Code};
pub use force::{Force, ForceError};
pub use keyring::{AccessKey, Keyring};
pub use lifecycle::Lifecycle;
pub use params::Params;
pub use plan::Plan;
pub use reply::Value;
pub use secret::Secret;
pub use server::Server;
pub use state::{ScanResult, State, Status};
pub use target::{Target, TargetKind, Targets};
pub use task::{Source, Subtask, Task, TaskId};
pub use task_type::TaskType;
pub use tasks::Tasks;
pub use world::World;
