//! What goes wrong on purpose: rules as data, judged once per call.

pub mod judge;
pub mod rule;

pub use judge::{Verdict, judge};
pub use rule::{Effect, Match, Rule};
