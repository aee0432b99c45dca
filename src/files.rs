//! Files that are written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Replaces the content of a file, or creates it: written beside it, synced to disk, then renamed. A reader, also one after
/// a power cut, finds the old content or the new. Callers must not replace one file twice at a time. A link stays one, and
/// its target is replaced; what is not a file (a device, a pipe) is written to.
#[expect(clippy::disallowed_methods, reason = "this is the place where files are replaced")]
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let Some(path) = replaceable(path) else {
        return File::options().write(true).open(path)?.write_all(content);
    };
    let unfinished = unfinished(&path);
    let written = File::create(&unfinished).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)
    });
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Checks that [`replace`] would find a place to write to, and leaves everything as it was.
pub(crate) fn check_replaceable(path: &Path) -> io::Result<()> {
    let Some(path) = replaceable(path) else {
        return File::options().write(true).open(path).map(drop);
    };
    let unfinished = unfinished(&path);
    File::create(&unfinished)?;
    fs::remove_file(unfinished)
}

/// The file at a path, or the place for it, with links followed; none if what is there cannot be replaced.
fn replaceable(path: &Path) -> Option<PathBuf> {
    // Checked first: a link to a pipe leads to something without a path.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return None;
    }
    let dangling = || {
        let to = fs::read_link(path).ok()?;
        Some(path.parent().map_or_else(|| to.clone(), |folder| folder.join(&to)))
    };
    Some(fs::canonicalize(path).ok().or_else(dangling).unwrap_or_else(|| path.to_owned()))
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".unfinished");
    name.into()
}

/// The content of a file; none if there is no such file.
#[expect(clippy::disallowed_methods, reason = "what is replaced here is read here")]
pub(crate) fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
