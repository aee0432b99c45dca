//! `expect:` — what the calls of a client must be like.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;

use crate::operations::names::check_call;
use crate::scenario::expect::{Demand, Expectation, Kind, Milestone};
use crate::text::bounds::{Bounds, Count};
use crate::text::duration;
use crate::text::scalar::Scalar;

/// What must hold for some calls, checked as a whole: one expectation or several.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "Written"))]
#[serde(try_from = "Written")]
pub(super) struct ExpectKey(pub(super) Vec<Expectation>);

/// What must hold for some calls: at least one of `calls`, `gap`, `no_calls_after`, `retry_after`; or an `order`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Expectation"))]
#[cfg_attr(test, schemars(transform = super::schema::says_something))]
#[serde(
    deny_unknown_fields,
    expecting = "an expectation such as { action: GetLastOnceTaskInfo, calls: \">=3\" }"
)]
struct Written {
    /// The operation; every call if left out.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<super::schema::Action>"))]
    action: Option<String>,
    /// Parameters that such a call has, and patterns for their values.
    #[serde(default)]
    params: BTreeMap<String, Scalar>,
    /// How many such calls there are: `3`, `">=3"`, `"<=5"` or `"3..5"`.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::schema::count"))]
    calls: Option<Number>,
    /// How long after the one before it each such call arrives: `">=1s"`, `"<=30s"` or `"1s..30s"`.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::schema::gap"))]
    gap: Option<Gap>,
    /// There are no such calls after this.
    no_calls_after: Option<MilestoneKey>,
    /// No such call comes earlier than the one before it was told by `x-acs-retry-after`.
    retry_after: Option<RetryAfterKey>,
    /// There is one such call after the other, whatever lies between: names of operations, or `{ action, params }`.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::schema::order"))]
    order: Option<Vec<Step>>,
}

#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum MilestoneKey {
    /// The first answer that showed the task at its end.
    Terminal,
    /// The first 403 that answered the same call.
    Denied,
}

#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum RetryAfterKey {
    /// Nobody comes too early.
    #[serde(alias = "honored")]
    Honoured,
}

/// `3`, `">=3"`, `"3..5"`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "Scalar")]
struct Number(Count);

impl TryFrom<Scalar> for Number {
    type Error = String;

    fn try_from(Scalar(text): Scalar) -> Result<Self, String> {
        Count::parse(&text).map(Self)
    }
}

/// `">=1s"`, `"1s..5s"`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Gap(Bounds<SignedDuration>);

impl TryFrom<String> for Gap {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        const STEP: SignedDuration = SignedDuration::from_nanos(1);
        let length = |text: &str| duration::parse(text).ok().filter(|length| !length.is_negative());
        let above = |least: SignedDuration| least.checked_add(STEP);
        let below = |most: SignedDuration| most.checked_sub(STEP).filter(|most| !most.is_negative());
        Bounds::read(&text, SignedDuration::ZERO, length, above, below).map(Self).ok_or_else(|| {
            format!(r#"{text:?} is no gap between calls; expected one such as ">=1s", "<=30s" or "1s..30s""#)
        })
    }
}

/// A call of an order: the name of an operation, or what else it must have too.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected the name of an operation, or { action: …, params: … }")]
enum Step {
    Name(String),
    Kind(KindKeys),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindKeys {
    action: String,
    #[serde(default)]
    params: BTreeMap<String, Scalar>,
}

fn kind(action: Option<String>, params: BTreeMap<String, Scalar>) -> Result<Kind, String> {
    check_call(action.as_slice(), &params)?;
    Ok(Kind {
        action: action.filter(|action| action != "*"),
        params: params.into_iter().map(|(name, Scalar(pattern))| (name, pattern)).collect(),
    })
}

impl TryFrom<Written> for ExpectKey {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { action, params, calls, gap, no_calls_after, retry_after, order } = written;
        let demands = [
            calls.map(|Number(count)| Demand::Number(count)),
            gap.map(|Gap(bounds)| Demand::Gap(bounds)),
            no_calls_after.map(|after| match after {
                MilestoneKey::Terminal => Demand::NoneAfter(Milestone::Terminal),
                MilestoneKey::Denied => Demand::NoneAfter(Milestone::Denied),
            }),
            retry_after.map(|RetryAfterKey::Honoured| Demand::RetryAfter),
        ];
        let demands: Vec<Demand> = demands.into_iter().flatten().collect();
        match order {
            Some(_) if action.is_some() || !params.is_empty() || !demands.is_empty() => {
                Err("an order stands alone; write the rest as an expectation of its own".to_owned())
            }
            Some(steps) if steps.len() < 2 => Err("an order has two calls at least".to_owned()),
            Some(steps) => {
                let kinds = steps.into_iter().map(|step| match step {
                    Step::Name(action) => kind(Some(action), BTreeMap::new()),
                    Step::Kind(KindKeys { action, params }) => kind(Some(action), params),
                });
                Ok(Self(vec![Expectation::Order(kinds.collect::<Result<_, _>>()?)]))
            }
            None if demands.is_empty() => {
                Err("an expectation says at least one of calls, gap, no_calls_after, retry_after, order"
                    .to_owned())
            }
            None => {
                let kind = kind(action, params)?;
                let calls = |demand| Expectation::Calls(kind.clone(), demand);
                Ok(Self(demands.into_iter().map(calls).collect()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps() {
        let gap = |text: &str| Gap::try_from(text.to_owned()).ok().map(|Gap(bounds)| bounds);
        let seconds = SignedDuration::from_secs;
        assert_eq!(gap(">=1s"), Some(Bounds { least: seconds(1), most: None }));
        assert_eq!(gap("1s..1m 30s"), Some(Bounds { least: seconds(1), most: Some(seconds(90)) }));
        for nonsense in [">=1", "<0s", ">=-1s", "5s..1s"] {
            assert_eq!(gap(nonsense), None, "{nonsense}");
        }
    }
}
