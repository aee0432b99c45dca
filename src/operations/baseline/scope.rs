//! The servers that a call of this family is about, and what baselines find on them.

use std::collections::HashSet;

use crate::operations::prelude::*;
use crate::posture::baseline::{BaselineItem, BaselineResult, Strategy};
use crate::posture::{ByLevel, RiskLevel};

/// All servers, or those at some places.
pub(in crate::operations) struct Scope(Option<Vec<usize>>);

/// Statuses of check items. No other one occurs: nothing is repaired or ignored.
pub(in crate::operations) const FAILED: i64 = 1;
pub(in crate::operations) const PASSED: i64 = 3;

impl Scope {
    /// Of the servers that these parameters name; without them all.
    pub(in crate::operations) fn of(context: &Context<'_>, uuids: &[String], group: Option<i64>) -> Self {
        let (is_narrow, groups) = (!uuids.is_empty() || group.is_some(), context.groups());
        let wanted: HashSet<&str> = uuids.iter().map(String::as_str).collect();
        let is_wanted = |(place, server): &(usize, &Server)| {
            (wanted.is_empty() || wanted.contains(&*server.uuid))
                && group.is_none_or(|group| group == groups.of(*place).id)
        };
        let places = || context.account.servers.iter().enumerate().filter(is_wanted).map(|(place, _)| place);
        Self(is_narrow.then(|| places().collect()))
    }

    /// Those of `Uuids` and `GroupId`.
    pub(in crate::operations) fn joined(context: &Context<'_>, params: &Params) -> Self {
        Self::of(context, &id_list::ids(params.text("Uuids")), params.int("GroupId"))
    }

    /// The places in its row of the servers on which a baseline was checked.
    pub(in crate::operations) fn row(&self, result: &BaselineResult<'_>) -> Vec<usize> {
        match &self.0 {
            None => (0..result.checked()).collect(),
            Some(places) => {
                let mut row: Vec<usize> = places.iter().filter_map(|place| result.nth_of(*place)).collect();
                row.sort_unstable();
                row
            }
        }
    }

    /// Whether it has the `nth` server of a baseline's row.
    pub(in crate::operations) fn has(&self, result: &BaselineResult<'_>, nth: usize) -> bool {
        let place = || result.place(nth);
        // The places ascend.
        self.0.as_ref().is_none_or(|places| place().is_some_and(|place| places.binary_search(&place).is_ok()))
    }

    /// On how many servers a baseline was checked, and on how many of these something fails.
    pub(in crate::operations) fn counts(&self, result: &BaselineResult<'_>) -> (usize, usize) {
        match &self.0 {
            None => (result.checked(), result.failing()),
            Some(_) => {
                let row = self.row(result);
                (row.len(), row.partition_point(|nth| *nth < result.failing()))
            }
        }
    }

    /// On how many servers an item of a baseline fails.
    pub(in crate::operations) fn failing(&self, result: &BaselineResult<'_>, item: usize) -> usize {
        match &self.0 {
            None => result.failing_on_item(item),
            Some(_) => self.row(result).into_iter().filter(|nth| result.fails(item, *nth)).count(),
        }
    }

    /// The items of a baseline that fail somewhere, by their levels.
    pub(in crate::operations) fn levels(&self, result: &BaselineResult<'_>) -> ByLevel {
        let items = result.baseline.items.iter().enumerate();
        items.filter(|(place, _)| self.failing(result, *place) > 0).map(|(_, item)| item.level).collect()
    }
}

/// The levels of what fails, as members.
pub(in crate::operations) fn level_members(levels: ByLevel) -> Vec<Member> {
    members! {
        "HighWarningCount": levels.of(RiskLevel::High), "MediumWarningCount": levels.of(RiskLevel::Medium),
        "LowWarningCount": levels.of(RiskLevel::Low),
    }
}

/// The strategy that a parameter names: none if it is not given, an error word if there is no such one.
pub(in crate::operations) fn strategy(context: &Context<'_>, params: &Params) -> Option<Option<Strategy>> {
    let id = params.int("StrategyId")?;
    let strategies = &context.account.posture.baseline;
    Some(u32::try_from(id).ok().and_then(|id| strategies.strategy(id)))
}

/// Places for so many servers in the ids of alerts.
const SERVERS: i64 = 1_000_000;

/// `CheckWarningId`: a check item on a server.
pub(in crate::operations) fn warning_id(item: &BaselineItem, place: usize) -> i64 {
    i64::from(item.id) * SERVERS + i64::try_from(place).unwrap_or_default() + 1
}

/// The check item and the place of the server that an alert is about.
pub(in crate::operations) fn of_warning_id(id: i64) -> Option<(u32, usize)> {
    let id = id.checked_sub(1)?;
    let place = usize::try_from(id.rem_euclid(SERVERS)).ok()?;
    Some((u32::try_from(id.div_euclid(SERVERS)).ok()?, place))
}

/// The documented meaning of a kind of check items.
pub(in crate::operations) fn kind_alias(item: &BaselineItem) -> &'static str {
    match item.kind.rsplit('.').next() {
        Some("identity_auth") => "Identity authentication",
        Some("access_control") => "Access control",
        Some("network_service") => "Network and service",
        Some("service_conf") => "Service configuration",
        Some("file_rights") => "File permission",
        Some("security_audit") => "Security audit",
        Some("attack_defense") => "Intrusion prevention",
        _ => "Others",
    }
}

/// Texts of a check item, which are made from what must be so.
pub(in crate::operations) fn advice(item: &BaselineItem) -> String {
    format!("Change the configuration until this holds: {}", item.text)
}

pub(in crate::operations) fn description(item: &BaselineItem) -> String {
    format!("{}: whether this holds on the server.", item.text.trim_end_matches('.'))
}
