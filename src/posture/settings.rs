//! What a scenario says of the posture: a group of settings for each kind of finding.

/// Where a scenario says nothing, the seed decides within these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Settings {}
