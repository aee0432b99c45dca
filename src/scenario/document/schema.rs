//! The JSON Schema of scenario files, made from the same types that read them.
//!
//! Only tests compile this: what comes out is committed as `fixtures/scenario.schema.json` and embedded, so that the
//! program does not carry a generator. Values that are read by hand are described by hand here, and `tests/it/schema.rs`
//! holds the parser against the result.

use schemars::transform::{Transform, transform_subschemas};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::lifecycles::LifecycleKey;
use super::values::TypeName;
use super::{Document, REST};
use crate::domain::task_type::TASK_TYPES;
use crate::text::scalar::Scalar;
use crate::text::schema::{LENGTH, TIME, described, text};

pub(super) use crate::fault::matcher::schema::ActionName as Action;

described! {
    TypeName = json_schema!({ "type": "string", "examples": task_types(), "minLength": 1 });
}

fn task_types() -> Vec<&'static str> {
    TASK_TYPES.iter().map(|(name, ..)| *name).collect()
}

pub(super) fn version(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "const": 1 })
}

pub(super) fn lifecycles(generator: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = std::iter::once(REST).chain(task_types()).collect();
    json_schema!({
        "type": "object",
        // Undocumented names pass, as they do in the parser; the list is for editors.
        "propertyNames": { "anyOf": [{ "enum": names }, { "type": "string" }] },
        "additionalProperties": generator.subschema_for::<LifecycleKey>(),
    })
}

pub(super) fn start(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [{ "const": "now" }, text(TIME, &["2026-11-24T00:00:00Z"])] })
}

pub(super) fn progress(_: &mut SchemaGenerator) -> Schema {
    let percent = json!({ "type": "integer", "minimum": 0, "maximum": 99 });
    json_schema!({ "default": "linear", "anyOf": [
        { "const": "linear" },
        { "type": "array", "items": percent, "minItems": 1, "examples": [[0, 30, 70, 99]] },
        {
            "type": "object",
            "properties": { "stall_at": { "description": "It rises to this and stays there.", "allOf": [percent] } },
            "required": ["stall_at"],
            "additionalProperties": false,
        },
    ] })
}

pub(super) fn count(_: &mut SchemaGenerator) -> Schema {
    let number = "[0-9]+";
    json_schema!({ "anyOf": [{ "type": "integer", "minimum": 0 }, compared(number, &[">=3", "<=5", "3..5"])] })
}

pub(super) fn gap(_: &mut SchemaGenerator) -> Schema {
    compared(LENGTH, &[">=1s", "<=30s", "1s..30s"])
}

fn compared(value: &str, examples: &[&str]) -> Schema {
    text(&format!(r" *(==|>=|<=|>|<)? *{value} *|{value} *\.\. *{value}"), examples)
}

/// The calls of an order.
pub(super) fn order(generator: &mut SchemaGenerator) -> Schema {
    let (action, scalar) = (generator.subschema_for::<Action>(), generator.subschema_for::<Scalar>());
    let kind = json!({
        "type": "object",
        "description": "A call: an operation, and parameters that it has.",
        "properties": { "action": action, "params": { "type": "object", "additionalProperties": scalar } },
        "required": ["action"],
        "additionalProperties": false,
    });
    json_schema!({ "type": "array", "minItems": 2, "items": { "anyOf": [action, kind] } })
}

/// An expectation says at least one of these, and an order stands alone.
pub(super) fn says_something(schema: &mut Schema) {
    let demands = ["calls", "gap", "no_calls_after", "retry_after"];
    let one = demands.map(|key| json!({ "required": [key] }));
    let mut more: Vec<_> = one.to_vec();
    more.extend([json!({ "required": ["action"] }), json!({ "required": ["params"] })]);
    let alone = json!({ "required": ["order"], "not": { "anyOf": more } });
    let others = json!({ "anyOf": one, "not": { "required": ["order"] } });
    schema.insert("anyOf".into(), json!([others, alone]));
}

/// A task has a life cycle or shows one state.
pub(super) fn not_both(schema: &mut Schema) {
    schema.insert("not".into(), json!({ "required": ["lifecycle", "shows"] }));
}

/// A key that is left out is not there: `null` is nothing that an editor should offer. Formats of Rust's numbers mean
/// nothing to it either.
#[derive(Debug, Clone)]
struct Plain;

impl Transform for Plain {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(members) = schema.as_object_mut() {
            members.remove("format");
            members.remove("writeOnly");
            if members.get("default") == Some(&Value::Null) {
                members.remove("default");
            }
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    members.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
                choices.retain(|choice| *choice != json!({ "type": "null" }));
                if let [only] = choices.as_slice()
                    && let Some(only) = only.as_object().cloned()
                {
                    members.remove("anyOf");
                    for (key, value) in only {
                        members.entry(key).or_insert(value);
                    }
                }
            }
        }
        transform_subschemas(self, schema);
    }
}

/// The schema as it is committed.
pub(in crate::scenario) fn generated() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with_transform(Plain);
    let mut schema = settings.into_generator().into_root_schema_for::<Document>();
    schema.insert("title".into(), "A scenario of sas-emulator".into());
    format!("{}\n", serde_json::to_string_pretty(&schema).unwrap())
}
