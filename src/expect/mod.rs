//! What is expected of the calls of a client: one language and one judge for `POST verify`, `GET verdict`, scenarios,
//! `run` and the Rust API.

mod exit;
mod expectation;
mod habits;
mod judge;
mod misbehaviour;
mod names;
mod outcome;
mod report;
mod selector;
mod shaped;
mod verification;
mod wait;

#[cfg(test)]
pub(crate) use self::exit::Exit;
pub(crate) use self::expectation::Expectations;
#[cfg(feature = "cli")]
pub(crate) use self::expectation::keys;
pub use self::expectation::{Demand, Expectation, Milestone, gap};
pub use self::judge::judge;
pub(crate) use self::judge::judge_exit;
pub use self::misbehaviour::Misbehaviour;
#[cfg(test)]
pub(crate) use self::misbehaviour::WELL_BEHAVED;
pub(crate) use self::names::{NameError, Names};
pub(crate) use self::outcome::Outcome;
pub use self::outcome::Verdict;
pub use self::report::Run;
pub(crate) use self::report::how_many_met;
pub use self::selector::Selector;
pub(crate) use self::selector::StatusPattern;
pub(crate) use self::shaped::only_shapes;
pub(crate) use self::verification::Verification;
pub(crate) use self::wait::wait;
