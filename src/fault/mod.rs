//! What goes wrong on purpose: rules as data, judged once per call.

mod armed;
pub(crate) mod case;
mod counters;
pub(crate) mod effect;
pub(crate) mod engine;
mod header;
pub(crate) mod matcher;
pub(crate) mod rule;
mod tallies;
pub(crate) mod trigger;

pub use armed::Report;
pub(crate) use armed::{Caller, Standing};
pub(crate) use counters::Counters;
pub use effect::Break;
pub(crate) use effect::{BadCertificate, Decision, Effect, FaultRefusal, InjectedError, Sending};
pub(crate) use engine::Engine;
pub(crate) use matcher::{Match, UncheckedMatch};
pub(crate) use rule::{OneOrMoreRules, Rule, Rules, rule_id};
pub(crate) use trigger::JudgeTimes;
