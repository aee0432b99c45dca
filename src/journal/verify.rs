//! Assertions about calls: how many there were, and in which order. A verdict is for the person whose test just failed.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::count::Wanted;
use super::filter::{Filter, Since};
use super::record::CallRecord;
use crate::text::bounds::Count;

/// What is asserted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// How many calls there were of some kinds.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// Kinds of which there was one after the other; other calls may lie between.
    #[serde(default)]
    pub order: Vec<Step>,
    /// Judge the calls of this account alone.
    pub account: Option<String>,
    /// Judge the calls since then alone.
    pub since: Option<Since>,
}

/// How many calls of a kind: the members of a [`Filter`], and `count`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Expectation {
    /// The kind.
    pub filter: Filter,
    /// How many.
    pub count: Count,
}

/// A kind of calls: the members of a [`Filter`], or just the name of an operation.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub struct Step(pub Filter);

/// What came out.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// Whether all of it held.
    pub passed: bool,
    /// For each expectation.
    expect: Vec<Outcome>,
    /// For the order, if one was asserted.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Outcome>,
}

/// What became of one assertion.
#[derive(Debug, Serialize)]
struct Outcome {
    passed: bool,
    /// In words.
    wanted: String,
    /// Calls of that kind; for an order, steps that were found.
    seen: u64,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The calls that explain it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nearest: Vec<Near>,
}

/// A call that was nearly, or too often, what was wanted.
#[derive(Debug, Serialize)]
struct Near {
    /// In what it differs from what was wanted; in nothing, if there were too many.
    differs: Vec<String>,
    call: Value,
}

/// Most calls that are shown for one assertion.
const SHOWN: usize = 3;

impl Verification {
    /// Every kind of calls it names.
    pub fn filters(&self) -> impl Iterator<Item = &Filter> {
        self.expect.iter().map(|one| &one.filter).chain(self.order.iter().map(|step| &step.0))
    }

    /// Judges calls, which are in the order of their numbers.
    pub fn judge(&self, calls: &[Arc<CallRecord>]) -> Verdict {
        let scope = Filter { account: self.account.clone(), since: self.since, ..Filter::default() };
        let calls: Vec<&CallRecord> =
            calls.iter().map(Arc::as_ref).filter(|call| scope.matches(call)).collect();
        let expect: Vec<_> = self.expect.iter().map(|one| one.judge(&calls)).collect();
        let order = (!self.order.is_empty()).then(|| judge_order(&self.order, &calls));
        Verdict { passed: expect.iter().chain(&order).all(|outcome| outcome.passed), expect, order }
    }
}

impl Expectation {
    fn judge(&self, calls: &[&CallRecord]) -> Outcome {
        let Self { filter, count } = self;
        let matching: Vec<&CallRecord> = calls.iter().copied().filter(|call| filter.matches(call)).collect();
        let seen = matching.len() as u64;
        let wanted = format!("{count} of {}", filter.describe());
        if count.hold(seen) {
            return Outcome { passed: true, wanted, seen, message: None, nearest: Vec::new() };
        }
        let message = format!("wanted {wanted}; saw {seen} among {}", calls_of(calls.len()));
        let nearest = if count.want_more_than(seen) { nearest(filter, calls) } else { newest(&matching) };
        Outcome { passed: false, wanted, seen, message: Some(message), nearest }
    }
}

fn calls_of(count: usize) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{count} calls") }
}

fn newest(calls: &[&CallRecord]) -> Vec<Near> {
    let newest = calls.iter().rev().take(SHOWN);
    newest.map(|call| Near { differs: Vec::new(), call: call.to_json() }).collect()
}

/// Those that differ in the fewest ways; of another operation only where there is nothing better.
fn nearest(filter: &Filter, calls: &[&CallRecord]) -> Vec<Near> {
    let same_action = Filter { action: filter.action.clone(), ..Filter::default() };
    let mut ranked: Vec<_> = calls
        .iter()
        .rev()
        .map(|call| (!same_action.matches(call), filter.differences(call), call))
        .filter(|(_, differs, _)| !differs.is_empty())
        .collect();
    ranked.sort_by_key(|(is_other, differs, _)| (*is_other, differs.len()));
    ranked.truncate(SHOWN);
    ranked.into_iter().map(|(_, differs, call)| Near { differs, call: call.to_json() }).collect()
}

fn judge_order(steps: &[Step], calls: &[&CallRecord]) -> Outcome {
    let describe = |index: usize| steps.get(index).map_or_else(String::new, |step| step.0.describe());
    let wanted = (0..steps.len()).map(describe).collect::<Vec<_>>().join(", then ");
    let mut rest = calls;
    let mut found: Vec<&CallRecord> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        if let Some(place) = rest.iter().position(|call| step.0.matches(call)) {
            found.push(rest[place]);
            rest = &rest[place + 1..];
            continue;
        }
        let this = format!("step {}, {}, ", index + 1, describe(index));
        let earlier = calls.iter().rev().find(|call| step.0.matches(call));
        let message = match (earlier, found.last()) {
            (Some(earlier), Some(last)) => format!(
                "{this}did not come after step {index}, {}, which is call {}; the last such call is call {}",
                describe(index - 1),
                last.sequence,
                earlier.sequence
            ),
            _ => format!("{this}did not come at all, among {}", calls_of(calls.len())),
        };
        let nearest = match earlier {
            Some(earlier) => newest(&[earlier]),
            None => nearest(&step.0, calls),
        };
        let seen = found.len() as u64;
        return Outcome { passed: false, wanted, seen, message: Some(message), nearest };
    }
    Outcome { passed: true, wanted, seen: found.len() as u64, message: None, nearest: Vec::new() }
}

impl fmt::Display for Verdict {
    /// What did not hold, and the calls that came near, a line each; nothing if all of it held.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for outcome in self.expect.iter().chain(&self.order) {
            let Some(message) = &outcome.message else { continue };
            writeln!(f, "{message}")?;
            for Near { differs, call } in outcome.nearest.iter().filter(|near| !near.differs.is_empty()) {
                writeln!(f, "  call {} comes near: {}", call["sequence"], differs.join(", "))?;
            }
        }
        Ok(())
    }
}

impl TryFrom<Map<String, Value>> for Expectation {
    type Error = serde_json::Error;

    fn try_from(mut members: Map<String, Value>) -> Result<Self, serde_json::Error> {
        let count = members.remove("count").map(serde_json::from_value::<Wanted>).transpose()?;
        let Wanted(count) = count.unwrap_or_default();
        Ok(Self { filter: serde_json::from_value(Value::Object(members))?, count })
    }
}

impl TryFrom<Value> for Step {
    type Error = serde_json::Error;

    fn try_from(step: Value) -> Result<Self, serde_json::Error> {
        match step {
            Value::String(action) => Ok(Self(Filter { action: Some(action), ..Filter::default() })),
            other => serde_json::from_value(other).map(Self),
        }
    }
}
