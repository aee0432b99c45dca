//! Decides everything that will go wrong with a call, before anything is done: a pure function.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

use super::bucket;
use super::rule::{BadCertificate, Break, Delay, Edit, Effect, Rule, When};
use super::trigger::Tally;
use crate::dice::FaultDice;
use crate::domain::{ApiError, State};
use crate::protocol::Call;

/// When a call is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// By the task clock.
    pub now: Timestamp,
    /// The first instant, by the same clock.
    pub start: Timestamp,
    /// In real time, since the emulator started.
    pub uptime: SignedDuration,
}

/// What will go wrong with a call: first the delay, then the refusal; without one the deed is done, and its answer is
/// handled as the rest says.
#[derive(Debug, Default, PartialEq)]
pub struct Decision {
    /// The rules that triggered, in order.
    pub triggered: Vec<String>,
    /// How long it waits.
    pub delay: Duration,
    /// Why the service never hears of it.
    pub refusal: Option<FaultRefusal>,
    /// What is reported instead of success.
    pub lie: Option<ApiError>,
    /// How the connection breaks after the deed.
    pub breaks: Option<Break>,
    /// What is done to the answer, in order.
    pub edits: Vec<Edit>,
}

/// Why the service never hears of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultRefusal {
    /// An error, and headers that go with it.
    Error { error: ApiError, headers: Vec<(HeaderName, HeaderValue)>, retry_after: Option<Duration> },
    /// A connection that breaks.
    Break(Break),
}

/// What will go wrong with a TLS handshake.
#[derive(Debug, Default, PartialEq)]
pub struct HandshakeDecision {
    /// The rules that triggered, in order.
    pub triggered: Vec<String>,
    /// What the client is shown instead of a good certificate.
    pub certificate: Option<BadCertificate>,
}

/// One rule, and what it needs to judge calls of one account.
pub(super) struct Judge<'j> {
    pub(super) rule: &'j Rule,
    /// When it was armed, in real time.
    pub(super) armed: SignedDuration,
    pub(super) tally: &'j mut Tally,
    pub(super) dice: FaultDice<'j>,
}

impl Decision {
    /// Adds what a rule does to the call, if it strikes.
    pub(super) fn add(
        &mut self,
        judge: &mut Judge<'_>,
        call: &Call<'_>,
        accepted: bool,
        moment: &Moment,
        task: impl FnOnce() -> Option<State>,
    ) {
        let Judge { rule, armed, tally, dice } = judge;
        let wire = |e: &Effect| matches!(e, Effect::Delay(_) | Effect::Connection(..));
        if !accepted && !rule.effects.iter().any(wire) {
            return;
        }
        if !rule.matches.covers(call, task) || !rule.trigger.pull(tally, moment, *armed, dice) {
            return;
        }
        let throws = dice.at(tally.matched);
        let mut acted = false;
        for effect in rule.effects.iter().filter(|e| accepted || wire(e)) {
            acted |= self.suffer(effect, tally, moment, &throws);
        }
        if acted {
            self.triggered.push(rule.id.clone());
        } else {
            // A bucket with a token in it let the call pass, or another rule refused it first: that is no hit.
            tally.hits -= 1;
        }
    }

    /// One effect; whether it does anything. The first refusal and the first lie win.
    fn suffer(&mut self, effect: &Effect, tally: &mut Tally, moment: &Moment, dice: &FaultDice<'_>) -> bool {
        match effect {
            // Who comes later than a refusal finds nothing left to refuse, or to lie about.
            Effect::Throttle(_) | Effect::Error(_) | Effect::Connection(_, When::Before) | Effect::Lie(_)
                if self.refusal.is_some() =>
            {
                return false;
            }
            Effect::Throttle(throttle) => match bucket::take(throttle, &mut tally.bucket, moment.uptime) {
                Ok(()) => return false,
                Err(wait) => {
                    let (error, headers) = bucket::refusal(throttle, wait);
                    self.refusal = Some(FaultRefusal::Error { error, headers, retry_after: None });
                }
            },
            Effect::Error(error) => {
                self.refusal =
                    Some(FaultRefusal::Error { error: error.clone(), headers: Vec::new(), retry_after: None })
            }
            Effect::Connection(kind, When::Before) => self.refusal = Some(FaultRefusal::Break(*kind)),
            Effect::Connection(kind, When::After) => {
                self.breaks.get_or_insert(*kind);
            }
            Effect::Lie(error) => {
                self.lie.get_or_insert_with(|| error.clone());
            }
            Effect::Delay(delay) => self.delay = self.delay.saturating_add(length(*delay, dice)),
            Effect::Edit(edit) => self.edits.push(edit.clone()),
            // It is for handshakes, not for calls.
            Effect::Tls(_) => return false,
        }
        true
    }
}

impl HandshakeDecision {
    /// Adds what a rule does to the handshake, if it strikes. The first certificate wins.
    pub(super) fn add(&mut self, judge: &mut Judge<'_>, moment: &Moment) {
        let Judge { rule, armed, tally, dice } = judge;
        if rule.trigger.pull(tally, moment, *armed, dice) {
            self.triggered.push(rule.id.clone());
            self.certificate = self.certificate.or(rule.certificate());
        }
    }
}

fn length(delay: Delay, dice: &FaultDice<'_>) -> Duration {
    let length = match delay {
        Delay::Range(min, max) => dice.within(min, max),
        Delay::Percentiles { p50, p99 } => dice.log_normal(p50, p99),
    };
    Duration::try_from(length).unwrap_or_default()
}
