//! What a scenario expects of the client: plain data, for whoever judges the calls that were made.

use jiff::SignedDuration;

use crate::text::bounds::{Bounds, Count};

/// One expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// Something holds for calls of a kind.
    Calls(Kind, Demand),
    /// There are calls of these kinds, one after the other, whatever lies between.
    Order(Vec<Kind>),
}

/// Which calls are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The operation; every call if there is none.
    pub action: Option<String>,
    /// Parameters and patterns for their values, all of which such a call has.
    pub params: Vec<(String, String)>,
}

/// What must hold for calls of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// There are so many.
    Number(Count),
    /// Each arrives so long after the one of its account that arrived before it, in real time.
    Gap(Bounds<SignedDuration>),
    /// There are none after a moment.
    NoneAfter(Milestone),
    /// None arrives earlier than the answer before it told its caller to come back (`x-acs-retry-after`).
    RetryAfter,
}

/// A moment in what a client was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Milestone {
    /// The first answer that showed the task, which a call was about, at its end.
    Terminal,
    /// The first 403 that answered the same call.
    Denied,
}
