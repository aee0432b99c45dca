//! What is expected of the calls of a client: one language and one judge for `POST verify`, `GET verdict`, scenarios,
//! `run` and the Rust API.

mod expectation;
mod judge;
mod names;
mod report;
mod selector;
mod verification;
mod wait;

pub use self::expectation::{Demand, Expectation, Expectations, Milestone, gap};
pub use self::judge::{Outcome, Verdict, judge};
pub use self::names::{NameError, Names};
pub use self::report::Run;
pub use self::selector::{Selector, Since, Status};
pub use self::verification::Verification;
pub use self::wait::wait;
