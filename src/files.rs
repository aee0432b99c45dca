//! Files that are written whole or not at all, and reads that never wait.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

/// Who may read a file that was not there before. One that was there keeps its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner. The target must be a file.
    Owner,
    /// Those whom the umask lets. The target may be a device, or a pipe that is being read.
    #[cfg_attr(
        not(any(test, feature = "cli")),
        expect(dead_code, reason = "the command line writes such files")
    )]
    Umask,
}

/// Replaces the content of a file, or creates it: written beside it, synced to disk, then renamed. A reader, also one after
/// a power cut, finds the old content or the new. A link stays one, and its target is replaced.
#[expect(clippy::disallowed_methods, reason = "this is the place where files are replaced")]
pub(crate) fn replace(path: &Path, content: &[u8], readers: Readers) -> io::Result<()> {
    if !is_replaceable(path, readers)? {
        return existing(path, File::options().write(true))?.write_all(content);
    }
    let path = target(path);
    let (unfinished, mut file) = create_beside(&path, readers)?;
    let written = fs::metadata(&path)
        .map_or(Ok(()), |old| adopt(&file, &old))
        .and_then(|()| file.write_all(content))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&unfinished, &path));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Gives a new file the owner and the mode of the one that it replaces.
fn adopt(file: &File, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        // Only the superuser can. For others the file becomes theirs, as it does with most editors.
        let _ = fchown(file, Some(old.uid()), Some(old.gid()));
    }
    file.set_permissions(old.permissions())
}

/// Checks that [`replace`] would find a place to write to, and leaves everything as it was.
pub(crate) fn check_replaceable(path: &Path, readers: Readers) -> io::Result<()> {
    if !is_replaceable(path, readers)? {
        return existing(path, File::options().write(true)).map(drop);
    }
    fs::remove_file(create_beside(&target(path), readers)?.0)
}

/// Opens a regular file to read it; never waits, as opening a pipe without a writer would.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let file = existing(path, File::options().read(true))?;
    // Asked of the open file: what is at the path may change between two looks.
    if file.metadata()?.is_file() { Ok(file) } else { Err(not_a_file()) }
}

/// The content of a regular file; none if there is no such file.
pub(crate) fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    match open(path).and_then(|mut file| file.read_to_end(&mut content)) {
        Ok(_) => Ok(Some(content)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The file at a path, or the place for it, with links followed.
pub(crate) fn target(path: &Path) -> PathBuf {
    let dangling = || {
        let to = fs::read_link(path).ok()?;
        Some(path.parent().map_or_else(|| to.clone(), |folder| folder.join(&to)))
    };
    fs::canonicalize(path).ok().or_else(dangling).unwrap_or_else(|| path.to_owned())
}

/// Removes what programs that were killed have left of [`replace`]. Only for a file that no other program replaces.
pub(crate) fn remove_unfinished(path: &Path) -> io::Result<()> {
    let path = target(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    for entry in fs::read_dir(folder.unwrap_or(Path::new(".")))? {
        let entry = entry?;
        if is_unfinished(&entry.file_name(), &path) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Whether what is there can be replaced by a rename; an error if it must be a file and is none.
fn is_replaceable(path: &Path, readers: Readers) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() && readers == Readers::Owner => Err(not_a_file()),
        found => Ok(found.map_or(true, |found| found.is_file())),
    }
}

fn not_a_file() -> io::Error {
    io::Error::other("it is not a regular file")
}

/// Opens what is there: a pipe without a reader is an error, and not waited for.
fn existing(path: &Path, options: &mut fs::OpenOptions) -> io::Result<File> {
    options.custom_flags(libc::O_NONBLOCK).open(path)
}

const UNFINISHED: &str = ".unfinished";

/// A new file in the same folder, under a name that cannot be guessed. Whatever has that name already is left alone, links
/// included.
fn create_beside(path: &Path, readers: Readers) -> io::Result<(PathBuf, File)> {
    let mut options = File::options();
    options.write(true).create_new(true);
    if readers == Readers::Owner {
        options.mode(0o600);
    }
    loop {
        let mut name = unfinished_prefix(path);
        // The standard library seeds it from the system's random numbers.
        name.push(format!("{:016x}{UNFINISHED}", RandomState::new().hash_one(0)));
        let unfinished = path.with_file_name(name);
        match options.open(&unfinished) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => (),
            opened => return opened.map(|file| (unfinished, file)),
        }
    }
}

fn unfinished_prefix(path: &Path) -> OsString {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".");
    name
}

fn is_unfinished(name: &std::ffi::OsStr, path: &Path) -> bool {
    let prefix = unfinished_prefix(path);
    let middle = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
    let middle = middle.and_then(|rest| rest.strip_suffix(UNFINISHED.as_bytes()));
    middle.is_some_and(|middle| middle.len() == 16 && middle.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("sas-emulator-{name}-{}", std::process::id()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn names(&self) -> Vec<String> {
            let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string());
            let mut names: Vec<String> = names.map(Result::unwrap).collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn files_and_targets_of_links_are_replaced_and_keep_their_mode() {
        let folder = Folder::new("replace");
        let (file, link) = (folder.0.join("file"), folder.0.join("link"));
        symlink("file", &link).unwrap();
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        replace(&link, b"one", Readers::Owner).unwrap();
        assert_eq!((read_if_there(&file).unwrap().unwrap(), mode()), (b"one".to_vec(), 0o600));
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        replace(&link, b"two", Readers::Umask).unwrap();
        assert_eq!((read_if_there(&link).unwrap().unwrap(), mode()), (b"two".to_vec(), 0o640));
        assert_eq!(folder.names(), ["file", "link"]);
    }

    #[test]
    fn what_is_no_file_is_no_state_and_is_never_waited_for() {
        let folder = Folder::new("no-file");
        let pipe = folder.0.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        for path in [&pipe, &folder.0, Path::new("/dev/null")] {
            for result in [
                replace(path, b"", Readers::Owner),
                check_replaceable(path, Readers::Owner),
                read_if_there(path).map(drop),
            ] {
                assert_eq!(result.unwrap_err().to_string(), "it is not a regular file");
            }
        }
        assert!(replace(&pipe, b"", Readers::Umask).is_err(), "it has no reader");
        replace(Path::new("/dev/null"), b"gone", Readers::Umask).unwrap();
    }

    #[test]
    fn only_what_a_replacement_left_is_removed() {
        let folder = Folder::new("left");
        let path = folder.0.join("a.json");
        let (left, _) = create_beside(&path, Readers::Owner).unwrap();
        let kept = [".a.json.0123.unfinished", ".b.json.0123456789abcdef.unfinished", "a.json.unfinished"];
        for name in kept {
            replace(&folder.0.join(name), b"", Readers::Umask).unwrap();
        }
        assert!(left.exists());
        remove_unfinished(&path).unwrap();
        assert_eq!(folder.names(), kept);
    }
}
