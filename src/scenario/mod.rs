//! Scenario files: a document that says what world the emulator shows.

pub mod builtin;
pub mod document;
pub mod duration;
pub mod load;

pub use document::Document;
pub use load::LoadError;

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
    /// Where chance comes from, if it says.
    pub seed: Option<u64>,
    /// How the task clock starts.
    pub clock: ClockStart,
    /// What judges freshness.
    pub gateway_clock: GatewayClock,
    /// The service at its first instant.
    pub world: World,
    /// What goes wrong.
    pub faults: Vec<Rule>,
}
