//! The report of a run: its timeline with the verdict, as a picture, as a page, and as data.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::build::Timeline;
use super::svg::{self, Caption};
use crate::expect::{self, Verdict};
use crate::text::counted::counted;

/// What a report is made of.
#[derive(Debug)]
pub(crate) struct RunReport<'r> {
    pub(crate) timeline: &'r Timeline,
    pub(crate) verdict: &'r Verdict,
    /// The name of the scenario.
    pub(crate) scenario: &'r str,
    pub(crate) seed: u64,
    /// How the command ended, if it did not end well.
    pub(crate) ended: Option<&'r str>,
}

impl RunReport<'_> {
    /// The picture, as a file of its own; without its style sheet it has no inline styles at all.
    pub(crate) fn svg(&self, has_style: bool) -> Vec<u8> {
        let (summary, proofs) = (self.summary(), self.proofs());
        let caption =
            Caption { title: self.scenario, summary: &summary, proofs: &proofs, has_style, is_alone: true };
        svg::draw(self.timeline, &caption)
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "scenario": self.scenario,
            "seed": self.seed,
            "summary": self.summary(),
            "ended": self.ended,
            "verdict": self.verdict.to_json(),
            "timeline": self.timeline.to_json(),
        })
    }

    /// `12 calls of 2 accounts in 4.2 s, 1 of 3 expectations were not met, seed 7`
    pub(super) fn summary(&self) -> String {
        let calls = counted(self.timeline.calls().count(), "call");
        let accounts: usize = self.timeline.lanes.iter().map(|lane| lane.accounts).sum();
        let accounts = counted(accounts, "account");
        format!("{calls} of {accounts} in {}, {}, seed {}", self.timeline.length(), self.judged(), self.seed)
    }

    /// What the verdict comes to, in few words.
    pub(super) fn judged(&self) -> String {
        let outcomes = &self.verdict.outcomes;
        let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
        expect::how_many_met(outcomes.len(), failed)
    }

    /// Whether all was as expected, and the command ended well.
    pub(super) fn has_passed(&self) -> bool {
        self.verdict.has_passed() && self.ended.is_none()
    }

    /// Numbers of the calls that prove what was not met.
    pub(super) fn proofs(&self) -> HashSet<u64> {
        let failures = self.verdict.outcomes.iter().filter_map(|outcome| outcome.failure.as_ref());
        failures.flat_map(|failure| failure.calls.iter().map(|call| call.sequence)).take(200).collect()
    }
}
