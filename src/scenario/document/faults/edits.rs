//! `patch:`, `headers:`, `body:` — what is done to the answer of a call.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::fault::rule::Damage;
use crate::text::scalar::Scalar;

/// A JSON merge patch.
pub(super) struct PatchKey(pub(super) serde_json::Value);

impl<'de> Deserialize<'de> for PatchKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Map::deserialize(deserializer)? {
            members if members.is_empty() => Err(D::Error::custom("a patch changes at least one member")),
            members => Ok(Self(members.into())),
        }
    }
}

/// `{ set: { name: value }, remove: [name] }`
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "WrittenHeaders"))]
#[serde(try_from = "WrittenHeaders")]
pub(super) struct HeaderKeys {
    pub(super) set: Vec<(HeaderName, HeaderValue)>,
    pub(super) remove: Vec<HeaderName>,
}

/// Headers of the answer, set or removed.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Headers"))]
#[serde(deny_unknown_fields, expecting = "headers such as { set: { Retry-After: 5 }, remove: [Server] }")]
struct WrittenHeaders {
    /// Names and values.
    #[serde(default)]
    set: BTreeMap<String, Scalar>,
    /// Names.
    #[serde(default)]
    remove: Vec<String>,
}

impl TryFrom<WrittenHeaders> for HeaderKeys {
    type Error = String;

    fn try_from(WrittenHeaders { set, remove }: WrittenHeaders) -> Result<Self, String> {
        let name = |name: &str| {
            let parsed = HeaderName::try_from(name).map_err(|_| format!("{name:?} names no header"))?;
            // How an answer is framed is what `body:` and `connection:` are for; the rest would only break our own server.
            let frames = ["content-length", "transfer-encoding", "connection"].contains(&parsed.as_str());
            if frames {
                Err(format!("{name} frames the answer; body and connection damage that"))
            } else {
                Ok(parsed)
            }
        };
        let set = set.iter().map(|(key, Scalar(value))| {
            let parsed =
                HeaderValue::try_from(value).map_err(|_| format!("{value:?} is no value of a header"))?;
            Ok((name(key)?, parsed))
        });
        let set = set.collect::<Result<_, String>>()?;
        Ok(Self { set, remove: remove.iter().map(|key| name(key)).collect::<Result<_, _>>()? })
    }
}

/// `corrupt`, `empty`, `{ truncate: 20 }`, `{ drip: { bytes_per_second: 50 } }`, `{ replace: { status: 503, … } }`.
pub(super) struct DamageKey(pub(super) Damage);

impl<'de> Deserialize<'de> for DamageKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Written {
            Corrupt,
            Empty,
            Truncate(usize),
            Drip(Drip),
            Replace(Replace),
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, expecting = "a speed such as { bytes_per_second: 50 }")]
        struct Drip {
            bytes_per_second: std::num::NonZeroU32,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, expecting = "an answer such as { status: 503, text: down }")]
        struct Replace {
            #[serde(default = "ok")]
            status: u16,
            #[serde(default = "html")]
            content_type: String,
            text: String,
        }
        fn ok() -> u16 {
            200
        }
        fn html() -> String {
            "text/html".to_owned()
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Corrupt => Damage::Corrupt,
            Written::Empty => Damage::Empty,
            Written::Truncate(bytes) => Damage::Truncate(bytes),
            Written::Drip(Drip { bytes_per_second }) => Damage::Drip(bytes_per_second.get()),
            Written::Replace(Replace { status, content_type, text }) => {
                if !(200..=599).contains(&status) {
                    return Err(D::Error::custom(format!(
                        "a status lies between 200 and 599, unlike {status}"
                    )));
                }
                let content_type = HeaderValue::try_from(&content_type)
                    .map_err(|_| D::Error::custom(format!("{content_type:?} is no Content-Type")))?;
                Damage::Replace { status, content_type, text }
            }
        }))
    }
}
