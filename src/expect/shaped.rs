//! Responses that were only shapes: a test that rests on them proves little, so a verdict names them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::outcome::{Failure, Outcome};
use crate::domain::Fidelity;
use crate::journal::CallRecord;

/// What was not met if there are any: each operation once, and how often.
pub(crate) fn only_shapes(calls: &[Arc<CallRecord>]) -> Option<Outcome> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.fidelity() == Some(Fidelity::Shape)) {
        *counts.entry(call.action()).or_default() += 1;
    }
    let seen = counts.values().sum();
    let named: Vec<String> = counts.iter().map(|(action, count)| format!("{action} ({count})")).collect();
    let failure = (seen > 0).then(|| Failure {
        message: format!(
            "{seen} had only the documented shape: {}; allow_shapes: true in the scenario lets them pass",
            named.join(", ")
        ),
        calls: Vec::new(),
        nearest: Vec::new(),
    })?;
    let wanted = "every response modelled or scripted".to_owned();
    Some(Outcome { wanted, seen, is_order: false, failure: Some(failure) })
}
