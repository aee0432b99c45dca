//! What was found on each server, as the lists of servers and their statistics show it.

use super::Context;

/// The findings of an account by the places of its servers.
pub(super) struct Risks<'a> {
    _context: std::marker::PhantomData<&'a ()>,
}

impl<'a> Risks<'a> {
    pub(super) fn of(_context: &'a Context<'_>) -> Self {
        Self { _context: std::marker::PhantomData }
    }

    pub(super) fn vulnerabilities(&self, _place: usize) -> usize {
        0
    }

    pub(super) fn has_asap_vulnerability(&self, _place: usize) -> bool {
        false
    }

    pub(super) fn alarms(&self, _place: usize) -> usize {
        0
    }

    pub(super) fn failed_checks(&self, _place: usize) -> usize {
        0
    }

    pub(super) fn is_exposed(&self, _place: usize) -> bool {
        false
    }

    /// Whether a server shows `RiskStatus` `YES`.
    pub(super) fn any(&self, place: usize) -> bool {
        self.vulnerabilities(place) > 0 || self.alarms(place) > 0 || self.failed_checks(place) > 0
    }
}
