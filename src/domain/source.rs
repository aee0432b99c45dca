//! `Source` of a task.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Who started a task. Open, like the lists of the vendor's pages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Source(SourceRepr);

/// Two machine words long: every task has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum SourceRepr {
    Common(&'static &'static str),
    Other(Arc<str>),
}

impl From<String> for Source {
    fn from(name: String) -> Self {
        Self::new(&name)
    }
}

impl Source {
    pub const CONSOLE: Self = Self(SourceRepr::Common(&"console"));
    pub const CONSOLE_BATCH: Self = Self(SourceRepr::Common(&"console_batch"));
    pub const OPENAPI: Self = Self(SourceRepr::Common(&"openapi"));
    /// A cycle task.
    pub const SCHEDULE: Self = Self(SourceRepr::Common(&"schedule"));

    /// A common source costs no memory.
    pub fn new(name: &str) -> Self {
        let common = [Self::CONSOLE, Self::CONSOLE_BATCH, Self::OPENAPI, Self::SCHEDULE];
        common
            .into_iter()
            .find(|source| source.as_str() == name)
            .unwrap_or_else(|| Self(SourceRepr::Other(name.into())))
    }

    pub fn as_str(&self) -> &str {
        match &self.0 {
            SourceRepr::Common(name) => name,
            SourceRepr::Other(name) => name,
        }
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.as_str().to_owned()
    }
}
