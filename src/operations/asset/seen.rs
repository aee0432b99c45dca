//! A server as its account sees it now, beside its findings, and counts of such servers.

use crate::domain::groups::Group;
use crate::operations::prelude::*;
use crate::operations::risks::Risks;

/// A server, its group, and what was found on it.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) server: &'a Server,
    pub(super) place: usize,
    pub(super) group: Group<'a>,
    pub(super) risks: &'a Risks<'a>,
    pub(super) now: Timestamp,
}

impl Seen<'_> {
    /// Unprotected: whatever the reason, its agent does not answer.
    pub(super) fn is_unprotected(&self) -> bool {
        !self.server.is_online(self.now)
    }
}

/// All servers of an account.
pub(super) fn all<'a>(
    context: &'a Context<'_>,
    risks: &'a Risks<'a>,
) -> impl Iterator<Item = Seen<'a>> + Clone {
    let (groups, now) = (context.groups(), context.now);
    let servers = context.account.servers.iter().enumerate();
    servers.map(move |(place, server)| Seen { server, place, group: groups.of(place), risks, now })
}

/// How many there are of something, in servers and in cores.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count(pub(super) i64);

impl Count {
    pub(super) fn add_if(&mut self, is_one: bool) {
        self.0 += i64::from(is_one);
    }

    pub(super) fn cores(self) -> i64 {
        self.0.saturating_mul(Server::CORES)
    }
}
