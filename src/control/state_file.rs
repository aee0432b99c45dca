//! The file that outlives the process.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::files;
use crate::gateway::RestoreError;
use crate::snapshot::{Snapshot, SnapshotError};

/// Where the state is kept between two starts.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    /// Held while it is written: two at once would write into each other's unfinished file.
    writing: Mutex<()>,
}

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    /// The machine says no.
    #[error("cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// Nothing could be saved to it.
    #[error(
        "cannot be written: {0}; its folder must be there and writable, for the file is replaced by a rename"
    )]
    Unwritable(std::io::Error),
    /// It is no snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// It is one of something else.
    #[error(transparent)]
    Restore(#[from] RestoreError),
}

impl StateFile {
    /// At that path, whether or not there is one yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, writing: Mutex::default() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it holds; none if there is no such file. That it can be written is checked too: when the process stops, it is
    /// too late.
    pub fn load(&self) -> Result<Option<Snapshot>, StateFileError> {
        let text = files::read_if_there(&self.path).map_err(StateFileError::Unreadable)?;
        files::check_replaceable(&self.path).map_err(StateFileError::Unwritable)?;
        Ok(text.map(|text| Snapshot::parse(&text)).transpose()?)
    }

    /// Replaces what it holds by a snapshot that is taken now; answers with its length in bytes.
    pub fn save(&self, take: impl FnOnce() -> Snapshot) -> std::io::Result<usize> {
        // Taken once it is this one's turn, so that an older snapshot cannot replace a newer one.
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = serde_json::to_vec(&take())?;
        text.push(b'\n');
        files::replace(&self.path, &text)?;
        Ok(text.len())
    }
}
