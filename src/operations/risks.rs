//! What was found on each server, as the lists of servers and their statistics show it.

use super::Context;
use crate::posture::baseline::BaselineResults;
use crate::posture::exposure::Exposure;
use crate::posture::vulnerability::{
    FindingFilter, Findings, LevelCounts, Necessity, StatusSet, Vulnerability,
};

/// The findings of an account by the places of its servers.
pub(super) struct Risks<'a> {
    baselines: BaselineResults<'a>,
    exposure: Exposure,
    findings: Findings<'a>,
}

impl<'a> Risks<'a> {
    pub(super) fn of(context: &'a Context<'_>) -> Self {
        Self { baselines: context.baselines(), exposure: context.exposure(), findings: context.findings() }
    }

    /// How many vulnerabilities nothing was done about.
    pub(super) fn vulnerabilities(&self, place: usize) -> usize {
        self.vulnerability_levels(place).total()
    }

    /// The same by level.
    pub(super) fn vulnerability_levels(&self, place: usize) -> LevelCounts {
        let unhandled = FindingFilter { statuses: StatusSet::UNHANDLED, ..FindingFilter::default() };
        u32::try_from(place)
            .map_or_else(|_| LevelCounts::default(), |place| self.findings.counts_on(place, &unhandled))
    }

    pub(super) fn has_asap_vulnerability(&self, place: usize) -> bool {
        let is_asap = |entry: &Vulnerability| entry.necessity == Necessity::Asap;
        u32::try_from(place).is_ok_and(|place| self.findings.is_open_on(place, is_asap))
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
