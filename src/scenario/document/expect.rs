//! `expect:` — what the calls of a client must be like.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;

use super::faults::check_call;
use super::values::Scalar;
use crate::scenario::duration;
use crate::scenario::expect::{Bounds, Expectation, Milestone};

/// An expectation, checked as a whole.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "Written"))]
#[serde(try_from = "Written")]
pub(super) struct ExpectKey(pub(super) Expectation);

/// What must hold for some calls: at least one of `calls`, `gap`, `no_calls_after`.
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
    calls: Option<Count>,
    /// How long after the one before it each such call comes: `">=1s"`, `"<=30s"` or `"1s..30s"`.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::schema::gap"))]
    gap: Option<Gap>,
    /// There are no such calls after this.
    no_calls_after: Option<MilestoneKey>,
}

#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum MilestoneKey {
    /// The first answer that showed the task at its end.
    Terminal,
}

/// `3`, `">=3"`, `"3..5"`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "Scalar")]
struct Count(Bounds<u64>);

impl TryFrom<Scalar> for Count {
    type Error = String;

    fn try_from(Scalar(text): Scalar) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u64>().ok();
        let (above, below) = (|least: u64| least.checked_add(1), |most: u64| most.checked_sub(1));
        bounds(&text, 0, number, above, below).map(Self).ok_or_else(|| {
            format!(r#"{text:?} is no number of calls; expected 3, ">=3", ">3", "<=3", "<3" or "3..5""#)
        })
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
        bounds(&text, SignedDuration::ZERO, length, above, below).map(Self).ok_or_else(|| {
            format!(r#"{text:?} is no gap between calls; expected one such as ">=1s", "<=30s" or "1s..30s""#)
        })
    }
}

/// Reads a comparison; nothing if no value could ever meet it.
fn bounds<T: Copy + PartialOrd>(
    text: &str,
    zero: T,
    read: impl Fn(&str) -> Option<T>,
    above: impl Fn(T) -> Option<T>,
    below: impl Fn(T) -> Option<T>,
) -> Option<Bounds<T>> {
    let after = |sign: &str| text.trim().strip_prefix(sign).and_then(|rest| read(rest.trim()));
    let (least, most) = if let Some((least, most)) = text.split_once("..") {
        (read(least.trim())?, Some(read(most.trim())?))
    } else if let Some(least) = after(">=") {
        (least, None)
    } else if let Some(most) = after("<=") {
        (zero, Some(most))
    } else if let Some(least) = after(">") {
        (above(least)?, None)
    } else if let Some(most) = after("<") {
        (zero, Some(below(most)?))
    } else {
        let exactly = after("==").or_else(|| read(text.trim()))?;
        (exactly, Some(exactly))
    };
    most.is_none_or(|most| least <= most).then_some(Bounds { least, most })
}

impl TryFrom<Written> for ExpectKey {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { action, params, calls, gap, no_calls_after } = written;
        check_call(action.as_slice(), &params)?;
        if calls.is_none() && gap.is_none() && no_calls_after.is_none() {
            return Err("an expectation says at least one of calls, gap, no_calls_after".to_owned());
        }
        Ok(Self(Expectation {
            action: action.filter(|action| action != "*"),
            params: params.into_iter().map(|(name, Scalar(pattern))| (name, pattern)).collect(),
            calls: calls.map(|Count(bounds)| bounds),
            gap: gap.map(|Gap(bounds)| bounds),
            no_calls_after: no_calls_after.map(|MilestoneKey::Terminal| Milestone::Terminal),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_calls() {
        let count = |text: &str| Count::try_from(Scalar(text.to_owned())).ok().map(|Count(bounds)| bounds);
        let some = |least, most| Some(Bounds { least, most });
        assert_eq!(count("3"), some(3, Some(3)));
        assert_eq!(count("== 3"), some(3, Some(3)));
        assert_eq!(count(">= 3"), some(3, None));
        assert_eq!(count(">3"), some(4, None));
        assert_eq!(count("<=3"), some(0, Some(3)));
        assert_eq!(count("<3"), some(0, Some(2)));
        assert_eq!(count("3..5"), some(3, Some(5)));
        for nonsense in ["", "5..3", "<0", ">=", "-1", "three", ">18446744073709551615"] {
            assert_eq!(count(nonsense), None, "{nonsense}");
        }
    }

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
