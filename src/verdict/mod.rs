//! Whether the calls of a client were what a scenario expects of it: a pure function of both.

mod judge;
mod report;

use std::sync::Arc;

pub use self::judge::judge;
pub use self::report::Run;
use crate::journal::CallRecord;

/// What came out.
#[derive(Debug)]
pub struct Verdict {
    /// For each expectation, in their order.
    pub outcomes: Vec<Outcome>,
    /// How many calls were judged.
    pub judged: usize,
    /// How many calls the journal had let go, and so nobody could judge.
    pub missed: u64,
}

/// What became of one expectation.
#[derive(Debug)]
pub struct Outcome {
    /// In words.
    pub wanted: String,
    /// How it was not met, if it was not.
    pub failure: Option<Failure>,
}

/// How an expectation was not met.
#[derive(Debug)]
pub struct Failure {
    /// In words.
    pub message: String,
    /// The calls that prove it, in their order; none if what proves it is that there were none.
    pub calls: Vec<Arc<CallRecord>>,
}

impl Verdict {
    /// Whether every expectation was met.
    pub fn has_passed(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.failure.is_none())
    }
}
