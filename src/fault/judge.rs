//! Decides everything that will go wrong with a call, before anything is done: a pure function.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use jiff::SignedDuration;

use super::counters::RuleTally;
use super::effect::{BadCertificate, Break, Effect, Judging, Level};
use super::rule::Rule;
use super::trigger::Moment;
use crate::dice::FaultDice;
use crate::domain::{ApiError, State};
use crate::protocol::Call;

/// What will go wrong with a call or a TLS handshake: first the delay, then the refusal; without one the call is done, and its reply is
/// handled as the rest says.
#[derive(Debug, Default, PartialEq)]
pub struct Decision {
    /// The rules that fired, in order.
    pub triggered: Vec<String>,
    /// How long it waits.
    pub delay: Duration,
    /// Why the service does not do it.
    pub refusal: Option<FaultRefusal>,
    /// What is reported instead of success.
    pub lie: Option<ApiError>,
    /// How the connection breaks after it is done.
    pub breaks: Option<Break>,
    /// What changes the reply, in order.
    pub edits: Vec<Effect>,
    /// What a client is shown in a TLS handshake instead of a good certificate.
    pub certificate: Option<BadCertificate>,
}

/// Why the service does not do a call.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultRefusal {
    /// An error.
    Error {
        /// What the client sees.
        error: ApiError,
        /// Headers that go with it.
        headers: Vec<(HeaderName, HeaderValue)>,
        /// How long the client should wait, as the headers say it.
        retry_after: Option<Duration>,
    },
    /// A connection that breaks.
    Break(Break),
}

/// One rule, and what it needs to judge calls of one account.
pub(super) struct Judge<'j> {
    pub(super) rule: &'j Rule,
    /// When it was armed, in real time.
    pub(super) armed: SignedDuration,
    pub(super) tally: &'j mut RuleTally,
    pub(super) dice: FaultDice<'j>,
}

impl Decision {
    /// Adds what a rule does to the call, or to the handshake if there is none yet, if it fires. Of a call that authentication did not accept, the API sees
    /// nothing: only effects on the wire act, and rules that have no others neither match nor count.
    pub(super) fn add(
        &mut self,
        judge: &mut Judge<'_>,
        call: Option<&Call<'_>>,
        accepted: bool,
        moment: &Moment,
        task: impl FnOnce() -> Option<State>,
    ) {
        let Judge { rule, armed, tally, dice } = judge;
        let acts = |effect: &&Effect| accepted || effect.level() == Level::Wire;
        if !rule.effects.iter().any(|effect| acts(&effect))
            || !call.is_none_or(|call| rule.matches.covers(call, task))
            || !rule.trigger.fires(tally, moment, *armed, dice)
        {
            return;
        }
        let dice = dice.at(tally.matched);
        let mut judging = Judging { decision: self, bucket: &mut tally.bucket, uptime: moment.uptime, dice };
        let mut acted = false;
        for effect in rule.effects.iter().filter(acts) {
            acted |= effect.decide(&mut judging);
        }
        if acted {
            self.triggered.push(rule.id.clone());
        } else {
            // A bucket with a token in it let the call pass, or another rule refused it first: that is no hit.
            tally.hits -= 1;
        }
    }
}
