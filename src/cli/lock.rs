//! The lock of a state file: one emulator at a time uses it.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::files;

/// Held until it is dropped, or the process ends, however that happens.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Locks a file beside the state file, for that itself is replaced with each save. A lock file without a lock is no
    /// obstacle. `None`, with a warning, where the file system has no locks.
    pub(super) fn take(state_file: &Path) -> anyhow::Result<Option<Self>> {
        let is_other = fs::metadata(state_file).is_ok_and(|found| !found.is_file());
        ensure!(!is_other, "it is not a regular file");
        let path = lock_file(&files::target(state_file));
        loop {
            let context = || format!("it cannot be written: cannot make {} beside it", path.display());
            let mut file = open(&path).with_context(context)?;
            match file.try_lock() {
                Ok(()) => (),
                Err(TryLockError::WouldBlock) => {
                    bail!("it is in use by another emulator{}", holder(&mut file))
                }
                Err(TryLockError::Error(error)) => {
                    tracing::warn!(
                        "{} cannot be locked: {error}; two emulators must not use it",
                        path.display()
                    );
                    return Ok(None);
                }
            }
            // The one that held it may have removed it meanwhile: then another emulator may lock a new file.
            if is_at(&file, &path) {
                file.set_len(0)?;
                writeln!(file, "{}", std::process::id())?;
                return Ok(Some(Self { file, path }));
            }
        }
    }
}

/// Whether that file is the one at the path.
fn is_at(file: &File, path: &Path) -> bool {
    let place = |found: fs::Metadata| (found.dev(), found.ino());
    let (open, there) = (file.metadata().map(place), fs::symlink_metadata(path).map(place));
    matches!((open, there), (Ok(open), Ok(there)) if open == there)
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is held. One that stays is no obstacle; one that took its place is another emulator's.
        if is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
        let _ = self.file.unlock();
    }
}

fn lock_file(state_file: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(state_file.file_name().unwrap_or_default());
    name.push(".lock");
    state_file.with_file_name(name)
}

/// Follows no link: what it points to would be overwritten.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)?;
    let is_file = file.metadata()?.is_file();
    if is_file { Ok(file) } else { Err(ErrorKind::AlreadyExists.into()) }
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    // It may be about to write it.
    let process = file.take(32).read_to_string(&mut text).ok().and_then(|_| text.trim().parse::<u32>().ok());
    process.map(|process| format!(", process {process}")).unwrap_or_default()
}
