//! What a Rust test holds: an [`Emulator`] of its own, and a [`Handle`] to all accounts or to one.
//!
//! The emulator is a real one, on a real port, so that the code under test (a library, a program in a process of its own)
//! calls it as it calls the service. The test acts on it directly, without HTTP.
//!
//! A mistake in a test, such as a wrong scenario, panics at the line that made it and says what was expected.
//! [`Builder::try_start`] returns an error instead, for programs that are not tests.

mod answers;
mod builder;
mod call;
mod calls;
mod clock;
mod emulator;
mod error;
mod expectation;
mod faults;
mod handle;
mod tasks;

pub use self::builder::Builder;
pub use self::call::CallReply;
pub use self::calls::Calls;
pub use self::clock::{Length, Moment};
pub use self::emulator::Emulator;
pub use self::error::StartError;
pub use self::expectation::{Expectation, calls};
pub use self::handle::Handle;
pub use crate::answers::AnswerReport;
pub use crate::clock::Reading;
pub use crate::domain::{Fidelity, State, Status};
pub use crate::emulator::{TaskTransition, TaskView};
pub use crate::expect::Milestone;
pub use crate::fault::Report;
pub use crate::journal::CallRecord;
pub use crate::text::bounds::Count;
