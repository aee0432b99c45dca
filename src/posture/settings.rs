//! What a scenario says of the posture: a group of settings for each kind of finding.

use super::configuration::Configuration;
use super::file::FileSettings;

/// Where a scenario says nothing, the seed decides within these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    pub files: FileSettings,
    /// At the start.
    pub configuration: Configuration,
}
