//! The file that outlives the process.

use std::sync::PoisonError;

use super::emulator::Emulator;
use super::snapshot::{Snapshot, SnapshotError};
use crate::files;

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
}

impl Emulator {
    /// Continues from the state file, if there is one; returns whether there was. Checks that it can be written too: at
    /// shutdown it is too late.
    pub fn load_state(&self) -> Result<bool, StateFileError> {
        let Some(path) = &self.config().state_file else { return Ok(false) };
        let text = files::read_if_there(path).map_err(StateFileError::Unreadable)?;
        files::check_replaceable(path).map_err(StateFileError::Unwritable)?;
        let Some(text) = text else { return Ok(false) };
        self.restore(Snapshot::parse(&text)?)?;
        Ok(true)
    }

    /// Saves to the state file; returns its length in bytes, or nothing if there is no such file.
    pub fn save_state(&self) -> std::io::Result<Option<usize>> {
        let Some(path) = &self.config().state_file else { return Ok(None) };
        // Two at once would write into each other's unfinished file, and the older snapshot could be the one that stays.
        let _saving = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = serde_json::to_vec(&self.snapshot())?;
        text.push(b'\n');
        files::replace(path, &text)?;
        Ok(Some(text.len()))
    }
}
