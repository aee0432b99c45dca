//! The file that outlives the process.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::resume::RestoreError;
use super::snapshot::{Snapshot, SnapshotError};
use crate::files;

#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    /// Held while it is written: two at once would write into each other's unfinished file.
    writing: Mutex<()>,
}

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    #[error("cannot be read: {0}")]
    Unreadable(std::io::Error),
    #[error(
        "cannot be written: {0}; its folder must be there and writable, for the file is replaced by a rename"
    )]
    Unwritable(std::io::Error),
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error(transparent)]
    Restore(#[from] RestoreError),
}

impl StateFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, writing: Mutex::default() }
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Its snapshot; `None` if there is no such file. Checks that it can be written too: at shutdown it is too late.
    pub(crate) fn load(&self) -> Result<Option<Snapshot>, StateFileError> {
        let text = files::read_if_there(&self.path).map_err(StateFileError::Unreadable)?;
        files::check_replaceable(&self.path).map_err(StateFileError::Unwritable)?;
        Ok(text.map(|text| Snapshot::parse(&text)).transpose()?)
    }

    /// Replaces its content by a snapshot that is taken now; returns its length in bytes.
    pub(crate) fn save(&self, take: impl FnOnce() -> Snapshot) -> std::io::Result<usize> {
        // Taken under the lock, so that an older snapshot cannot replace a newer one.
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = serde_json::to_vec(&take())?;
        text.push(b'\n');
        files::replace(&self.path, &text)?;
        Ok(text.len())
    }
}
