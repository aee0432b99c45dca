//! Which calls are meant: conditions that must all hold, as queries and assertions write them.

use std::collections::BTreeMap;
use std::fmt::Display;

use jiff::Timestamp;
use serde::Deserialize;
use wildmatch::WildMatch;

use super::record::CallRecord;

/// Conditions; an empty one holds for every call.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The operation, or a pattern with `*` and `?`.
    pub action: Option<String>,
    /// The HTTP status: `403` or `4xx`; `none` where the connection was broken instead.
    pub status: Option<Status>,
    /// The error code of the answer, or a pattern.
    pub code: Option<String>,
    /// Whose call it is.
    pub account: Option<String>,
    /// The id of a fault rule that struck, or a pattern.
    pub fault: Option<String>,
    /// Parameters of the operation and patterns for their values.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// How far back.
    pub since: Option<Since>,
}

/// How far back: calls that came later than the numbered one, or not before a time of the machine's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Scalar")]
pub enum Since {
    /// After the call of this sequence number.
    Sequence(u64),
    /// At this time or later.
    Time(Timestamp),
}

/// An HTTP status or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Scalar")]
pub enum Status {
    /// Exactly this one.
    Exactly(u16),
    /// `4xx`: those that begin with the digit.
    Class(u16),
    /// No answer at all.
    Nothing,
}

/// JSON has numbers, queries have texts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Scalar {
    Number(u64),
    Text(String),
}

impl Filter {
    /// Whether a call is meant.
    pub fn matches(&self, entry: &CallRecord) -> bool {
        let mut same = true;
        self.compare(entry, |_, _, _| same = false);
        same
    }

    /// In what a call differs from the ones that are meant.
    pub fn differences(&self, entry: &CallRecord) -> Vec<String> {
        let mut found = Vec::new();
        self.compare(entry, |what, seen, wanted| found.push(format!("{what} is {seen}, not {wanted}")));
        found
    }

    fn compare(&self, entry: &CallRecord, mut differs: impl FnMut(&str, &dyn Display, &dyn Display)) {
        let fits = |pattern: &str, text: &str| pattern == text || WildMatch::new(pattern).matches(text);
        if let Some(wanted) = self.action.as_deref().filter(|wanted| !fits(wanted, entry.action())) {
            differs("action", &or_none(entry.action()), &wanted);
        }
        // The outcome of a call in flight is not known: it meets no condition.
        let in_flight = entry.is_in_flight();
        let outcome = |seen: String| if in_flight { "in flight".to_owned() } else { seen };
        if let Some(wanted) = self.code.as_deref().filter(|wanted| in_flight || !fits(wanted, entry.code())) {
            differs("code", &outcome(or_none(entry.code()).to_owned()), &wanted);
        }
        if let Some(wanted) = self.account.as_deref().filter(|wanted| *wanted != entry.account()) {
            differs("account", &or_none(entry.account()), &wanted);
        }
        if let Some(wanted) = self.status.filter(|wanted| in_flight || !wanted.holds(entry.status())) {
            let seen = entry.status().map_or_else(|| "none".to_owned(), |status| status.to_string());
            differs("status", &outcome(seen), &wanted);
        }
        if let Some(wanted) = self.fault.as_deref()
            && (in_flight || !entry.faults().any(|fault| fits(wanted, fault)))
        {
            let seen = entry.faults().collect::<Vec<_>>().join(",");
            differs("fault", &outcome(or_none(&seen).to_owned()), &wanted);
        }
        for (name, wanted) in &self.params {
            let seen = entry.param(name);
            if !seen.is_some_and(|value| fits(wanted, value)) {
                differs(name, &seen.unwrap_or("absent"), wanted);
            }
        }
        match self.since {
            Some(Since::Sequence(number)) if entry.sequence <= number => {
                differs("sequence", &entry.sequence, &format!("after {number}"));
            }
            Some(Since::Time(time)) if entry.time < time => {
                differs("time", &entry.time, &format!("{time} or later"));
            }
            _ => (),
        }
    }

    /// The conditions in words: `GetLastOnceTaskInfo with TaskType=IMAGE_SCAN, status=200`.
    pub fn describe(&self) -> String {
        let mut text = self.action.clone().unwrap_or_else(|| "any operation".to_owned());
        let mut before = " with ";
        let mut add = |name: &str, value: &dyn Display| {
            text.extend([before, name, "=", &value.to_string()]);
            before = ", ";
        };
        for (name, value) in &self.params {
            add(name, value);
        }
        if let Some(status) = &self.status {
            add("status", status);
        }
        for (name, value) in [("code", &self.code), ("account", &self.account), ("fault", &self.fault)] {
            if let Some(value) = value {
                add(name, value);
            }
        }
        text
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

impl Status {
    fn holds(self, status: Option<u16>) -> bool {
        match self {
            Self::Exactly(wanted) => status == Some(wanted),
            Self::Class(digit) => status.is_some_and(|status| status / 100 == digit),
            Self::Nothing => status.is_none(),
        }
    }
}

impl Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(status) => write!(f, "{status}"),
            Self::Class(digit) => write!(f, "{digit}xx"),
            Self::Nothing => f.write_str("none"),
        }
    }
}

impl TryFrom<Scalar> for Status {
    type Error = String;

    fn try_from(scalar: Scalar) -> Result<Self, String> {
        let text = match scalar {
            Scalar::Number(number) => number.to_string(),
            Scalar::Text(text) => text,
        };
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

    fn try_from(scalar: Scalar) -> Result<Self, String> {
        let text = match scalar {
            Scalar::Number(number) => return Ok(Self::Sequence(number)),
            Scalar::Text(text) => text,
        };
        let number = text.parse().map(Self::Sequence).ok();
        number.or_else(|| text.parse().map(Self::Time).ok()).ok_or_else(|| {
            format!("{text:?} is neither a sequence number nor a time such as 2026-11-24T02:14:00Z")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> Result<Filter, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn numbers_may_be_texts() {
        for (text, status) in [
            (r#"{"status":403}"#, Status::Exactly(403)),
            (r#"{"status":"403"}"#, Status::Exactly(403)),
            (r#"{"status":"4xx"}"#, Status::Class(4)),
            (r#"{"status":"none"}"#, Status::Nothing),
        ] {
            assert_eq!(filter(text).unwrap().status, Some(status));
        }
        assert_eq!(filter(r#"{"since":"7"}"#).unwrap().since, Some(Since::Sequence(7)));
        assert!(matches!(filter(r#"{"since":"2026-01-02T03:04:05Z"}"#).unwrap().since, Some(Since::Time(_))));
        for bad in [r#"{"status":"9xx"}"#, r#"{"status":42}"#, r#"{"since":"yesterday"}"#, r#"{"acton":"x"}"#]
        {
            assert!(filter(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn conditions_in_words() {
        let text =
            r#"{"action":"GenerateOnceTask","params":{"TaskType":"IMAGE_*"},"status":"4xx","account":"a"}"#;
        assert_eq!(
            filter(text).unwrap().describe(),
            "GenerateOnceTask with TaskType=IMAGE_*, status=4xx, account=a"
        );
        assert_eq!(Filter::default().describe(), "any operation");
    }
}
