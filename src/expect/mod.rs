//! What is expected of the calls of a client: one language and one judge for `POST verify`, `GET verdict`, scenarios,
//! `run` and the Rust API.

mod expectation;
mod judge;
mod names;
mod report;
mod selector;
mod shaped;
mod verification;
mod wait;

pub(crate) use self::expectation::Expectations;
#[cfg(feature = "cli")]
pub(crate) use self::expectation::keys;
pub use self::expectation::{Demand, Expectation, Milestone, gap};
pub use self::judge::{Verdict, judge};
pub(crate) use self::names::{NameError, Names};
pub use self::report::Run;
pub use self::selector::Selector;
pub(crate) use self::selector::StatusPattern;
pub(crate) use self::shaped::only_shapes;
pub(crate) use self::verification::Verification;
pub(crate) use self::wait::wait;
