//! Scenarios by name or from files.

use std::io::Read;
use std::path::Path;

pub(crate) use super::parse::answers;
use super::parse::check_size;
pub use super::parse::{MAX_BYTES, Text, body, faults, parse, part, together};
use super::{LoadError, Scenario};
use crate::files;
use crate::text::similar::did_you_mean;

/// Loads a built-in scenario by name, or a file by path.
pub fn find(name_or_path: &str) -> Result<Scenario, LoadError> {
    together(&[read(name_or_path)?])
}

pub fn read(name_or_path: &str) -> Result<Text, LoadError> {
    let Some(text) = super::builtin::text(name_or_path) else { return text_of(name_or_path) };
    Ok(Text { source: name_or_path.to_owned(), text: text.to_owned() })
}

/// The text of a file, whatever built-in scenario has its name.
pub fn text_of(path: &str) -> Result<Text, LoadError> {
    let text = read_file(path).map_err(|message| LoadError::unreadable(path, message))?;
    Ok(Text { source: path.to_owned(), text })
}

fn read_file(name: &str) -> Result<String, String> {
    let path = Path::new(name);
    // A name without a dot or a slash was meant as a built-in one.
    if !path.exists() && path.extension().is_none() && path.components().count() == 1 {
        let hint = did_you_mean(name, super::builtin::names());
        return Err(format!("no built-in scenario and no file is called that{hint}"));
    }
    read_from(files::open(path).map_err(|error| format!("cannot be read: {error}"))?)
}

/// The text of a reader, up to the limit of a scenario.
pub fn read_from(reader: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    // One byte beyond the limit tells a file that is too large from one that just fits, and an endless one ends.
    let mut reader = reader.take(MAX_BYTES as u64 + 1);
    reader.read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    check_size(bytes.len())?;
    String::from_utf8(bytes)
        .map_err(|error| format!("is not UTF-8 text: byte {}", error.utf8_error().valid_up_to() + 1))
}
