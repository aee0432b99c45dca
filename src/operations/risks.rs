//! What was found on each server, as the lists of servers and their statistics show it.

use std::collections::HashMap;

use super::Context;
use crate::posture::baseline::BaselineResults;
use crate::posture::exposure::Exposure;
use crate::posture::vulnerability::{FindingFilter, Findings, LevelCounts, Necessity, StatusSet};
use crate::posture::{AlarmChanges, Alarms};

/// The open findings of an account, by the places of its servers. A call makes it and drops it again.
pub(super) struct Risks<'a> {
    vulnerabilities: Findings<'a>,
    unhandled: FindingFilter<'a>,
    alarms: Alarms<'a>,
    alarms_over: HashMap<u32, usize>,
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
        let (dice, settings) = (context.dice.of_world(), &context.world.posture);
        let (servers, changes) = (&context.account.servers, &context.account.posture);
        let (fleet, begun) = (servers.list().fleet(), context.account.begun);
        let alarms = Alarms::new(&dice, settings.alarms, fleet, begun, context.now);
        let alarms_over = over(&alarms, &changes.alarms);
        Self {
            vulnerabilities: Findings::new(
                dice,
                &settings.vulnerabilities,
                fleet,
                &changes.vulnerabilities,
                begun,
            ),
            unhandled: FindingFilter { statuses: StatusSet::UNHANDLED, ..FindingFilter::default() },
            alarms,
            alarms_over,
            checks: BaselineResults::new(&dice, fleet, settings.baseline, &changes.baseline),
            exposure: Exposure::new(&dice, servers.len(), settings.exposed),
        }
    }

    /// All that was found on the server at a place.
    pub(super) fn on(&self, place: usize) -> ServerRisks {
        ServerRisks {
            vulnerabilities: self.vulnerabilities.counts_on(narrow(place), &self.unhandled),
            alarms: self.alarms_on(place),
            failed_checks: self.checks.failed_on(place).sum(),
            is_exposed: self.is_exposed(place),
        }
    }

    pub(super) fn is_exposed(&self, place: usize) -> bool {
        self.exposure.of(place).is_some()
    }

    pub(super) fn has_alarm(&self, place: usize) -> bool {
        self.alarms_on(place) > 0
    }

    pub(super) fn has_failed_check(&self, place: usize) -> bool {
        self.checks.has_failed_on(place)
    }

    pub(super) fn has_vulnerability(&self, place: usize) -> bool {
        self.has_vulnerability_of(place, |_| true)
    }

    pub(super) fn has_asap_vulnerability(&self, place: usize) -> bool {
        self.has_vulnerability_of(place, |level| level == Necessity::Asap)
    }

    /// The same as of [`Self::on`], without counting.
    pub(super) fn any(&self, place: usize) -> bool {
        self.has_failed_check(place) || self.has_vulnerability(place) || self.has_alarm(place)
    }

    fn alarms_on(&self, place: usize) -> usize {
        let place = narrow(place);
        let risen: usize = self.alarms.levels_on(place).iter().map(|count| *count as usize).sum();
        risen.saturating_sub(self.alarms_over.get(&place).copied().unwrap_or_default())
    }

    fn has_vulnerability_of(&self, place: usize, is_wanted: impl Fn(Necessity) -> bool) -> bool {
        let wanted = self.vulnerabilities.vulnerabilities().iter().filter(|entry| is_wanted(entry.necessity));
        let mut statuses = wanted.filter_map(|entry| self.vulnerabilities.status_on(entry, narrow(place)));
        statuses.any(|status| self.unhandled.statuses.has(status))
    }
}

/// How many alarms of each server are over.
fn over(alarms: &Alarms<'_>, changes: &AlarmChanges) -> HashMap<u32, usize> {
    let mut over = HashMap::new();
    let ended = changes.iter().filter(|(_, handling)| handling.status().is_over());
    for alarm in ended.filter_map(|(number, _)| alarms.get(number)) {
        *over.entry(alarm.place).or_default() += 1;
    }
    over
}

/// Lists of servers are far shorter.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
