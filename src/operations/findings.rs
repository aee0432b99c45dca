//! The vulnerabilities of the account of a call, and the filters that operations on them share.

use std::collections::{BTreeSet, HashSet};

use super::{Context, Param, id_list};
use crate::dice::Dice;
use crate::domain::groups::Groups;
use crate::domain::{Account, Params, Server, Task, World};
use crate::posture::vulnerability::{
    Finding, FindingFilter, Findings, Places, StatusSet, Vulnerability, VulnerabilityKind,
};

impl Context<'_> {
    /// What vulnerabilities the servers of the account have.
    pub(super) fn findings(&self) -> Findings<'_> {
        findings_of(self.account, self.dice, self.world)
    }
}

/// What vulnerabilities the servers of an account have.
pub(super) fn findings_of<'a>(account: &'a Account, dice: &Dice, world: &'a World) -> Findings<'a> {
    let Account { servers, posture, begun, .. } = account;
    let settings = &world.posture.vulnerabilities;
    Findings::new(dice.of_world(), settings, servers.list().fleet(), &posture.vulnerabilities, *begun)
}

/// Which findings a call is about. Each member is a documented parameter.
#[derive(Debug)]
pub(super) struct FindingQuery<'p> {
    /// `Type`, and `AttachTypes`, which adds others; none for all.
    kinds: Option<Vec<&'p str>>,
    necessities: Option<Vec<&'p str>>,
    name: Option<&'p str>,
    alias: Option<&'p str>,
    cve: Option<&'p str>,
    /// A part of the place where it was found.
    path: Option<&'p str>,
    /// Words of which one is enough.
    tags: Option<Vec<&'p str>>,
    is_defended: Option<bool>,
    statuses: StatusSet,
    places: Option<Places>,
    ids: Option<BTreeSet<(u32, u32)>>,
}

/// The members of a list joined by commas.
fn words(list: &str) -> Vec<&str> {
    list.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
}

impl<'p> FindingQuery<'p> {
    /// Of the parameters that an operation has.
    pub(super) fn of(
        params: &'p Params,
        known: &[Param],
        (account, world): (&Account, &World),
        findings: &Findings<'_>,
    ) -> Self {
        let given = |name: &str| {
            let is_known = known.iter().any(|param| param.name == name && param.ignored.is_none());
            params.non_empty(name).filter(|_| is_known)
        };
        let mut kinds = given("Type").map(words);
        if let (Some(kinds), Some(more)) = (&mut kinds, given("AttachTypes")) {
            kinds.extend(words(more));
        }
        let dealed = match given("Dealed") {
            Some("y") => StatusSet::HANDLED,
            Some("n") => StatusSet::UNHANDLED,
            _ => StatusSet::SHOWN,
        };
        let listed =
            given("StatusList").map_or(StatusSet::SHOWN, |list| StatusSet::of_numbers(list.split(',')));
        let ids = given("Ids").map(|ids| {
            let ids = id_list::ids(ids).into_iter().filter_map(|id| id.parse().ok());
            ids.filter_map(Finding::parts).collect()
        });
        Self {
            kinds,
            necessities: given("Necessity").map(words),
            name: given("Name"),
            alias: given("AliasName"),
            cve: given("CveId"),
            path: given("Path"),
            tags: given("SearchTags").map(words),
            is_defended: given("RaspDefend").and_then(|flag| Some(flag.parse::<i64>().ok()? == 1)),
            statuses: dealed.and(listed),
            places: places(given, account, account.groups(world), findings),
            ids,
        }
    }

    pub(super) fn filter(&self) -> FindingFilter<'_> {
        FindingFilter {
            is_wanted: Box::new(|entry| self.wants(entry)),
            statuses: self.statuses,
            places: self.places.as_ref(),
            ids: self.ids.clone(),
        }
    }

    /// The same with fewer states.
    pub(super) fn with_statuses(&self, statuses: StatusSet) -> FindingFilter<'_> {
        FindingFilter { statuses: self.statuses.and(statuses), ..self.filter() }
    }

    fn wants(&self, entry: &Vulnerability) -> bool {
        let is_in =
            |list: &Option<Vec<&str>>, word: &str| list.as_ref().is_none_or(|list| list.contains(&word));
        // What costs a text comes last.
        is_in(&self.kinds, entry.kind.word())
            && is_in(&self.necessities, entry.necessity.word())
            && self.is_defended.is_none_or(|is_defended| is_defended == entry.is_defended())
            && self.tags.as_ref().is_none_or(|tags| entry.tags().iter().any(|tag| tags.contains(tag)))
            && self.cve.is_none_or(|cve| entry.cves().iter().any(|own| own == cve))
            && self.name.is_none_or(|name| entry.name() == name)
            && self.path.is_none_or(|part| entry.path().contains(part))
            && self.alias.is_none_or(|part| entry.alias().contains(part))
    }
}

/// The servers that a call is about; none for all of them.
pub(super) fn places<'p>(
    given: impl Fn(&str) -> Option<&'p str>,
    account: &Account,
    groups: Groups<'_>,
    findings: &Findings<'_>,
) -> Option<Places> {
    // All findings are on servers.
    let is_elsewhere = given("TargetType").is_some_and(|target| target != "uuid")
        || given("AssetType")
            .is_some_and(|assets| !words(assets).iter().any(|it| it.eq_ignore_ascii_case("ECS")))
        || given("ClusterId").is_some();
    if is_elsewhere {
        return Some(findings.places([]));
    }
    let (uuids, group, remark) = (given("Uuids").map(id_list::ids), given("GroupId"), given("Remark"));
    if group.is_none() && remark.is_none() {
        return uuids.map(|uuids| findings.places(account.servers.places(&uuids)));
    }
    let uuids: Option<HashSet<String>> = uuids.map(|uuids| uuids.into_iter().collect());
    let group: Option<HashSet<i64>> =
        group.map(|ids| words(ids).into_iter().filter_map(|id| id.parse().ok()).collect());
    let is_meant = |place: usize, server: &Server| {
        let Server { uuid, instance_id, name, internet_ip, intranet_ip, .. } = server;
        let texts = [instance_id, name, internet_ip, intranet_ip];
        uuids.as_ref().is_none_or(|uuids| uuids.contains(uuid))
            && group.as_ref().is_none_or(|ids| ids.contains(&groups.of(place).id))
            && remark.is_none_or(|part| texts.iter().any(|text| text.contains(part)))
    };
    let servers = (0_u32..).zip(account.servers.iter());
    let servers = servers.filter(|(place, server)| is_meant(*place as usize, server));
    let places: Vec<u32> = servers.map(|(place, _)| place).collect();
    // All servers need no list, and so no search in one.
    (places.len() < account.servers.len()).then(|| findings.places(places))
}

/// The types of vulnerabilities that a scan looks for: those in its `Param`, or all.
pub(super) fn looked_for(task: &Task) -> Vec<VulnerabilityKind> {
    let param = task.param_json();
    match param["types"].as_str() {
        Some(types) => words(types).into_iter().filter_map(VulnerabilityKind::of).collect(),
        None => VulnerabilityKind::ALL.to_vec(),
    }
}
