//! Scenario files: documents that say what world the emulator shows.

pub mod builtin;
pub mod document;
mod error;
mod excerpt;
pub mod expect;
pub mod folder;
pub mod load;
mod published;
pub mod watch;
mod words;

pub use document::Document;
pub use error::LoadError;
pub use published::schema;
pub use watch::Watch;

use crate::clock::{ClockStart, GatewayClock};
use crate::domain::World;
use crate::fault::Rule;

/// A scenario, checked and ready to be shown: plain data.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// The situation it reproduces.
    pub description: String,
    /// What everything random is drawn from, if it says.
    pub seed: Option<u64>,
    /// How the task clock starts.
    pub clock: ClockStart,
    /// What judges freshness.
    pub gateway_clock: GatewayClock,
    /// The service at its start time.
    pub world: World,
    /// What goes wrong.
    pub faults: Vec<Rule>,
    /// What is expected of the client.
    pub expect: Vec<expect::Expectation>,
    /// The documents it was read from, in the order in which they were laid over each other.
    pub sources: Vec<Source>,
}

/// A document as it was written.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Source {
    /// The name of a built-in scenario or of a file, as it was given.
    pub source: String,
    /// What stands in it; secrets are masked.
    pub document: serde_json::Value,
}
