//! The model of the service: accounts, tasks and their life cycles, permissions and errors.
//!
//! Invariant: nothing here reads a clock, draws a number, locks, waits or knows HTTP, but for the statuses in `error`. What
//! it needs from outside (`now`, a way to draw from a range) is an argument, so every state can be computed in a test.

pub mod account;
pub mod asset;
pub mod assumptions;
pub mod cycle;
pub mod error;
pub mod export;
pub mod keyring;
pub mod lifecycle;
pub mod new_task;
pub mod params;
pub mod permission;
pub mod plan;
pub mod progress;
pub mod reply;
pub mod secret;
pub mod source;
pub mod state;
pub mod target;
pub mod task;
pub mod task_id;
pub mod task_type;
pub mod tasks;
pub mod timeline;
pub mod world;

pub use account::Account;
pub use asset::Server;
pub use assumptions::Assumptions;
pub use error::{ApiError, Code};
pub use keyring::{AccessKey, Keyring};
pub use lifecycle::Lifecycle;
pub use new_task::NewTask;
pub use params::Params;
pub use plan::Plan;
pub use reply::Value;
pub use secret::Secret;
pub use source::Source;
pub use state::{ScanResult, State, Status};
pub use target::{Target, TargetKind, Targets};
pub use task::{Subtask, Task};
pub use task_id::TaskId;
pub use task_type::TaskType;
pub use tasks::Tasks;
pub use timeline::{Override, OverrideError};
pub use world::World;
