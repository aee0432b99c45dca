//! Selectors: conditions on calls that must all hold, as queries and expectations write them.

use std::collections::BTreeMap;
use std::fmt::Display;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use wildmatch::WildMatch;

use crate::domain::Fidelity;
use crate::journal::CallRecord;
use crate::text::scalar::Scalar;

/// Conditions; an empty selector matches every call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "conditions on calls such as { action: GetLastOnceTaskInfo }"
)]
pub struct Selector {
    #[serde(deserialize_with = "action")]
    pub action: Option<String>,
    /// Parameters of the operation and patterns for their values.
    #[serde(deserialize_with = "params")]
    pub params: BTreeMap<String, String>,
    /// The HTTP status: `403` or `4xx`; `none` if the connection was broken instead.
    pub status: Option<StatusPattern>,
    pub code: Option<String>,
    pub account: Option<String>,
    /// The id of a fault rule that fired, or a pattern.
    pub fault: Option<String>,
    pub fidelity: Option<Fidelity>,
    pub since: Option<Since>,
}

/// `*` is any operation.
pub(super) fn action<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|action| action != "*"))
}

pub(super) fn params<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    let params = BTreeMap::<String, Scalar>::deserialize(deserializer)?;
    Ok(params.into_iter().map(|(name, Scalar(pattern))| (name, pattern)).collect())
}

/// Whether a text is a pattern, which stands for names that need not exist.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// The beginning: calls that arrived later than the numbered one, or not before a time of the machine's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Scalar")]
pub enum Since {
    Sequence(u64),
    Time(Timestamp),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Scalar")]
pub enum StatusPattern {
    Exactly(u16),
    /// `4xx`: those that begin with the digit.
    Class(u16),
    Nothing,
}

impl Selector {
    pub fn matches(&self, call: &CallRecord) -> bool {
        let mut same = true;
        self.compare(call, |_, _, _| same = false);
        same
    }

    pub fn differences(&self, call: &CallRecord) -> Vec<String> {
        let mut found = Vec::new();
        self.compare(call, |what, seen, wanted| found.push(format!("{what} is {seen}, not {wanted}")));
        found
    }

    fn compare(&self, call: &CallRecord, mut differs: impl FnMut(&str, &dyn Display, &dyn Display)) {
        let fits = |pattern: &str, text: &str| pattern == text || WildMatch::new(pattern).matches(text);
        if let Some(wanted) = self.action.as_deref().filter(|wanted| !fits(wanted, call.action())) {
            differs("action", &or_none(call.action()), &wanted);
        }
        // The outcome of a call in flight is not known: it meets no condition.
        let in_flight = call.is_in_flight();
        let mut outcome_differs = |what: &str, seen: &str, wanted: &dyn Display| {
            differs(what, &if in_flight { "in flight" } else { or_none(seen) }, wanted);
        };
        if let Some(wanted) = self.code.as_deref().filter(|wanted| in_flight || !fits(wanted, call.code())) {
            outcome_differs("code", call.code(), &wanted);
        }
        if let Some(wanted) = self.status.filter(|wanted| in_flight || !wanted.holds(call.status())) {
            let seen = call.status().map(|status| status.to_string());
            outcome_differs("status", &seen.unwrap_or_default(), &wanted);
        }
        if let Some(wanted) = self.fault.as_deref()
            && (in_flight || !call.faults().any(|fault| fits(wanted, fault)))
        {
            outcome_differs("fault", &call.faults().collect::<Vec<_>>().join(","), &wanted);
        }
        if let Some(wanted) = self.fidelity.filter(|wanted| call.fidelity() != Some(*wanted)) {
            outcome_differs("fidelity", call.fidelity().map_or("", Fidelity::as_str), &wanted.as_str());
        }
        if let Some(wanted) = self.account.as_deref().filter(|wanted| *wanted != call.account()) {
            differs("account", &or_none(call.account()), &wanted);
        }
        for (name, wanted) in &self.params {
            let seen = call.param(name);
            if !seen.is_some_and(|value| fits(wanted, value)) {
                differs(name, &seen.unwrap_or("absent"), wanted);
            }
        }
        match self.since {
            Some(Since::Sequence(number)) if call.sequence <= number => {
                differs("sequence", &call.sequence, &format!("after {number}"));
            }
            Some(Since::Time(time)) if call.time < time => {
                differs("time", &call.time, &format!("{time} or later"));
            }
            _ => (),
        }
    }

    /// The conditions in words: `GetLastOnceTaskInfo with TaskType=IMAGE_SCAN, status=200`.
    pub fn describe(&self) -> String {
        let action = self.action.as_deref().unwrap_or("any operation");
        let status = self.status.map(|status| status.to_string());
        let rest =
            [("status", &status), ("code", &self.code), ("account", &self.account), ("fault", &self.fault)];
        let rest = rest.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let rest = rest.chain(self.fidelity.map(|fidelity| ("fidelity", fidelity.as_str())));
        let params = self.params.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<String> = params.chain(rest).map(|(name, value)| format!("{name}={value}")).collect();
        if all.is_empty() { action.to_owned() } else { format!("{action} with {}", all.join(", ")) }
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

impl StatusPattern {
    fn holds(self, status: Option<u16>) -> bool {
        match self {
            Self::Exactly(wanted) => status == Some(wanted),
            Self::Class(digit) => status.is_some_and(|status| status / 100 == digit),
            Self::Nothing => status.is_none(),
        }
    }
}

impl Display for StatusPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(status) => write!(f, "{status}"),
            Self::Class(digit) => write!(f, "{digit}xx"),
            Self::Nothing => f.write_str("none"),
        }
    }
}

impl TryFrom<Scalar> for StatusPattern {
    type Error = String;

    fn try_from(Scalar(text): Scalar) -> Result<Self, String> {
        let class = text.strip_suffix("xx").and_then(|digit| digit.parse().ok());
        match (text.as_str(), class, text.parse()) {
            ("none", ..) => Ok(Self::Nothing),
            (_, Some(digit @ 1..=5), _) => Ok(Self::Class(digit)),
            (_, _, Ok(status @ 100..=599)) => Ok(Self::Exactly(status)),
            _ => Err(format!("{text:?} is no status; expected 403, 4xx or none")),
        }
    }
}

impl TryFrom<Scalar> for Since {
    type Error = String;

    fn try_from(Scalar(text): Scalar) -> Result<Self, String> {
        let number = text.parse().map(Self::Sequence).ok();
        number.or_else(|| text.parse().map(Self::Time).ok()).ok_or_else(|| {
            format!("{text:?} is neither the number of a call nor a time such as 2026-11-24T02:14:00Z")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selector(text: &str) -> Result<Selector, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn numbers_may_be_texts() {
        for (text, status) in [
            (r#"{"status":403}"#, StatusPattern::Exactly(403)),
            (r#"{"status":"403"}"#, StatusPattern::Exactly(403)),
            (r#"{"status":"4xx"}"#, StatusPattern::Class(4)),
            (r#"{"status":"none"}"#, StatusPattern::Nothing),
        ] {
            assert_eq!(selector(text).unwrap().status, Some(status));
        }
        assert_eq!(selector(r#"{"since":"7"}"#).unwrap().since, Some(Since::Sequence(7)));
        assert!(matches!(
            selector(r#"{"since":"2026-01-02T03:04:05Z"}"#).unwrap().since,
            Some(Since::Time(_))
        ));
        for bad in [r#"{"status":"9xx"}"#, r#"{"status":42}"#, r#"{"since":"yesterday"}"#, r#"{"acton":"x"}"#]
        {
            assert!(selector(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn conditions_in_words() {
        let text =
            r#"{"action":"GenerateOnceTask","params":{"TaskType":"IMAGE_*"},"status":"4xx","account":"a"}"#;
        assert_eq!(
            selector(text).unwrap().describe(),
            "GenerateOnceTask with TaskType=IMAGE_*, status=4xx, account=a"
        );
        assert_eq!(Selector::default().describe(), "any operation");
    }
}
