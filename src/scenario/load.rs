//! From text to [`Scenario`]: the one call of the YAML library, and errors with file, line and column.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::document::OneOrMoreFaults;
use super::{Document, Scenario};
use crate::domain::similar::{did_you_mean, nearest};
use crate::fault::Rule;

/// A scenario file larger than this is a mistake.
const MAX_BYTES: usize = 1 << 20;

/// Why a scenario could not be loaded, for the one who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// There is no such file or scenario, or it cannot be read.
    #[error("{file}: {message}")]
    Unreadable {
        /// The file's name as it was given.
        file: String,
        /// Why.
        message: String,
    },
    /// Something in it is wrong.
    #[error("{file}:{line}:{column}: {message}")]
    Wrong {
        /// The file's name as it was given.
        file: String,
        /// Line, from 1.
        line: u64,
        /// Column, from 1.
        column: u64,
        /// What is wrong and what was expected.
        message: String,
    },
}

/// Loads a built-in scenario by name, or a file by path.
pub fn find(name_or_path: &str) -> Result<Scenario, LoadError> {
    if let Some(text) = super::builtin::text(name_or_path) {
        return parse(name_or_path, text);
    }
    let path = Path::new(name_or_path);
    let unreadable = |message| LoadError::Unreadable { file: name_or_path.to_owned(), message };
    // A name without a dot or a slash was meant as a built-in one.
    if !path.exists() && path.extension().is_none() && path.components().count() == 1 {
        let hint = did_you_mean(name_or_path, super::builtin::names());
        return Err(unreadable(format!("no built-in scenario and no file is called that{hint}")));
    }
    let text = read(path).map_err(|error| unreadable(format!("cannot be read: {error}")))?;
    parse(name_or_path, &text)
}

#[expect(clippy::disallowed_methods, reason = "scenario files are read here")]
fn read(path: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

/// Reads a scenario from YAML or JSON (which is YAML); `file` is for messages.
pub fn parse(file: &str, text: &str) -> Result<Scenario, LoadError> {
    if text.len() > MAX_BYTES {
        let message = format!("is larger than {MAX_BYTES} bytes");
        return Err(LoadError::Unreadable { file: file.to_owned(), message });
    }
    read_as::<Document>(file, text).map(Into::into)
}

/// Reads fault rules as the control API takes them: one, or a list; `file` is for messages.
pub fn faults(file: &str, text: &str) -> Result<Vec<Rule>, LoadError> {
    read_as::<OneOrMoreFaults>(file, text).map(|OneOrMoreFaults(rules)| rules)
}

fn read_as<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, LoadError> {
    serde_saphyr::from_str(text).map_err(|cause| {
        let (line, column) = cause.location().map_or((1, 1), |at| (at.line(), at.column()));
        LoadError::Wrong { file: file.to_owned(), line, column, message: plain(&cause) }
    })
}

/// The library's message without its excerpt and position, which stand before it, and with the nearest valid name.
fn plain(cause: &serde_saphyr::Error) -> String {
    let message = cause.without_snippet().to_string();
    let end = [" at line ", ", set DuplicateKeyPolicy"].iter().filter_map(|tail| message.find(tail)).min();
    let message = message[..end.unwrap_or(message.len())].trim_end_matches(':');
    // serde lists the names it knows: "unknown field `qeued`, expected one of queued, running".
    let listed = message.strip_prefix("unknown ").and_then(|rest| {
        let (name, known) = rest.split_once("`, expected one of ")?;
        Some((name.split_once('`')?.1, known))
    });
    match listed.and_then(|(name, known)| nearest(name, known.split(", "))) {
        Some(nearest) => format!("{message}; did you mean {nearest}?"),
        None => message.to_owned(),
    }
}
