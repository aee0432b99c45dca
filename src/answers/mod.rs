//! Answers that a scenario or a test has written: for which calls, what they reply, and how often they did.

mod answer;
mod check;
mod counters;
mod engine;
mod keys;
#[cfg(any(test, feature = "cli"))]
mod laid_out;
mod list;
mod placeholder;
mod template;
mod written;

pub(crate) use self::answer::{Answer, AnswerEntry};
pub(crate) use self::check::Misfit;
pub(crate) use self::counters::AnswerCounters;
pub use self::engine::AnswerReport;
pub(crate) use self::engine::{AddAnswerError, AnswerBook, GivenAnswer};
#[cfg(feature = "cli")]
pub(crate) use self::keys::keys;
#[cfg(any(test, feature = "cli"))]
pub(crate) use self::laid_out::LaidOut;
pub(crate) use self::list::{Answers, MOST_ANSWERS, OneOrMoreAnswers};
pub(crate) use self::template::CallFacts;
#[cfg(any(test, feature = "cli"))]
pub(crate) use self::written::WrittenValue;
