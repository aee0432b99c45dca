//! Scenario files: documents that say what world the emulator shows.

pub mod builtin;
pub(crate) mod document;
mod error;
mod excerpt;
pub mod folder;
pub mod load;
#[cfg(any(test, feature = "cli"))]
pub mod mistakes;
mod parse;
mod published;
mod veil;
pub(crate) mod watch;
mod words;

pub(crate) use document::Document;
pub use error::LoadError;
pub use published::schema;
pub use watch::Watch;

use crate::answers::Answer;
use crate::clock::{ClockStart, GatewayClock};
use crate::domain::World;
use crate::domain::assumptions::Bearer;
use crate::expect::{Expectation, Names};
use crate::fault::Rule;
use crate::text::similar::{nearest, question};

/// A scenario, checked and ready to be shown: plain data.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub name: String,
    pub description: String,
    /// What everything random is drawn from, if it says.
    pub seed: Option<u64>,
    pub clock: ClockStart,
    pub gateway_clock: GatewayClock,
    pub world: World,
    pub faults: Vec<Rule>,
    pub(crate) answers: Vec<Answer>,
    pub expect: Vec<Expectation>,
    /// Whether its verdict passes although responses were only shapes.
    pub allow_shapes: bool,
    /// The documents it was read from, in the order in which they were laid over each other.
    pub sources: Vec<Source>,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Source {
    /// The name of a built-in scenario or of a file, as it was given.
    pub source: String,
    /// What stands in it; secrets are masked.
    pub document: serde_json::Value,
}

impl Scenario {
    /// Checks the names in its expectations that only the whole scenario knows: faults, their codes, accounts. The index of
    /// one that is wrong, and why.
    fn check_expectations(&self) -> Result<(), (usize, String)> {
        let keyring = &self.world.keyring;
        let bearer = self.world.assumptions.bearer == Bearer::Accept;
        let account = |id: &str| {
            if keyring.find(id).is_some() || (bearer && id.starts_with("bearer-")) {
                return Ok(());
            }
            Err(format!("no AccessKeyId {id} exists{}", question(nearest(id, keyring.listed_ids()))))
        };
        // Rules without a name get one when they are armed.
        let ids = self.faults.iter().map(|rule| rule.id.clone()).filter(|id| !id.is_empty());
        let faults = ids.chain((1..=self.faults.len()).map(|number| format!("fault-{number}"))).collect();
        let codes =
            self.faults.iter().filter_map(Rule::code).chain(self.answers.iter().flat_map(Answer::codes));
        let codes = codes.map(str::to_owned).collect();
        let names = Names { account: &account, faults, codes, calls: &[] };
        for (index, expectation) in self.expect.iter().enumerate() {
            for selector in expectation.selectors() {
                selector.check(&names).map_err(|error| (index, error.message))?;
            }
        }
        Ok(())
    }
}
