//! The body of `POST verify`: expectations, and the calls that they are about.

use serde::Deserialize;
use serde_json::{Value, json};

use super::expectation::{Expectation, Expectations, OrderStep};
use super::judge::judge;
use super::selector::{Selector, Since};
use crate::journal::Batch;

#[derive(Debug, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a verification such as { expect: [{ action: CancelOnceTask, count: 0 }] }"
)]
pub(crate) struct Verification {
    #[serde(default)]
    expect: Vec<Expectations>,
    #[serde(default)]
    order: Vec<OrderStep>,
    account: Option<String>,
    since: Option<Since>,
}

impl Verification {
    /// Every selector it names: one for all calls that are judged, then those of the expectations, if there are any.
    pub(crate) fn selectors(&self) -> impl Iterator<Item = Selector> {
        let listed = self.expect.iter().flat_map(|entry| &entry.list).flat_map(Expectation::selectors);
        std::iter::once(self.scope())
            .chain(listed.chain(self.order.iter().map(|OrderStep(step)| step)).cloned())
    }

    /// Whether it has an `exit`, which is for `run` alone: a verification has no command to judge.
    pub(crate) fn expects_an_exit(&self) -> bool {
        self.expect.iter().flat_map(|entry| &entry.list).any(|expectation| expectation.exit().is_some())
    }

    fn scope(&self) -> Selector {
        Selector { account: self.account.clone(), since: self.since, ..Selector::default() }
    }

    /// Judges calls, and says how many were evicted before they could be judged.
    pub(crate) fn judge(self, mut calls: Batch) -> Value {
        let scope = self.scope();
        // A client that asks from a number on has seen what was evicted before it.
        let from = if let Some(Since::Sequence(number)) = self.since { number } else { 0 };
        calls.missed = calls.missed.saturating_sub(from);
        calls.records.retain(|call| scope.matches(call));
        let mut expectations: Vec<_> = self.expect.into_iter().flat_map(|entry| entry.list).collect();
        let has_order = !self.order.is_empty();
        if has_order {
            expectations
                .push(Expectation::Order(self.order.into_iter().map(|OrderStep(step)| step).collect()));
        }
        let verdict = judge(&expectations, &calls);
        let mut outcomes: Vec<Value> = verdict.outcomes.iter().map(|outcome| outcome.to_json(true)).collect();
        let order = outcomes.pop_if(|_| has_order);
        let mut answer = json!({ "passed": verdict.has_passed(), "expect": outcomes });
        if let Some(order) = order {
            answer["order"] = order;
        }
        if verdict.missed > 0 {
            answer["missed"] = json!(verdict.missed);
            answer["hint"] = json!(
                "that many calls had been evicted from the journal and were not judged; --journal-entries and --journal-bytes raise the bounds"
            );
        }
        answer
    }
}
