//! What the seed says of the account of a call: results of checks, as they are now.

use std::collections::HashSet;

use super::Context;
use crate::domain::{Params, Server};
use crate::posture::baseline::BaselineResults;
use crate::posture::check::CheckResults;
use crate::posture::exposure::Exposure;

impl Context<'_> {
    pub(super) fn baselines(&self) -> BaselineResults<'_> {
        let (fleet, changes) = (self.account.servers.list().fleet(), &self.account.posture.baseline);
        BaselineResults::new(&self.dice.of_world(), fleet, self.world.posture.baseline, changes)
    }

    pub(super) fn checks(&self) -> CheckResults {
        let (servers, changes) = (self.account.servers.len(), &self.account.posture.check);
        CheckResults::new(&self.dice.of_world(), servers, self.world.posture.checks, changes, self.now)
    }

    pub(super) fn exposure(&self) -> Exposure {
        Exposure::new(&self.dice.of_world(), self.account.servers.len(), self.world.posture.exposed)
    }

    /// The server at a place, which has one.
    pub(super) fn server(&self, place: usize) -> Option<&Server> {
        self.account.servers.get(place)
    }

    /// The place of the server of that UUID.
    pub(super) fn place_of(&self, uuid: &str) -> Option<usize> {
        self.account.servers.iter().position(|server| server.uuid == uuid)
    }
}

/// The members of a list parameter; the pages say of some that one member may hold several, joined by commas.
pub(super) fn list<'p>(params: &'p Params, name: &str) -> Vec<&'p str> {
    params.list(name).into_iter().flat_map(|member| member.split(',')).map(str::trim).collect()
}

/// Whether a list parameter is not given, or holds the value.
pub(super) fn admits(params: &Params, name: &str, value: &str) -> bool {
    let wanted = list(params, name);
    wanted.is_empty() || wanted.contains(&value)
}

/// Whether a parameter is not given, or is part of the text.
pub(super) fn is_part(params: &Params, name: &str, text: &str) -> bool {
    SearchedPart::of(params, name).is_in(text)
}

/// The values of a list parameter, read once: they are held against every server.
pub(super) struct ListedWords<'p>(HashSet<&'p str>);

impl<'p> ListedWords<'p> {
    pub(super) fn of(params: &'p Params, name: &str) -> Self {
        Self(list(params, name).into_iter().collect())
    }

    /// Whether the parameter is not given, or holds the value.
    pub(super) fn admit(&self, value: &str) -> bool {
        self.0.is_empty() || self.0.contains(value)
    }
}

/// A part of a text that is searched for in any case, read once.
pub(super) struct SearchedPart(Option<String>);

impl SearchedPart {
    pub(super) fn of(params: &Params, name: &str) -> Self {
        Self(params.non_empty(name).map(str::to_lowercase))
    }

    /// Whether the parameter is not given, or is part of the text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.as_ref().is_none_or(|part| text.to_lowercase().contains(part))
    }
}
