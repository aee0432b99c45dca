//! What was found on each server, as the lists of servers and their statistics show it.

use super::Context;
use crate::posture::baseline::BaselineResults;
use crate::posture::exposure::Exposure;

/// The findings of an account by the places of its servers.
pub(super) struct Risks<'a> {
    baselines: BaselineResults<'a>,
    exposure: Exposure,
}

impl<'a> Risks<'a> {
    pub(super) fn of(context: &'a Context<'_>) -> Self {
        Self { baselines: context.baselines(), exposure: context.exposure() }
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

    /// How many check items of baselines fail.
    pub(super) fn failed_checks(&self, place: usize) -> usize {
        self.baselines.failed_on(place).sum()
    }

    pub(super) fn is_exposed(&self, place: usize) -> bool {
        self.exposure.of(place).is_some()
    }

    /// Whether a server shows `RiskStatus` `YES`.
    pub(super) fn any(&self, place: usize) -> bool {
        self.vulnerabilities(place) > 0 || self.alarms(place) > 0 || self.failed_checks(place) > 0
    }
}
