//! `header:` — conditions on the headers of a call, so that one client can be aimed at by a header that it sends.

use http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::text::similar::shortened;

/// The name of a header, in any case, that a condition may look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ConditionHeader(String);

/// What these hold is secret: a rule would show it to all who can read rules.
const SECRET: [&str; 6] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-acs-bearer-token",
    "x-acs-security-token",
    "x-acs-signature",
];

impl TryFrom<String> for ConditionHeader {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
            return Err(format!(
                "{name:?} holds secrets, and a rule must not; let the client send another header"
            ));
        }
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            let name = shortened(&name);
            return Err(format!("{name:?} is not the name of a header; expected one such as x-test-case"));
        }
        Ok(Self(name))
    }
}

impl ConditionHeader {
    /// Whether one of its values matches; `*` and `?` are wild.
    pub(super) fn holds(&self, headers: &HeaderMap, pattern: &str) -> bool {
        let pattern = wildmatch::WildMatch::new(pattern);
        let values = headers.get_all(self.0.as_str()).into_iter();
        values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .any(|value| pattern.matches(value.trim()))
    }
}

#[cfg(test)]
crate::text::schema::described! {
    ConditionHeader = crate::text::schema::text("[!#$%&'*+.^_`|~0-9A-Za-z-]+", &["x-test-case"]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case_and_any_value_may_match() {
        let mut headers = HeaderMap::new();
        for value in ["red-1", " blue "] {
            headers.append("x-colour", value.parse().unwrap());
        }
        let holds = |name: &str, pattern| {
            ConditionHeader::try_from(name.to_owned()).unwrap().holds(&headers, pattern)
        };
        assert!(holds("X-Colour", "red-*") && holds("x-colour", "blue") && holds("x-colour", "*"));
        assert!(!holds("x-colour", "red") && !holds("x-shade", "*"));
    }

    #[test]
    fn what_names_no_header_or_a_secret_is_refused() {
        for name in ["Authorization", "X-Acs-Security-Token", "x-acs-bearer-token", "a b", "", "ü"] {
            assert!(ConditionHeader::try_from(name.to_owned()).is_err(), "{name}");
        }
    }
}
