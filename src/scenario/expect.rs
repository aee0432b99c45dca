//! What a scenario expects of the client: plain data, for whoever judges the calls that were made.

use jiff::SignedDuration;

/// One expectation: some calls, and what must hold for them. At least one of the last three is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The operation; every call if there is none.
    pub action: Option<String>,
    /// Parameters and patterns for their values, all of which such a call has.
    pub params: Vec<(String, String)>,
    /// How many such calls there are.
    pub calls: Option<Bounds<u64>>,
    /// How long after the one before it each such call comes, in real time.
    pub gap: Option<Bounds<SignedDuration>>,
    /// A moment after which there are no such calls.
    pub no_calls_after: Option<Milestone>,
}

/// From how much to how much, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds<T> {
    /// At least.
    pub least: T,
    /// At most, if there is a most.
    pub most: Option<T>,
}

/// A moment in what a client was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Milestone {
    /// The first answer that showed the task, which a call was about, at its end.
    Terminal,
}
