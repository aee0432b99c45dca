//! Why an emulator did not start, for the one whose test it is.

use std::{fmt, io};

use crate::fault::engine::ArmError;
use crate::gateway::SetupError;
use crate::scenario::LoadError;

/// Why an emulator did not start. What is wrong in a scenario or a rule is told with its line, and a caret under the
/// place. `Debug` says the same as `Display`: it is what `unwrap` prints.
#[derive(thiserror::Error)]
#[error(transparent)]
pub struct StartError(Cause);

#[derive(thiserror::Error)]
pub(super) enum Cause {
    #[error("{}", .0.report())]
    Document(LoadError),
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Fault(#[from] ArmError),
    #[error("clock_at: {0}")]
    Clock(String),
    #[error("an account is named by its AccessKeyId, 1 to 128 letters, digits and - _ .; {0:?} is none")]
    Account(String),
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

impl From<LoadError> for Cause {
    fn from(error: LoadError) -> Self {
        Self::Document(error)
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What came out, or a panic that says why nothing did, at the line of the test that asked.
#[track_caller]
pub(super) fn or_panic<T, E: fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
