//! Expectations: what must hold for the calls that a selector matches, and how documents write it.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::exit::Exit;
use super::misbehaviour::{Misbehaviour, WELL_BEHAVED};
use super::selector::{self, Selector, Since, StatusPattern};
use crate::domain::Fidelity;
use crate::text::bounds::{Bounds, Count};
use crate::text::by_hand::{TextOr, text_or};
use crate::text::duration;
use crate::text::scalar::Scalar;
#[cfg(feature = "cli")]
use crate::text::{KeyNames, fields::fields};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    Calls(Selector, Demand),
    /// There are calls that match these, one after the other; others may lie between.
    Order(Vec<Selector>),
    /// The command that `run` judges ends so; nothing else judges it.
    Exit(Exit),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    Number(Count),
    /// The real time from the arrival of a call to the arrival of the next call of its account.
    Gap(Bounds<SignedDuration>),
    NoCallsAfter(Milestone),
    /// None arrives before the wait is over that the response before it demanded (`x-acs-retry-after`).
    RetryAfter,
    /// The client never does this.
    Never(Misbehaviour),
}

/// A moment in the responses to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// The first response that showed the task of the call at its end.
    Terminal,
    /// The first response with status 403 to the same call.
    Denied,
}

/// The keys of an entry.
#[cfg(feature = "cli")]
pub(crate) fn keys() -> KeyNames {
    fields::<WrittenEntry>()
}

impl Expectation {
    pub fn selectors(&self) -> &[Selector] {
        match self {
            Self::Calls(selector, _) => std::slice::from_ref(selector),
            Self::Order(steps) => steps,
            Self::Exit(_) => &[],
        }
    }

    pub fn exit(&self) -> Option<Exit> {
        if let Self::Exit(exit) = self { Some(*exit) } else { None }
    }

    /// That there is a call at all.
    #[cfg(feature = "cli")]
    pub(crate) fn any_call() -> Self {
        Self::Calls(Selector::default(), Demand::Number(Count::default()))
    }

    /// That the client never misbehaves: one for each kind.
    pub fn well_behaved(selector: &Selector) -> impl Iterator<Item = Self> {
        Misbehaviour::ALL.into_iter().map(|kind| Self::Calls(selector.clone(), Demand::Never(kind)))
    }
}

/// What one entry of a document expects: one expectation for each of its demands.
#[derive(Debug, Clone)]
pub(crate) struct Expectations {
    /// At least one: without a demand, that there is at least one call.
    pub list: Vec<Expectation>,
    pub is_bare: bool,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an expectation such as { action: GetLastOnceTaskInfo, calls: \">=3\" }"
)]
struct WrittenEntry {
    #[serde(default, deserialize_with = "selector::action")]
    action: Option<String>,
    #[serde(default, deserialize_with = "selector::params")]
    params: BTreeMap<String, String>,
    status: Option<StatusPattern>,
    code: Option<String>,
    account: Option<String>,
    fault: Option<String>,
    fidelity: Option<Fidelity>,
    since: Option<Since>,
    #[serde(default, deserialize_with = "number")]
    calls: Option<Count>,
    /// The same, as `POST verify` spelt it first.
    #[serde(default, deserialize_with = "number")]
    count: Option<Count>,
    #[serde(default, deserialize_with = "written_gap")]
    gap: Option<Bounds<SignedDuration>>,
    no_calls_after: Option<Milestone>,
    retry_after: Option<Honoured>,
    never: Option<Vec<Misbehaviour>>,
    exit: Option<Exit>,
    order: Option<Vec<OrderStep>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Honoured {
    #[serde(alias = "honored")]
    Honoured,
}

/// `3`, `">=3"`, `"3..5"`.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Count>, D::Error> {
    let text = Option::<Scalar>::deserialize(deserializer)?;
    text.map(|Scalar(text)| Count::parse(&text)).transpose().map_err(D::Error::custom)
}

fn written_gap<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Bounds<SignedDuration>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| gap(&text)).transpose().map_err(D::Error::custom)
}

/// Parses `">=1s"`, `"<=30s"`, `"1s..30s"`.
pub fn gap(text: &str) -> Result<Bounds<SignedDuration>, String> {
    const STEP: SignedDuration = SignedDuration::from_nanos(1);
    let length = |text: &str| duration::parse(text).ok().filter(|length| !length.is_negative());
    let above = |least: SignedDuration| least.checked_add(STEP);
    let below = |most: SignedDuration| most.checked_sub(STEP).filter(|most| !most.is_negative());
    Bounds::read(text, SignedDuration::ZERO, length, above, below).ok_or_else(|| {
        format!(r#"{text:?} is no gap between calls; expected one such as ">=1s", "<=30s" or "1s..30s""#)
    })
}

/// A call of an order: a selector, or the name of an operation.
#[derive(Debug)]
pub(super) struct OrderStep(pub(super) Selector);

impl<'de> Deserialize<'de> for OrderStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "the name of an operation, or conditions such as { action: …, params: … }";
        Ok(Self(match text_or(deserializer, expected)? {
            TextOr::Text(action) => {
                Selector { action: Some(action).filter(|action| action != "*"), ..Selector::default() }
            }
            TextOr::Keys(selector) => selector,
        }))
    }
}

impl<'de> Deserialize<'de> for Expectations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected =
            r#"well_behaved, or an expectation such as { action: GetLastOnceTaskInfo, calls: ">=3" }"#;
        match text_or::<WrittenEntry, D>(deserializer, expected)? {
            TextOr::Text(word) if word == WELL_BEHAVED => {
                let list = Expectation::well_behaved(&Selector::default()).collect();
                Ok(Self { list, is_bare: false })
            }
            TextOr::Text(word) => Err(D::Error::custom(format!("expected {expected}, not {word:?}"))),
            TextOr::Keys(written) => written.try_into().map_err(D::Error::custom),
        }
    }
}

impl TryFrom<WrittenEntry> for Expectations {
    type Error = &'static str;

    fn try_from(written: WrittenEntry) -> Result<Self, &'static str> {
        let WrittenEntry { action, params, status, code, account, fault, fidelity, since, .. } = written;
        let selector = Selector { action, params, status, code, account, fault, fidelity, since };
        if written.calls.is_some() && written.count.is_some() {
            return Err("calls and count are the same: take one of them out");
        }
        if written.never.as_ref().is_some_and(Vec::is_empty) {
            return Err("never: names at least one misbehaviour");
        }
        let demands = [
            written.calls.or(written.count).map(Demand::Number),
            written.gap.map(Demand::Gap),
            written.no_calls_after.map(Demand::NoCallsAfter),
            written.retry_after.map(|Honoured::Honoured| Demand::RetryAfter),
        ];
        let mut demands: Vec<Demand> = demands.into_iter().flatten().collect();
        demands.extend(written.never.into_iter().flatten().map(Demand::Never));
        if let Some(exit) = written.exit {
            if !demands.is_empty() || written.order.is_some() || selector != Selector::default() {
                return Err("exit stands alone; write the rest as an expectation of its own");
            }
            return Ok(Self { list: vec![Expectation::Exit(exit)], is_bare: false });
        }
        if let Some(steps) = written.order {
            if !demands.is_empty() || selector != Selector::default() {
                return Err("an order stands alone; write the rest as an expectation of its own");
            }
            if steps.len() < 2 {
                return Err("an order has two calls at least");
            }
            let steps = steps.into_iter().map(|OrderStep(selector)| selector).collect();
            return Ok(Self { list: vec![Expectation::Order(steps)], is_bare: false });
        }
        let is_bare = demands.is_empty();
        if is_bare {
            demands.push(Demand::Number(Count::default()));
        }
        let list = demands.into_iter().map(|demand| Expectation::Calls(selector.clone(), demand)).collect();
        Ok(Self { list, is_bare })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps() {
        let seconds = SignedDuration::from_secs;
        assert_eq!(gap(">=1s"), Ok(Bounds { least: seconds(1), most: None }));
        assert_eq!(gap("1s..1m 30s"), Ok(Bounds { least: seconds(1), most: Some(seconds(90)) }));
        for nonsense in [">=1", "<0s", ">=-1s", "5s..1s"] {
            assert!(gap(nonsense).is_err(), "{nonsense}");
        }
    }
}
