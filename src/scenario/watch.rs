//! Files that are looked at again and again, and what they say when they changed.
//!
//! By their content, not by notices of the system (inotify): those do not arrive through bind mounts of containers and
//! network file systems, and follow the old file when an editor replaces it. Reading a few kilobytes twice a second
//! costs less than that.

use super::load::{self, Text};
use super::{LoadError, Scenario};

/// Scenario files, and what was last seen of them.
#[derive(Debug)]
pub struct Watch {
    names: Vec<String>,
    /// What was last reported.
    reported: Reading,
    /// What the last look saw.
    seen: Reading,
}

type Reading = Result<Vec<Text>, LoadError>;

impl Watch {
    /// Loads the scenarios of these names, one laid over the other, and watches those that are files.
    pub fn begin(names: Vec<String>) -> Result<(Scenario, Self), LoadError> {
        let texts = read_all(&names)?;
        let scenario = load::together(&texts)?;
        Ok((scenario, Self { names, reported: Ok(texts.clone()), seen: Ok(texts) }))
    }

    /// Whether there is any file to watch: built-in scenarios never change.
    pub fn has_files(&self) -> bool {
        self.names.iter().any(|name| super::builtin::text(name).is_none())
    }

    /// Looks once. Answers with the new scenario, or with what is wrong with it, once the files differ from what was
    /// last answered and stood still between two looks: an editor may be half through writing one.
    pub fn look(&mut self) -> Option<Result<Scenario, LoadError>> {
        let now = read_all(&self.names);
        let is_still = now == self.seen;
        self.seen.clone_from(&now);
        if !is_still || now == self.reported {
            return None;
        }
        self.reported.clone_from(&now);
        Some(now.and_then(|texts| load::together(&texts)))
    }
}

fn read_all(names: &[String]) -> Reading {
    names.iter().map(|name| load::read(name)).collect()
}
