//! What a scenario says of the posture: its groups of servers, and a group of settings for each kind of finding.

use super::file::FileSettings;

/// Where a scenario says nothing, the seed decides within these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    /// The names of its groups of servers, in the order of their ids.
    pub groups: Vec<String>,
    pub files: FileSettings,
}
