//! Files that are written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Replaces the content of a file, or makes it: written beside it, brought to the disk, then renamed. Whoever reads the
/// file, or finds it after a power cut, finds the old content or the new. Two at once for one file are the caller's to
/// prevent. A link stays one, and what it leads to is replaced; what is no file (a device, a pipe) is written to.
#[expect(clippy::disallowed_methods, reason = "this is the place where files are replaced")]
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let path = match target(path) {
        Target::File(path) => path,
        Target::Other => return File::options().write(true).open(path)?.write_all(content),
    };
    let unfinished = unfinished(&path);
    let written = File::create(&unfinished).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)
    });
    if written.is_err() {
        // What cannot be written cannot always be removed either; the first error is the one to tell.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Checks that [`replace`] would find a place to write to, and leaves everything as it was.
pub(crate) fn check_replaceable(path: &Path) -> io::Result<()> {
    let Target::File(path) = target(path) else {
        return File::options().write(true).open(path).map(drop);
    };
    let unfinished = unfinished(&path);
    File::create(&unfinished)?;
    fs::remove_file(unfinished)
}

/// What there is at a path.
enum Target {
    /// A file, or nothing yet, with links followed as far as they lead somewhere.
    File(PathBuf),
    /// Something that cannot be replaced.
    Other,
}

fn target(path: &Path) -> Target {
    // Asked first: a link to a pipe leads somewhere without a path.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Target::Other;
    }
    match fs::canonicalize(path) {
        Ok(path) => Target::File(path),
        // A link that leads nowhere yet: there the file will be.
        Err(_) => match fs::read_link(path) {
            Ok(to) => Target::File(path.parent().map_or_else(|| to.clone(), |folder| folder.join(&to))),
            Err(_) => Target::File(path.to_owned()),
        },
    }
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
