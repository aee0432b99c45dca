//! What is done to an answer once it is made: patches, headers, damage that needs no socket. Bytes in, bytes out.

use bytes::Bytes;
use http::{Response, StatusCode, header};
use serde_json::Value;

use super::rule::{Damage, Edit};

/// How an answer leaves the emulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sending {
    /// As it is.
    #[default]
    Whole,
    /// Broken off after so many bytes.
    Truncated(usize),
    /// So many bytes a second.
    Dripping(u32),
}

/// Does all of it in order, and says how what is left must be sent.
pub fn apply(edits: &[Edit], mut response: Response<Bytes>) -> (Response<Bytes>, Sending) {
    let mut sending = Sending::Whole;
    for edit in edits {
        match edit {
            Edit::Patch(patch) => patch_body(&mut response, patch),
            Edit::Headers { set, remove } => {
                for name in remove {
                    response.headers_mut().remove(name);
                }
                response.headers_mut().extend(set.iter().cloned());
            }
            Edit::Damage(Damage::Truncate(bytes)) => sending = Sending::Truncated(*bytes),
            Edit::Damage(Damage::Drip(rate)) => sending = Sending::Dripping(*rate),
            Edit::Damage(Damage::Corrupt) => *response.body_mut() = corrupted(response.body()),
            Edit::Damage(Damage::Empty) => {
                *response.status_mut() = StatusCode::OK;
                *response.body_mut() = Bytes::new();
            }
            Edit::Damage(Damage::Replace { status, content_type, text }) => {
                let mut other = Response::new(Bytes::copy_from_slice(text.as_bytes()));
                *other.status_mut() = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_GATEWAY);
                other.headers_mut().insert(header::CONTENT_TYPE, content_type.clone());
                // Nothing of ours is left on it: a proxy in between would not know our headers.
                response = other;
            }
        }
    }
    (response, sending)
}

/// Patches a JSON body; one in XML stays as it is.
fn patch_body(response: &mut Response<Bytes>, patch: &Value) {
    if let Ok(mut body) = serde_json::from_slice::<Value>(response.body()) {
        merge(&mut body, patch);
        *response.body_mut() = body.to_string().into();
        // It names the body that was.
        response.headers_mut().remove(header::ETAG);
    }
}

/// RFC 7396: members are set, `null` removes them, everything but objects replaces what was.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        patch.clone_into(target);
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(members) = target.as_object_mut() else { return };
    for (name, change) in changes {
        if change.is_null() {
            members.shift_remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

/// Every seventh byte is another, beginning with the first: no JSON and no XML survives that, and its length is the same.
fn corrupted(body: &Bytes) -> Bytes {
    body.iter().enumerate().map(|(place, byte)| if place % 7 == 0 { byte ^ 0x5a } else { *byte }).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn patched(target: Value, patch: &Value) -> Value {
        let mut target = target;
        merge(&mut target, patch);
        target
    }

    /// Examples of the RFC's appendix.
    #[test]
    fn merge_patches() {
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!(["a", "b"]), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            assert_eq!(patched(target, &patch), result);
        }
    }

    #[test]
    fn what_is_corrupted_keeps_its_length_and_nothing_else() {
        let body = Bytes::from_static(br#"{"A":1}"#);
        let damaged = corrupted(&body);
        assert_eq!(damaged.len(), body.len());
        assert!(serde_json::from_slice::<Value>(&damaged).is_err());
    }

    #[test]
    fn edits_come_in_order() {
        let edits = [
            Edit::Patch(json!({"A": 2})),
            Edit::Headers {
                set: vec![(header::SERVER, HeaderValue::from_static("x"))],
                remove: vec![header::CONTENT_TYPE],
            },
            Edit::Damage(Damage::Truncate(3)),
        ];
        let response = Response::builder()
            .header("content-type", "a")
            .header("etag", "b")
            .body(Bytes::from_static(b"{\"A\":1}"))
            .unwrap();
        let (response, sending) = apply(&edits, response);
        assert_eq!((response.body().as_ref(), sending), (br#"{"A":2}"#.as_slice(), Sending::Truncated(3)));
        assert_eq!(response.headers().keys().collect::<Vec<_>>(), ["server"]);
    }
}
