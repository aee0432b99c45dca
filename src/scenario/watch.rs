//! Files that are looked at again and again, and what they say when they changed.
//!
//! By their content, not by notices of the system (inotify): those do not arrive through bind mounts of containers and
//! network file systems, and follow the old file when an editor replaces it. Reading a few kilobytes twice a second
//! costs less than that.

use std::path::PathBuf;

use super::load::{self, Text};
use super::{LoadError, Scenario, folder};

/// Scenario files, and what was last seen of them.
#[derive(Debug)]
pub struct Watch {
    places: Places,
    /// What was last reported.
    reported: Reading,
    /// What the last look saw.
    seen: Reading,
}

/// Where scenarios are.
#[derive(Debug)]
struct Places {
    names: Vec<String>,
    folder: Option<PathBuf>,
}

type Reading = Result<Vec<Text>, LoadError>;

impl Watch {
    /// Loads the scenarios of these names and then the files of the folder, one laid over the other, and watches what
    /// is not built in.
    pub fn begin(names: Vec<String>, folder: Option<PathBuf>) -> Result<(Scenario, Self), LoadError> {
        let places = Places { names, folder };
        let texts = places.read()?;
        let scenario = load::together(&texts)?;
        Ok((scenario, Self { places, reported: Ok(texts.clone()), seen: Ok(texts) }))
    }

    /// Whether there is anything to watch: built-in scenarios never change, and a folder may yet get files.
    pub fn has_files(&self) -> bool {
        let Places { names, folder } = &self.places;
        folder.is_some() || names.iter().any(|name| super::builtin::text(name).is_none())
    }

    /// Looks once. Answers with the new scenario, or with what is wrong with it, once the files differ from what was
    /// last answered and stood still between two looks: an editor may be half through writing one.
    pub fn look(&mut self) -> Option<Result<Scenario, LoadError>> {
        let now = self.places.read();
        let is_still = now == self.seen;
        self.seen.clone_from(&now);
        if !is_still || now == self.reported {
            return None;
        }
        self.reported.clone_from(&now);
        Some(now.and_then(|texts| load::together(&texts)))
    }
}

impl Places {
    fn read(&self) -> Reading {
        let found = self.folder.as_deref().map(folder::files).transpose()?.unwrap_or_default();
        self.names.iter().chain(&found).map(|name| load::read(name)).collect()
    }
}
