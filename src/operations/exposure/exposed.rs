//! A server that can be reached from the internet, and how.

use crate::domain::groups::Group;
use crate::operations::prelude::*;
use crate::operations::risks::Risks;
use crate::posture::exposure::ExposedComponent;
use crate::posture::vulnerability::LevelCounts;

pub(super) struct ExposedServer<'a> {
    pub(super) place: usize,
    pub(super) server: &'a Server,
    pub(super) group: Group<'a>,
    pub(super) component: &'static ExposedComponent,
    /// Its vulnerabilities that nothing was done about.
    pub(super) vulnerabilities: LevelCounts,
    /// How many of its baselines find a weak password.
    pub(super) weak_passwords: usize,
    /// How many configuration checks fail on it.
    pub(super) failed_checks: usize,
}

impl ExposedServer<'_> {
    /// `ExposureType`, the id of what leads to it, and the address by which it is reached. A server without an address of
    /// its own is reached by an elastic one, kept free for documentation (RFC 5737).
    pub(super) fn way(&self) -> (&'static str, String, String) {
        if self.server.internet_ip.is_empty() {
            let (id, last) = (self.place + 1, self.place % 250 + 1);
            ("EIP", format!("eip-emulated{id:04}"), format!("198.51.100.{last}"))
        } else {
            ("INTERNET_IP", String::new(), self.server.internet_ip.clone())
        }
    }
}

/// All of them, in their order.
pub(super) fn all<'a>(context: &'a Context<'_>) -> Vec<ExposedServer<'a>> {
    let (exposure, groups) = (context.exposure(), context.groups());
    let (baselines, checks, risks) = (context.baselines(), context.checks(), Risks::of(context));
    let exposed = (0..exposure.count()).filter_map(|nth| {
        let place = exposure.place(nth)?;
        Some(ExposedServer {
            place,
            server: context.server(place)?,
            group: groups.of(place),
            component: exposure.of(place)?,
            vulnerabilities: risks.vulnerability_levels(place),
            weak_passwords: baselines.weak_passwords_on(place),
            failed_checks: checks.failed_on(place),
        })
    });
    exposed.collect()
}
