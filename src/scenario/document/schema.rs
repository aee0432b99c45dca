//! The JSON Schema of scenario files, made from the same types that read them.
//!
//! Only tests compile this: what comes out is committed as `fixtures/scenario.schema.json` and embedded, so that the
//! program does not carry a generator. Values that are read by hand are described by hand here, and `tests/it/schema.rs`
//! holds the parser against the result.

use std::borrow::Cow;

use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::expect::ExpectKey;
use super::lifecycles::LifecycleKey;
use super::values::{Length, TypeName};
use super::{Document, REST};
use crate::domain::Code;
use crate::domain::error::CODES;
use crate::domain::task_type::TASK_TYPES;
use crate::operations::OPERATIONS;
use crate::text::scalar::Scalar;

/// Units as people write them, largest first, any number of them: `1m 30s`.
const LENGTH: &str = r"[0-9]+(\.[0-9]+)? ?[A-Za-zµ]+([ ,]+[0-9]+(\.[0-9]+)? ?[A-Za-zµ]+)*";
const TIME: &str = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*";

fn text(pattern: &str, examples: &[&str]) -> Schema {
    json_schema!({ "type": "string", "pattern": format!("^({pattern})$"), "examples": examples })
}

macro_rules! described {
    ($($(#[$doc:meta])* $name:ident = $schema:expr;)*) => { $(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )* };
}

/// A length of time above 0.
pub(super) struct PositiveLength;
/// A length of time, possibly negative.
pub(super) struct SignedLength;
/// A time.
pub(super) struct Time;
/// An operation. Modelled ones are offered; all others of the product pass here and are judged by the parser.
pub(super) struct Action;

described! {
    PositiveLength = text(LENGTH, &["30s", "1m 30s"]);
    SignedLength = text(&format!("[+-]?{LENGTH}"), &["16m", "-16m"]);
    Time = text(TIME, &["2026-11-24T00:00:00Z"]);
    Action = json_schema!({ "anyOf": [
        { "enum": std::iter::once(REST).chain(OPERATIONS.iter().map(|row| row.name)).collect::<Vec<_>>() },
        { "type": "string", "pattern": r"^[A-Z][A-Za-z0-9]+$" },
    ] });
    Length = json_schema!({ "anyOf": [
        text(LENGTH, &["2s", "1m 30s", "6h", "3650d"]),
        {
            "type": "object",
            "properties": { "range": {
                "description": "At least and at most; drawn from the seed.",
                "type": "array", "items": text(LENGTH, &["30s"]), "minItems": 2, "maxItems": 2,
            } },
            "required": ["range"],
            "additionalProperties": false,
        },
    ] });
    TypeName = json_schema!({ "type": "string", "examples": task_types(), "minLength": 1 });
    Scalar = json_schema!({ "type": ["string", "number", "boolean"] });
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
        // Names that nobody documents pass, as they do in the parser; the list is for editors.
        "propertyNames": { "anyOf": [{ "enum": names }, { "type": "string" }] },
        "additionalProperties": generator.subschema_for::<LifecycleKey>(),
    })
}

pub(super) fn start(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [{ "const": "now" }, text(TIME, &["2026-11-24T00:00:00Z"])] })
}

pub(super) fn started(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [
        text(&format!("-{LENGTH}|0 ?[a-z]+"), &["-3m"]),
        text(TIME, &["2026-11-24T00:00:00Z"]),
    ] })
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

pub(super) fn actions(generator: &mut SchemaGenerator) -> Schema {
    let one = generator.subschema_for::<Action>();
    json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
}

pub(super) fn comparison(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [
        { "type": "integer", "minimum": 0, "maximum": 100 },
        text(r" *(==|>=|<=|>|<)? *[0-9]{1,3} *", &[">=50", "<100"]),
    ] })
}

pub(super) fn calls(_: &mut SchemaGenerator) -> Schema {
    let one = json!({ "anyOf": [
        { "type": "integer", "minimum": 1 },
        text(r" *[0-9]+ *(\.\.=? *[0-9]+ *)?", &["3..5"]),
    ] });
    json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
}

fn compared(value: &str, examples: &[&str]) -> Schema {
    text(&format!(r" *(==|>=|<=|>|<)? *{value} *|{value} *\.\. *{value}"), examples)
}

/// Conditions on calls, as expectations and the steps of an order write them.
fn conditions(generator: &mut SchemaGenerator) -> serde_json::Map<String, Value> {
    let (action, scalar) = (generator.subschema_for::<Action>(), generator.subschema_for::<Scalar>());
    let status = json!({ "anyOf": [{ "type": "integer", "minimum": 100, "maximum": 599 }, text("[1-5]([0-9]{2}|xx)|none", &["4xx"])] });
    let since = json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, text(&format!("[0-9]+|{TIME}"), &["2026-11-24T00:00:00Z"])] });
    let pattern = json!({ "type": "string", "pattern": r"[*?]" });
    let properties = json!({
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
    });
    if let Value::Object(properties) = properties { properties } else { serde_json::Map::new() }
}

impl JsonSchema for ExpectKey {
    fn schema_name() -> Cow<'static, str> {
        "Expectation".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let steps = conditions(generator);
        let mut properties = steps.clone();
        let selects: Vec<_> = steps.keys().cloned().collect();
        let demands = ["calls", "count", "gap", "no_calls_after", "retry_after"];
        let count = compared("[0-9]+", &[">=3", "<=5", "3..5"]);
        let count = json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, count] });
        let step = json!({ "type": "object", "properties": steps, "additionalProperties": false });
        let schemas = [
            json!({ "description": "How many such calls there are: `3`, `\">=3\"`, `\"<=5\"` or `\"3..5\"`.", "allOf": [count] }),
            json!({ "description": "The same as `calls`.", "allOf": [count] }),
            json!({
                "description": "The time from one such call to the next of its account: `\">=1s\"`, `\"<=30s\"` or `\"1s..30s\"`.",
                "allOf": [compared(LENGTH, &[">=1s", "<=30s", "1s..30s"])],
            }),
            json!({
                "description": "There are no such calls after the first response that showed the task at its end, or after the first 403 to the same call.",
                "enum": ["terminal", "denied"],
            }),
            json!({
                "description": "No such call comes before the wait is over that the response before it demanded.",
                "enum": ["honoured", "honored"],
            }),
        ];
        properties.extend(demands.iter().map(|key| (*key).to_owned()).zip(schemas));
        let action = generator.subschema_for::<Action>();
        properties.insert("order".to_owned(), json!({
            "description": "There is one such call after the other; others may lie between. Names of operations, or conditions.",
            "type": "array", "minItems": 2, "items": { "anyOf": [action, step] },
        }));
        let required = |key: &str| json!({ "required": [key] });
        let one: Vec<_> = demands.iter().map(|key| required(key)).collect();
        let more: Vec<_> = one.iter().cloned().chain(selects.iter().map(|key| required(key))).collect();
        json_schema!({
            "description": "What must hold for some calls: at least one demand, or an order.",
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
            "anyOf": [
                { "anyOf": one, "not": { "anyOf": [required("order"), { "required": ["calls", "count"] }] } },
                { "required": ["order"], "not": { "anyOf": more } },
            ],
        })
    }
}

/// A task has a life cycle or shows one state.
pub(super) fn not_both(schema: &mut Schema) {
    schema.insert("not".into(), json!({ "required": ["lifecycle", "shows"] }));
}

pub(super) fn delay(generator: &mut SchemaGenerator) -> Schema {
    let length = generator.subschema_for::<Length>();
    json_schema!({ "anyOf": [length, {
        "type": "object",
        "properties": {
            "p50": { "description": "Half of the calls wait less.", "allOf": [length] },
            "p99": { "description": "99 of 100 calls wait less.", "allOf": [length] },
        },
        "required": ["p50", "p99"],
        "additionalProperties": false,
    }] })
}

pub(super) fn error(_: &mut SchemaGenerator) -> Schema {
    let codes: Vec<&str> = CODES.iter().map(|code| code.name).collect();
    json_schema!({ "anyOf": [{ "enum": codes }, {
        "type": "object",
        "properties": {
            "code": { "description": "The code, of the table or your own.", "type": "string" },
            "status": {
                "description": "The HTTP status; 400 for a code of your own.",
                "type": "integer", "minimum": 400, "maximum": 599,
            },
            "message": { "description": "The message; the code if left out.", "type": "string" },
            "recommend": { "description": "The link to a page that explains it.", "type": "string" },
        },
        "required": ["code"],
        "additionalProperties": false,
    }] })
}

pub(super) fn throttling_code(_: &mut SchemaGenerator) -> Schema {
    let codes = [Code::THROTTLING_USER, Code::THROTTLING_API, Code::THROTTLING].map(|code| code.name);
    json_schema!({ "enum": codes })
}

pub(super) fn connection(_: &mut SchemaGenerator) -> Schema {
    let kinds = json!({ "enum": ["close", "reset", "hang"] });
    json_schema!({ "anyOf": [kinds, {
        "type": "object",
        "properties": {
            "kind": { "description": "What it does: FIN, RST, or nothing.", "allOf": [kinds] },
            "when": { "description": "Before the deed or after it.", "enum": ["before", "after"] },
        },
        "required": ["kind"],
        "additionalProperties": false,
    }] })
}

pub(super) fn patch(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "examples": [{ "TaskInfo": { "Progress": 69 } }] })
}

pub(super) fn damage(_: &mut SchemaGenerator) -> Schema {
    let one = |key: &str, what: &str, value: Value| {
        json!({
            "type": "object",
            "properties": { key: { "description": what, "allOf": [value] } },
            "required": [key],
            "additionalProperties": false,
        })
    };
    json_schema!({ "anyOf": [
        { "enum": ["corrupt", "empty"] },
        one("truncate", "So many bytes arrive, then the connection closes.", json!({ "type": "integer", "minimum": 0 })),
        one("drip", "It trickles in.", json!({
            "type": "object",
            "properties": { "bytes_per_second": { "description": "How fast.", "type": "integer", "minimum": 1 } },
            "required": ["bytes_per_second"],
            "additionalProperties": false,
        })),
        one("replace", "Something else arrives, as from a proxy.", json!({
            "type": "object",
            "properties": {
                "status": { "description": "Its HTTP status.", "type": "integer", "minimum": 200, "maximum": 599, "default": 200 },
                "content_type": { "description": "Its Content-Type.", "type": "string", "default": "text/html" },
                "text": { "description": "Its body.", "type": "string" },
            },
            "required": ["text"],
            "additionalProperties": false,
        })),
    ] })
}

/// A key that is left out is not there: `null` is nothing that an editor should offer. Formats of Rust's numbers mean
/// nothing to it either.
#[derive(Debug, Clone)]
struct Plain;

impl Transform for Plain {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(members) = schema.as_object_mut() {
            members.remove("format");
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
