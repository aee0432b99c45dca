//! `body`: the body of the reply is damaged.

use std::num::NonZeroU32;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use super::{Behaviour, Case, Sending};
use crate::fault::case::End;

/// The reply's body is damaged on its way. The call is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    /// Some of its bytes are others.
    Corrupt,
    /// It is 200 and empty.
    Empty,
    /// So many bytes arrive, then the connection closes, though the head promised all.
    Truncate(usize),
    /// It trickles in.
    Drip(Drip),
    /// Something else arrives, as from a proxy in between.
    Replace(Replacement),
}

/// How fast a body trickles in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a speed such as { bytes_per_second: 50 }")]
pub struct Drip {
    /// How fast.
    #[cfg_attr(test, schemars(with = "u32", range(min = 1)))]
    bytes_per_second: NonZeroU32,
}

/// Another reply altogether.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a reply such as { status: 503, text: down }")]
pub struct Replacement {
    /// Its HTTP status; 200 if left out.
    #[serde(default, deserialize_with = "status", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 200, max = 599)))]
    status: Option<u16>,
    /// Its Content-Type; `text/html` if left out.
    #[serde(default, deserialize_with = "content_type", skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    /// Its body.
    text: String,
}

impl Behaviour for Damage {
    const CASES: &'static [Case] = &[
        Case::new("body: truncate", r#"{"body":{"truncate":20}}"#, |seen| {
            seen.bytes.len() == 20 && seen.end == End::Closed
        }),
        Case::new("body: drip", r#"{"body":{"drip":{"bytes_per_second":2000}}}"#, |seen| {
            seen.pieces > 2 && seen.end == End::Whole && seen.json().is_some()
        }),
        Case::new("body: corrupt", r#"{"body":"corrupt"}"#, |seen| {
            seen.status == Some(200) && seen.end == End::Whole && seen.json().is_none()
        }),
        Case::new("body: empty", r#"{"body":"empty"}"#, |seen| {
            seen.status == Some(200) && seen.bytes.is_empty()
        }),
        Case::new(
            "body: replace",
            r#"{"body":{"replace":{"status":503,"text":"<html>busy</html>"}}}"#,
            |seen| seen.status == Some(503) && seen.header("content-type") == Some("text/html"),
        ),
    ];

    fn edit(&self, response: &mut Response<Bytes>) -> Option<Sending> {
        match self {
            Self::Truncate(bytes) => return Some(Sending::Truncated(*bytes)),
            Self::Drip(Drip { bytes_per_second }) => return Some(Sending::Dripping(bytes_per_second.get())),
            Self::Corrupt => *response.body_mut() = corrupted(response.body()),
            Self::Empty => {
                *response.status_mut() = StatusCode::OK;
                *response.body_mut() = Bytes::new();
            }
            Self::Replace(Replacement { status, content_type, text }) => {
                // Without headers of ours: a proxy in between would not know them.
                *response = Response::new(Bytes::copy_from_slice(text.as_bytes()));
                // Both were checked when the rule was read.
                *response.status_mut() = status.and_then(|status| status.try_into().ok()).unwrap_or_default();
                let content_type = HeaderValue::try_from(content_type.as_deref().unwrap_or("text/html"));
                response.headers_mut().extend(content_type.ok().map(|value| (header::CONTENT_TYPE, value)));
            }
        }
        None
    }
}

/// Every seventh byte is another, beginning with the first: no JSON and no XML survives that, and its length is the same.
fn corrupted(body: &Bytes) -> Bytes {
    body.iter().enumerate().map(|(place, byte)| if place % 7 == 0 { byte ^ 0x5a } else { *byte }).collect()
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    match u16::deserialize(deserializer)? {
        status @ 200..=599 => Ok(Some(status)),
        other => Err(D::Error::custom(format!("expected a status from 200 to 599, not {other}"))),
    }
}

fn content_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let invalid = |_| D::Error::custom(format!("{text:?} is not a Content-Type"));
    HeaderValue::try_from(&text).map_err(invalid)?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_corrupted_keeps_its_length_and_nothing_else() {
        let body = Bytes::from_static(br#"{"A":1}"#);
        let damaged = corrupted(&body);
        assert_eq!(damaged.len(), body.len());
        assert!(serde_json::from_slice::<serde_json::Value>(&damaged).is_err());
    }
}
