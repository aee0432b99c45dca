//! Snapshots that are kept in memory under names, to go back to. A reset, a load and a restore leave them alone.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use super::snapshot::SnapshotError;
use crate::text::similar::{nearest, shortened};

/// Most snapshots that are kept.
const MOST: usize = 16;
/// Most letters of a name.
const LONGEST_NAME: usize = 64;

/// A name of a snapshot: it is also a segment of a path and a word of a command line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct SnapshotName(String);

/// What there is to know of a snapshot that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct KeptSnapshot {
    pub(crate) name: SnapshotName,
    /// When it was saved, by the gateway clock.
    pub(crate) time: Timestamp,
    /// What the session's task clock showed then.
    pub(crate) task_time: Timestamp,
    pub(crate) scenario: String,
    pub(crate) accounts: usize,
    pub(crate) tasks: usize,
    /// Its length as JSON.
    pub(crate) bytes: usize,
}

/// All that are kept, by name, each with its text.
#[derive(Debug, Default)]
pub(super) struct NamedSnapshots(Mutex<BTreeMap<SnapshotName, (KeptSnapshot, Bytes)>>);

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum NamedSnapshotError {
    #[error("no snapshot is called {name:?}")]
    Unknown { name: String, nearest: Option<String>, known: Vec<String> },
    #[error("{MOST} snapshots are kept, and there is room for no further one")]
    TooMany,
    #[error("the snapshot has {bytes} bytes; of the {most} bytes for all of them, {free} are free")]
    NoRoom { bytes: usize, most: usize, free: usize },
    /// Other requests have taken what there is, for the moment.
    #[error("bodies and answers take as much memory as they may")]
    NoMemory,
    #[error("it cannot be written: {0}")]
    Unwritable(String),
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

impl FromStr for SnapshotName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let is_sign = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        let is_good = name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name.len() <= LONGEST_NAME
            && name.chars().all(is_sign);
        is_good.then(|| Self(name.to_owned())).ok_or_else(|| {
            format!(
                "{:?} is no name of a snapshot: expected at most {LONGEST_NAME} letters, digits, \"-\", \"_\" and \".\", \
                 the first a letter or a digit",
                shortened(name)
            )
        })
    }
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl NamedSnapshots {
    pub(super) fn all(&self) -> Vec<KeptSnapshot> {
        self.lock().values().map(|(kept, _)| kept.clone()).collect()
    }

    /// Keeps a snapshot in place of what its name had; all together have at most so many bytes. `hold` takes the memory for
    /// its text. What is refused changes nothing.
    pub(super) fn keep(
        &self,
        kept: &KeptSnapshot,
        most: usize,
        hold: impl FnOnce() -> Option<Bytes>,
    ) -> Result<(), NamedSnapshotError> {
        let mut all = self.lock();
        if all.len() >= MOST && !all.contains_key(&kept.name) {
            return Err(NamedSnapshotError::TooMany);
        }
        let others = all.values().filter(|(other, _)| other.name != kept.name);
        let free = most.saturating_sub(others.map(|(other, _)| other.bytes).sum());
        if kept.bytes > free {
            return Err(NamedSnapshotError::NoRoom { bytes: kept.bytes, most, free });
        }
        let text = hold().ok_or(NamedSnapshotError::NoMemory)?;
        all.insert(kept.name.clone(), (kept.clone(), text));
        Ok(())
    }

    pub(super) fn text(&self, name: &SnapshotName) -> Result<Bytes, NamedSnapshotError> {
        let found = self.lock().get(name).map(|(_, text)| text.clone());
        found.ok_or_else(|| self.unknown(name))
    }

    pub(super) fn remove(&self, name: &SnapshotName) -> Result<(), NamedSnapshotError> {
        let removed = self.lock().remove(name);
        removed.map(drop).ok_or_else(|| self.unknown(name))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SnapshotName, (KeptSnapshot, Bytes)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unknown(&self, name: &SnapshotName) -> NamedSnapshotError {
        let known: Vec<String> = self.lock().keys().map(SnapshotName::to_string).collect();
        let nearest = nearest(&name.0, known.iter().map(String::as_str)).map(str::to_owned);
        NamedSnapshotError::Unknown { name: name.to_string(), nearest, known }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "0", "before-jump_2.json"] {
            assert_eq!(good.parse::<SnapshotName>().unwrap().to_string(), good);
        }
        for bad in ["", ".", "..", "-a", "_a", "a/b", "a b", "ä", "a\n", &"a".repeat(65)] {
            assert!(bad.parse::<SnapshotName>().is_err(), "{bad}");
        }
        insta::assert_snapshot!(".x".parse::<SnapshotName>().unwrap_err(), @r#"".x" is no name of a snapshot: expected at most 64 letters, digits, "-", "_" and ".", the first a letter or a digit"#);
    }
}
