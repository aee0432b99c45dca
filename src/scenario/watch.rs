//! Files that are looked at again and again, and what they say when they changed.
//!
//! By their content, not by notices of the system (inotify): those do not arrive through bind mounts of containers and
//! network file systems, and follow the old file when an editor replaces it. Reading a few kilobytes twice a second
//! costs less than that.

use std::path::{Path, PathBuf};

use super::load::{self, Text};
use super::{LoadError, Scenario, builtin, folder};

/// Scenario files, and what was last seen of them.
#[derive(Debug)]
pub struct Watch {
    names: Vec<String>,
    folder: Option<PathBuf>,
    reported: Reading,
    seen: Reading,
}

type Reading = Result<Vec<Text>, LoadError>;

impl Watch {
    /// Loads the scenarios of these names and then the files of the folder, one laid over the other, and watches what
    /// is not built in.
    pub fn begin(names: Vec<String>, folder: Option<PathBuf>) -> Result<(Scenario, Self), LoadError> {
        let texts = read(&names, folder.as_deref())?;
        let scenario = load::together(&texts)?;
        Ok((scenario, Self { names, folder, reported: Ok(texts.clone()), seen: Ok(texts) }))
    }

    /// Whether there is anything to watch: built-in scenarios never change, and a folder may yet get files.
    pub fn has_files(&self) -> bool {
        self.folder.is_some() || self.names.iter().any(|name| builtin::text(name).is_none())
    }

    /// Looks once. Returns the new scenario, or what is wrong with it, once the files differ from what was last returned
    /// and stood still between two looks: an editor may be half through writing one.
    pub fn look(&mut self) -> Option<Result<Scenario, LoadError>> {
        let now = read(&self.names, self.folder.as_deref());
        let is_still = now == self.seen;
        self.seen.clone_from(&now);
        if !is_still || now == self.reported {
            return None;
        }
        self.reported.clone_from(&now);
        Some(now.and_then(|texts| load::together(&texts)))
    }
}

fn read(names: &[String], folder: Option<&Path>) -> Reading {
    let found = folder.map(folder::files).transpose()?.unwrap_or_default();
    names.iter().chain(&found).map(|name| load::read(name)).collect()
}
