//! An error that says on a line of its own what to do about it.

use std::fmt;

#[derive(Debug)]
pub(super) struct Hinted {
    message: String,
    hint: String,
}

impl Hinted {
    /// Without a hint if that is empty.
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Hinted {}

/// An error as commands print it: what is wrong, and, if it is known, what to do.
pub(super) fn report(error: &anyhow::Error) -> String {
    // The context of an error hides no hint.
    let hint =
        error.downcast_ref::<Hinted>().map(|hinted| hinted.hint.as_str()).filter(|hint| !hint.is_empty());
    let hint = hint.map(|hint| format!("hint: {hint}\n")).unwrap_or_default();
    format!("error: {error:#}\n{hint}")
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_hint_is_a_line_of_its_own() {
        let error = || anyhow::Error::new(Hinted::new("it is gone", "start it"));
        assert_eq!(report(&error()), "error: it is gone\nhint: start it\n");
        assert_eq!(
            report(&Err::<(), _>(error()).context("nothing was sent").unwrap_err()),
            "error: nothing was sent: it is gone\nhint: start it\n"
        );
        assert_eq!(report(&Hinted::new("it is gone", "").into()), "error: it is gone\n");
    }
}
