//! What a test expects of its calls, as it writes it.

use crate::journal::{self, Filter, Status};
use crate::operations::names;
use crate::text::bounds::Count;

/// Calls of some kind, and how many: at least one, unless [`times`](Self::times) says otherwise. Made by [`calls()`].
#[derive(Debug, Clone)]
#[must_use = "it is for verify, expect or wait_for"]
pub struct Expectation(pub(super) journal::Expectation);

/// Calls of an operation, whose name may have `*` and `?` in it: the beginning of an [`Expectation`].
///
/// ```
/// use sas_emulator::calls;
///
/// let polls = calls("GetLastOnceTaskInfo").with("TaskType", "IMAGE_*").class(2).times(3..=5);
/// ```
///
/// # Panics
///
/// If there is no such operation: it would match nothing, and that it was not called would be true for ever.
#[track_caller]
pub fn calls(operation: &str) -> Expectation {
    if !operation.contains(['*', '?'])
        && let Err(message) = names::check_action(operation)
    {
        panic!("{message}");
    }
    let filter = Filter { action: Some(operation.to_owned()), ..Filter::default() };
    Expectation(journal::Expectation { filter, count: Count::default() })
}

impl Expectation {
    /// That have this parameter, with a value like this; `*` and `?` are wild.
    pub fn with(mut self, parameter: &str, value: &str) -> Self {
        self.0.filter.params.insert(parameter.to_owned(), value.to_owned());
        self
    }

    /// That were answered with this HTTP status.
    pub fn status(mut self, status: u16) -> Self {
        self.0.filter.status = Some(Status::Exactly(status));
        self
    }

    /// That were answered with an HTTP status of this class, which is its first digit.
    pub fn class(mut self, digit: u16) -> Self {
        self.0.filter.status = Some(Status::Class(digit));
        self
    }

    /// That were not answered: the connection was broken instead.
    pub fn unanswered(mut self) -> Self {
        self.0.filter.status = Some(Status::Nothing);
        self
    }

    /// That were answered with this error code, `*` and `?` being wild.
    pub fn code(mut self, code: &str) -> Self {
        self.0.filter.code = Some(code.to_owned());
        self
    }

    /// That a fault of this name struck, `*` and `?` being wild.
    pub fn fault(mut self, name: &str) -> Self {
        self.0.filter.fault = Some(name.to_owned());
        self
    }

    /// How many: `3`, `3..=5`, `3..`, `..=5`.
    pub fn times(mut self, count: impl Into<Count>) -> Self {
        self.0.count = count.into();
        self
    }
}
