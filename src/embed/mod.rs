//! What a Rust test holds: an [`Emulator`] of its own, and a [`Handle`] to all accounts or to one.
//!
//! The emulator is a real one, on a real port, so that whatever the test is about (a library, a program in a process of
//! its own) calls it as it calls the service. What the test does to it goes straight to it, without HTTP.
//!
//! A mistake of the test's author, such as a scenario that is not one, panics at the line that made it and says what was
//! expected; [`Builder::try_start`] is there for those who embed it in something else than a test.

mod builder;
mod calls;
mod clock;
mod emulator;
mod error;
mod expectation;
mod faults;
mod handle;
mod tasks;
mod time;
mod wait;

pub use self::builder::Builder;
pub use self::calls::Calls;
pub use self::emulator::Emulator;
pub use self::error::StartError;
pub use self::expectation::{Expectation, calls};
pub use self::handle::Handle;
pub use self::time::{Length, Moment};
pub use crate::clock::Reading;
pub use crate::domain::{State, Status};
pub use crate::emulator::{TaskTransition, TaskView};
pub use crate::expect::Milestone;
pub use crate::fault::Report;
pub use crate::journal::CallRecord;
pub use crate::text::bounds::Count;
