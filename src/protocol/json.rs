//! Replies as JSON: one line, no spaces, members in the order given.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::envelope::{Envelope, recommend};
use crate::domain::{ApiError, Value};

pub(super) fn value(value: &Value, envelope: &Envelope<'_>) -> Vec<u8> {
    // The reply to a poll has some 200 bytes; growing to them in steps would copy them twice.
    let mut text = Vec::with_capacity(512);
    // Cannot fail: the target is memory, and every key is a string.
    let _ = serde_json::to_writer(&mut text, &Node { value, envelope });
    text
}

/// The members are those as in 2023 and later (spec/protocol.md §4.1).
pub(super) fn error(error: &ApiError, envelope: &Envelope<'_>) -> Vec<u8> {
    let text = |text: &str| Value::text(text.to_owned());
    let mut members = vec![
        ("RequestId", Value::RequestId),
        ("Message", text(&error.message)),
        ("Recommend", Value::text(recommend(error, envelope.request_id))),
        ("HostId", text(envelope.host)),
        ("Code", text(&error.code)),
    ];
    members.extend(error.access_denied.clone().map(|detail| ("AccessDeniedDetail", detail)));
    value(&Value::Map(members), envelope)
}

struct Node<'a> {
    value: &'a Value,
    envelope: &'a Envelope<'a>,
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let node = |value| Node { value, envelope: self.envelope };
        match self.value {
            Value::RequestId => serializer.serialize_str(self.envelope.request_id.write(&mut [0; 36])),
            Value::Link(path) => serializer.serialize_str(&self.envelope.link(path)),
            Value::Bool(bool) => serializer.serialize_bool(*bool),
            Value::Int(int) => serializer.serialize_i64(*int),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Map(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, &node(value))?;
                }
                map.end()
            }
            Value::List { values, .. } => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    list.serialize_element(&node(value))?;
                }
                list.end()
            }
        }
    }
}
