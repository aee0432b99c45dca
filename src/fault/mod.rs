//! What goes wrong on purpose: rules as data, judged once per call.

mod armed;
pub(crate) mod case;
mod counters;
pub mod effect;
pub mod engine;
pub mod matcher;
pub mod rule;
pub mod trigger;

pub use armed::Report;
pub use counters::Counters;
pub use effect::{BadCertificate, Break, Decision, Effect, FaultRefusal, Sending};
pub use engine::Engine;
pub use rule::{OneOrMoreRules, Rule, Rules};
pub use trigger::Moment;
