//! What a scenario says of the posture: a group of settings for each kind of finding.

use super::file::FileSettings;
use super::vulnerability::VulnerabilitySettings;

use super::AlarmSettings;

use super::baseline::BaselineSettings;
use super::check::CheckSettings;
use super::exposure::ExposureSettings;

/// Where a scenario says nothing, the seed decides within these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    pub files: FileSettings,
    pub vulnerabilities: VulnerabilitySettings,
    pub alarms: AlarmSettings,
    pub baseline: BaselineSettings,
    pub checks: CheckSettings,
    pub exposed: ExposureSettings,
}
