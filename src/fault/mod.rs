//! What goes wrong on purpose: rules as data, judged once per call.

pub(crate) mod case;
mod counters;
pub mod effect;
pub mod engine;
pub mod judge;
pub mod matcher;
pub mod rule;
pub mod trigger;

pub use counters::{Counters, RuleCounters};
pub use effect::{BadCertificate, Break, Effect, Sending};
pub use engine::{Engine, Report};
pub use judge::{Decision, FaultRefusal};
pub use matcher::Match;
pub use rule::{OneOrMoreRules, Rule, Rules};
pub use trigger::{Moment, Trigger};
