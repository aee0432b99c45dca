//! `headers`: headers of the reply are set and removed.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};
use serde::{Deserialize, Serialize};

use super::{Behaviour, Case, Sending};
use crate::text::by_hand::checked;
use crate::text::scalar::Scalar;

/// Headers of the reply, set or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(remote = "Self", deny_unknown_fields)]
#[serde(expecting = "headers such as { set: { Retry-After: 5 }, remove: [Server] }")]
pub struct HeaderEdits {
    /// Names and values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    set: BTreeMap<String, Scalar>,
    /// Names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    remove: Vec<String>,
}

checked!(HeaderEdits);

impl Behaviour for HeaderEdits {
    const CASES: &'static [Case] = &[
        Case::new("headers: set", r#"{"headers":{"set":{"x-test":"1"}}}"#, |seen| {
            seen.header("x-test") == Some("1")
        }),
        Case::new("headers: remove", r#"{"headers":{"remove":["x-acs-request-id"]}}"#, |seen| {
            seen.header("x-acs-request-id").is_none()
        }),
    ];

    fn edit(&self, response: &mut Response<Bytes>) -> Option<Sending> {
        for name in &self.remove {
            response.headers_mut().remove(name);
        }
        // They were checked when the rule was read.
        let set = self.set.iter().filter_map(|(key, value)| Some((name(key).ok()?, text(value).ok()?)));
        response.headers_mut().extend(set);
        None
    }
}

impl HeaderEdits {
    fn check(&self) -> Result<(), String> {
        if self.set.is_empty() && self.remove.is_empty() {
            return Err("headers: sets or removes at least one".to_owned());
        }
        self.set.keys().chain(&self.remove).try_for_each(|key| name(key).map(drop))?;
        self.set.values().try_for_each(|value| text(value).map(drop))
    }
}

fn name(name: &str) -> Result<HeaderName, String> {
    let parsed = HeaderName::try_from(name).map_err(|_| format!("{name:?} is not the name of a header"))?;
    // How a reply is framed is what `body:` and `connection:` are for; the rest would only break our own server.
    if ["content-length", "transfer-encoding", "connection"].contains(&parsed.as_str()) {
        return Err(format!("{name} frames the reply; body and connection damage that"));
    }
    Ok(parsed)
}

fn text(Scalar(value): &Scalar) -> Result<HeaderValue, String> {
    HeaderValue::try_from(value).map_err(|_| format!("{value:?} is not a value of a header"))
}
