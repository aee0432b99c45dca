//! A folder of scenario files, such as one that is mounted into a container: which of its files are read, in order.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use super::LoadError;

/// More scenario files than this in one folder are a mistake.
pub const MOST_FILES: usize = 64;

/// So are more bytes in all of them; each may have [`MAX_BYTES`](super::load::MAX_BYTES).
pub const MOST_BYTES: u64 = 8 << 20;

const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// The scenario files in a folder, as paths in the order of their names' bytes. Links are followed, and names that begin
/// with a dot are passed over: Kubernetes keeps a mounted `ConfigMap` in such folders, and links to what is in them.
pub fn files(folder: &Path) -> Result<Vec<String>, LoadError> {
    let unreadable = |path: &Path, message: &str| LoadError::unreadable(path.display().to_string(), message);
    let failed = |error: io::Error| {
        let hint = match error.kind() {
            io::ErrorKind::NotFound => "; --init-dir wants a folder that exists, with or without files in it",
            io::ErrorKind::NotADirectory => "; --init-dir wants a folder, --scenario takes a file",
            _ => "",
        };
        unreadable(folder, &format!("cannot be read: {error}{hint}"))
    };
    let mut files = Vec::new();
    let mut bytes = 0;
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !is_scenario(&entry) {
            continue;
        }
        if files.len() == MOST_FILES {
            return Err(unreadable(folder, &format!("has more than {MOST_FILES} scenario files")));
        }
        let path = entry.path();
        // Reading a pipe could wait without end. One that does not exist is reported when it is read.
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => {
                let message = "is a folder; Docker makes one where the file that it should mount is missing";
                return Err(unreadable(&path, message));
            }
            Ok(found) if !found.is_file() => return Err(unreadable(&path, "is not a regular file")),
            Ok(found) => bytes += found.len(),
            Err(_) => (),
        }
        if bytes > MOST_BYTES {
            return Err(unreadable(folder, &format!("has more than {MOST_BYTES} bytes in scenario files")));
        }
        files.push(path);
    }
    files.sort();
    let text = |path: PathBuf| match path.to_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(unreadable(&path, "has a name that is not UTF-8")),
    };
    files.into_iter().map(text).collect()
}

fn is_scenario(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let is_hidden = name.as_encoded_bytes().starts_with(b".");
    let extension = Path::new(&name).extension().unwrap_or_default();
    !is_hidden && EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}
