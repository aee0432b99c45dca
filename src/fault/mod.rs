//! What goes wrong on purpose: rules as data, judged once per call.

pub mod answer;
mod bucket;
mod counters;
pub mod engine;
pub mod judge;
pub mod rule;
pub mod trigger;

pub use answer::Sending;
pub use counters::{Counters, RuleCounters};
pub use engine::{Engine, Report};
pub use judge::{Decision, FaultRefusal, HandshakeDecision, Moment};
pub use rule::{BadCertificate, Break, Effect, Match, Rule};
pub use trigger::Trigger;
