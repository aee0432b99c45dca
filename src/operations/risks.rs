//! What was found on each server, as the lists of servers and their statistics show it.

use super::{Context, alarm_list};
use crate::posture::AlarmCounts;
use crate::posture::baseline::BaselineResults;
use crate::posture::exposure::Exposure;
use crate::posture::vulnerability::{FindingFilter, Findings, LevelCounts, Necessity, StatusSet};

/// The open findings of an account, by the places of its servers. A call makes it and drops it again.
pub(super) struct Risks<'a> {
    vulnerabilities: Findings<'a>,
    unhandled: FindingFilter<'a>,
    alarms: AlarmCounts<'a>,
    checks: BaselineResults<'a>,
    exposure: Exposure,
}

/// What was found on one server.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ServerRisks {
    pub(super) vulnerabilities: LevelCounts,
    pub(super) alarms: usize,
    pub(super) failed_checks: usize,
    pub(super) is_exposed: bool,
}

impl ServerRisks {
    /// Whether the server shows `RiskStatus` `YES`.
    pub(super) fn any(self) -> bool {
        self.vulnerabilities.total() > 0 || self.alarms > 0 || self.failed_checks > 0
    }
}

impl<'a> Risks<'a> {
    pub(super) fn of(context: &'a Context<'_>) -> Self {
        Self {
            vulnerabilities: context.findings(),
            unhandled: FindingFilter { statuses: StatusSet::UNHANDLED, ..FindingFilter::default() },
            alarms: alarm_list::risen(context).counts(&context.account.posture.alarms),
            checks: context.baselines(),
            exposure: context.exposure(),
        }
    }

    /// All that was found on the server at a place.
    pub(super) fn on(&self, place: usize) -> ServerRisks {
        ServerRisks {
            vulnerabilities: self.vulnerability_levels(place),
            alarms: self.alarms_on(place),
            failed_checks: self.checks.failed_on(place).sum(),
            is_exposed: self.is_exposed(place),
        }
    }

    /// How many vulnerabilities nothing was done about, by level.
    pub(super) fn vulnerability_levels(&self, place: usize) -> LevelCounts {
        self.vulnerabilities.counts_on(narrow(place), &self.unhandled)
    }

    pub(super) fn is_exposed(&self, place: usize) -> bool {
        self.exposure.of(place).is_some()
    }

    pub(super) fn has_alarm(&self, place: usize) -> bool {
        self.alarms_on(place) > 0
    }

    pub(super) fn has_failed_check(&self, place: usize) -> bool {
        self.checks.failed_on(place).sum() > 0
    }

    pub(super) fn has_vulnerability(&self, place: usize) -> bool {
        self.vulnerabilities.is_open_on(narrow(place), |_| true)
    }

    pub(super) fn has_asap_vulnerability(&self, place: usize) -> bool {
        self.vulnerabilities.is_open_on(narrow(place), |entry| entry.necessity == Necessity::Asap)
    }

    /// The same as of [`Self::on`], without counting.
    pub(super) fn any(&self, place: usize) -> bool {
        self.has_failed_check(place) || self.has_vulnerability(place) || self.has_alarm(place)
    }

    fn alarms_on(&self, place: usize) -> usize {
        self.alarms.on(narrow(place)).iter().map(|count| *count as usize).sum()
    }
}

/// Lists of servers are far shorter.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
