//! Why a scenario could not be loaded, in words for its author.

/// What is wrong, and where. Displayed as one line; [`LoadError::report`] adds the place as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// There is no such file or scenario, or it cannot be read.
    #[error("{file}: {message}")]
    Unreadable { file: String, message: String },
    #[error("{file}:{line}:{column}: {message}")]
    Wrong {
        file: String,
        /// Lines and columns count from 1.
        line: u64,
        column: u64,
        message: String,
        /// The line, and a caret under the place; without secrets.
        excerpt: String,
    },
}

impl LoadError {
    pub(super) fn unreadable(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Unreadable { file: file.into(), message: message.into() }
    }

    pub fn report(&self) -> String {
        match self {
            Self::Unreadable { .. } => self.to_string(),
            Self::Wrong { excerpt, .. } => format!("{self}\n{excerpt}"),
        }
    }
}
