//! The JSON Schema of scenario files, made from the same types that read them.
//!
//! Only tests compile this: what comes out is committed as `fixtures/scenario.schema.json` and embedded, so that the
//! program does not carry a generator. Values that are read by hand are described by hand here, and `tests/it/schema.rs`
//! holds the parser against the result.

use schemars::transform::{Transform, transform_subschemas};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::lifecycles::LifecycleKey;
use super::values::TypeName;
use super::{Document, ExpectKey, REST};
use crate::domain::Fidelity;
use crate::domain::bounds::STEPS;
use crate::domain::task_type::TASK_TYPES;
use crate::expect::{Exit, Misbehaviour, WELL_BEHAVED};
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
        { "type": "array", "items": percent, "minItems": 1, "maxItems": STEPS, "examples": [[0, 30, 70, 99]] },
        {
            "type": "object",
            "properties": { "stall_at": { "description": "It rises to this and stays there.", "allOf": [percent] } },
            "required": ["stall_at"],
            "additionalProperties": false,
        },
    ] })
}

fn compared(value: &str, examples: &[&str]) -> Schema {
    text(&format!(r" *(==|>=|<=|>|<)? *{value} *|{value} *\.\. *{value}"), examples)
}

/// Conditions on calls, as expectations and the steps of an order write them.
fn conditions(generator: &mut SchemaGenerator) -> Map<String, Value> {
    let (action, scalar) = (generator.subschema_for::<Action>(), generator.subschema_for::<Scalar>());
    let status = json!({ "anyOf": [{ "type": "integer", "minimum": 100, "maximum": 599 }, text("[1-5]([0-9]{2}|xx)|none", &["4xx"])] });
    let since = json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, text(&format!("[0-9]+|{TIME}"), &["2026-11-24T00:00:00Z"])] });
    let pattern = json!({ "type": "string", "pattern": r"[*?]" });
    members(&json!({
        "action": { "description": "The operation, or a pattern; every call if left out.", "anyOf": [action, pattern] },
        "params": {
            "description": "Parameters that the call has, and patterns for their values.",
            "type": "object", "additionalProperties": scalar,
        },
        "status": { "description": "The HTTP status: `403`, `4xx`, or `none` if the connection was broken.", "allOf": [status] },
        "code": { "description": "The error code of the response, or a pattern.", "type": "string" },
        "account": { "description": "The AccessKeyId.", "type": "string" },
        "since": { "description": "Calls after that sequence number, or not before that time of the machine.", "allOf": [since] },
        "fault": { "description": "A fault rule that fired for the call, or a pattern.", "type": "string" },
        "fidelity": {
            "description": "How far the response can be trusted.",
            "enum": Fidelity::ALL.map(Fidelity::as_str),
        },
    }))
}

fn members(object: &Value) -> Map<String, Value> {
    object.as_object().cloned().unwrap_or_default()
}

impl schemars::JsonSchema for ExpectKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Expectation".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let steps = conditions(generator);
        let mut properties = steps.clone();
        let count = compared("[0-9]+", &[">=3", "<=5", "3..5"]);
        let count = json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, count] });
        let misbehaviour = generator.subschema_for::<Misbehaviour>();
        let step = json!({ "type": "object", "properties": steps, "additionalProperties": false });
        let demands = members(&json!({
            "calls": { "description": "How many such calls there are: `3`, `\">=3\"`, `\"<=5\"` or `\"3..5\"`.", "allOf": [count] },
            "count": { "description": "The same as `calls`.", "allOf": [count] },
            "gap": {
                "description": "The time from one such call to the next of its account: `\">=1s\"`, `\"<=30s\"` or `\"1s..30s\"`.",
                "allOf": [compared(LENGTH, &[">=1s", "<=30s", "1s..30s"])],
            },
            "no_calls_after": {
                "description": "There are no such calls after the first response that showed the task at its end, or after the first 403 to the same call.",
                "enum": ["terminal", "denied"],
            },
            "retry_after": {
                "description": "No such call comes before the wait is over that the response before it demanded.",
                "enum": ["honoured", "honored"],
            },
            "never": {
                "description": "What the client never does: see docs/run.md.",
                "type": "array", "minItems": 1, "items": misbehaviour,
            },
        }));
        let required = |key: &String| json!({ "required": [key] });
        let one: Vec<_> = demands.keys().map(required).collect();
        let more: Vec<_> = demands.keys().chain(steps.keys()).map(required).collect();
        properties.extend(demands);
        let action = generator.subschema_for::<Action>();
        properties.insert("order".to_owned(), json!({
            "description": "There is one such call after the other; others may lie between. Names of operations, or conditions.",
            "type": "array", "minItems": 2, "items": { "anyOf": [action, step] },
        }));
        let exit = generator.subschema_for::<Exit>();
        let exit =
            json!({ "description": "How the command ends that `sas-emulator run` judges.", "allOf": [exit] });
        let more_than_exit: Vec<_> = properties.keys().map(required).collect();
        properties.insert("exit".to_owned(), exit);
        let keys = json!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
            "anyOf": [
                { "anyOf": one, "not": { "anyOf": [{ "required": ["order"] }, { "required": ["exit"] }, { "required": ["calls", "count"] }] } },
                { "required": ["order"], "not": { "anyOf": more } },
                { "required": ["exit"], "not": { "anyOf": more_than_exit } },
            ],
        });
        json_schema!({
            "description": "What must hold for some calls: at least one demand, or an order; or that the client never misbehaves; or how a command ends.",
            "anyOf": [{ "const": WELL_BEHAVED }, keys],
        })
    }
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
        let Some(members) = schema.as_object_mut() else { return };
        members.remove("format");
        members.remove("writeOnly");
        if members.get("default") == Some(&Value::Null) {
            members.remove("default");
        }
        if let Some(Value::Array(types)) = members.get_mut("type") {
            types.retain(|name| name != "null");
            if types.len() == 1 {
                let only = types.remove(0);
                members.insert("type".into(), only);
            }
        }
        if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
            choices.retain(|choice| *choice != json!({ "type": "null" }));
            if let [Value::Object(only)] = choices.as_slice() {
                let only = only.clone();
                members.remove("anyOf");
                for (key, value) in only {
                    members.entry(key).or_insert(value);
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
