//! JSON Schema of values that are read by hand. Only tests compile this.

use schemars::{Schema, json_schema};
use serde_json::Value;

use super::duration::TextDuration;
use super::scalar::Scalar;

/// Units as people write them, largest first, any number of them: `1m 30s`.
pub(crate) const LENGTH: &str = r"[0-9]+(\.[0-9]+)? ?[A-Za-zµ]+([ ,]+[0-9]+(\.[0-9]+)? ?[A-Za-zµ]+)*";
/// A time of RFC 3339, roughly.
pub(crate) const TIME: &str = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*";

pub(crate) fn text(pattern: &str, examples: &[&str]) -> Schema {
    json_schema!({ "type": "string", "pattern": format!("^({pattern})$"), "examples": examples })
}

macro_rules! described {
    ($($name:ident = $schema:expr;)*) => { $(
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $schema
            }
        }
    )* };
}

pub(crate) use described;

pub(crate) struct SignedLength;
pub(crate) struct Time;

described! {
    TextDuration = text(LENGTH, &["30s", "1m 30s"]);
    SignedLength = text(&format!("[+-]?{LENGTH}"), &["16m", "-16m"]);
    Time = text(TIME, &["2026-11-24T00:00:00Z"]);
    Scalar = json_schema!({ "type": ["string", "number", "boolean"] });
}

/// Also takes a text that stands for the usual keys: the derived schema, or that text.
pub(crate) fn or_text(schema: &mut Schema, text: &Value) {
    let keys = std::mem::take(schema);
    let description = keys.get("description").cloned();
    *schema = json_schema!({ "anyOf": [text, keys] });
    if let Some(description) = description {
        schema.insert("description".into(), description);
    }
}
