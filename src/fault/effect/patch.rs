//! `patch`: members of the reply are set and removed.

use bytes::Bytes;
use http::{Response, header};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::{Map, Value};

use super::{Behaviour, Case, Sending};

/// A JSON merge patch of the reply's body (RFC 7396).
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Patch(Map<String, Value>);

impl Behaviour for Patch {
    const CASES: &'static [Case] =
        &[Case::new("patch", r#"{"patch":{"TaskInfo":{"Progress":"many"}}}"#, |seen| {
            seen.json().is_some_and(|body| body["TaskInfo"]["Progress"] == "many")
        })];

    /// Patches a JSON body; one in XML stays as it is.
    fn edit(&self, response: &mut Response<Bytes>) -> Option<Sending> {
        if let Ok(mut body) = serde_json::from_slice::<Value>(response.body()) {
            merge(&mut body, &self.0);
            *response.body_mut() = body.to_string().into();
            // It names the body that was.
            response.headers_mut().remove(header::ETAG);
        }
        None
    }
}

/// RFC 7396: members are set, `null` removes them, everything but objects replaces what was.
fn merge(target: &mut Value, patch: &Map<String, Value>) {
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(members) = target.as_object_mut() else { return };
    for (name, change) in patch {
        match change {
            Value::Null => _ = members.shift_remove(name),
            Value::Object(change) => merge(members.entry(name.clone()).or_insert(Value::Null), change),
            other => _ = members.insert(name.clone(), other.clone()),
        }
    }
}

impl<'de> Deserialize<'de> for Patch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Map::deserialize(deserializer)? {
            members if members.is_empty() => Err(D::Error::custom("a patch changes at least one member")),
            members => Ok(Self(members)),
        }
    }
}

#[cfg(test)]
crate::text::schema::described! {
    Patch = schemars::json_schema!({
        "description": "A JSON merge patch of the reply's body.",
        "type": "object",
        "examples": [{ "TaskInfo": { "Progress": 69 } }],
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Examples of the RFC's appendix.
    #[test]
    fn merge_patches() {
        for (mut target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!(["a", "b"]), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            merge(&mut target, patch.as_object().unwrap());
            assert_eq!(target, result);
        }
    }
}
