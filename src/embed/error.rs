//! Errors of starting an emulator, and panics at the line of the test.

use std::{fmt, io};

use crate::answers::AddAnswerError;
use crate::emulator::SessionError;
use crate::fault::engine::ArmError;
use crate::scenario::LoadError;

/// Why an emulator did not start. An error in a scenario or a rule shows its line, with a caret under the place. `Debug`
/// prints the same as `Display`, because `unwrap` prints it.
#[derive(thiserror::Error)]
#[error(transparent)]
pub struct StartError(Cause);

#[derive(Debug, thiserror::Error)]
pub(super) enum Cause {
    #[error("{}", .0.report())]
    Document(LoadError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Fault(#[from] ArmError),
    #[error(transparent)]
    Answer(#[from] AddAnswerError),
    #[error("clock_at: {0}")]
    Clock(String),
    /// Does not quote it: a secret may stand there by mistake.
    #[error(
        "an account is named by its AccessKeyId, 1 to 128 letters, digits and - _ .; that of account {0} is none"
    )]
    Account(usize),
    #[error("the account {0} is given twice")]
    Twice(String),
    #[error("cannot listen: {0}")]
    Socket(#[from] io::Error),
}

impl<E: Into<Cause>> From<E> for StartError {
    fn from(cause: E) -> Self {
        Self(cause.into())
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Unwraps a result, or panics with its message at the calling line of the test.
#[track_caller]
pub(super) fn or_panic<T, E: fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
