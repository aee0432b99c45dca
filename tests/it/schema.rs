//! The JSON Schema takes what the parser takes, and refuses what an editor should underline.
#![expect(clippy::disallowed_methods, reason = "pages and fixtures are read here")]

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use sas_emulator::internals::scenario::{builtin, load, schema};
use serde_json::Value;

use crate::harness::mistakes::{self, Mistake};

struct Schema(Schemas, SchemaIndex);

impl Schema {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("scenario.json", serde_json::from_str(&schema()).unwrap()).unwrap();
        let index = compiler.compile("scenario.json", &mut schemas).unwrap();
        Self(schemas, index)
    }

    fn judge(&self, yaml: &str) -> Result<(), String> {
        let document: Value = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        self.0.validate(&document, self.1).map_err(|error| format!("{error:#}"))
    }
}

/// The samples of a page that are whole scenarios.
fn samples(page: &str) -> impl Iterator<Item = &str> {
    let blocks = page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.filter(|block| block.contains("version: 1"))
}

#[test]
fn built_in_scenarios_and_documented_ones_are_valid() {
    let schema = Schema::new();
    for (name, text) in builtin::SCENARIOS {
        schema.judge(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let pages = [docs.clone(), docs.join("clients")].map(|folder| std::fs::read_dir(folder).unwrap());
    let mut seen = 0;
    for page in pages.into_iter().flatten().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(&page).unwrap();
        for sample in samples(&text) {
            let name = page.display().to_string();
            schema.judge(sample).unwrap_or_else(|error| panic!("{name}: {error}\n{sample}"));
            load::parse(&name, sample).unwrap_or_else(|error| panic!("{}\n{sample}", error.report()));
            seen += 1;
        }
    }
    assert!(seen >= 2, "the samples moved");
}

/// What only the parser can judge: values that do not go together, names among all operations of the product, framing.
const BEYOND: &[&str] = &[
    "accounts-allow-unknown",
    "accounts-deny-any-prefix",
    "accounts-deny-bare",
    "accounts-deny-unknown",
    "accounts-rest-twice",
    "accounts-twice",
    "answers-action-any",
    "answers-action-missing",
    "answers-action-unknown",
    "answers-id-twice",
    "answers-member-deep",
    "answers-member-of-whole",
    "answers-member-unknown",
    "answers-nothing",
    "answers-null-in-list",
    "answers-null-in-whole",
    "answers-param-unknown",
    "answers-placeholder-in-number",
    "answers-placeholder-open",
    "answers-placeholder-param",
    "answers-placeholder-time",
    "answers-placeholder-unknown",
    "answers-second-action",
    "answers-sequence-member",
    "answers-too-many-operations",
    "answers-two-scripts",
    "answers-type-list",
    "answers-type-number",
    "answers-type-text",
    "answers-type-wide",
    "answers-word",
    "answers-word-number",
    "assets-twice",
    "effect-body-replace-content-type",
    "effect-broken-answer",
    "effect-delay-percentiles",
    "effect-delay-range",
    "effect-headers-framing",
    "effect-headers-name",
    "effect-headers-nothing",
    "effect-headers-value",
    "effect-patch-nothing",
    "effect-tls-and-more",
    "effect-tls-match",
    "effect-two-refusals",
    "expect-account",
    "expect-action",
    "expect-calls-impossible",
    "expect-code",
    "expect-code-custom",
    "expect-code-param",
    "expect-fault",
    "expect-fault-none",
    "expect-gap-reversed",
    "expect-order-action",
    "expect-order-param",
    "expect-param",
    "expect-param-any",
    "expect-param-pattern",
    "expect-task-type",
    "faults-id-twice",
    "faults-too-many",
    "lifecycle-instant-progress",
    "lifecycle-outcome-stalls",
    "lifecycle-polls-by-time",
    "lifecycle-progress-falls",
    "lifecycle-queued-by-poll",
    "lifecycle-queued-years",
    "lifecycle-range-reversed",
    "lifecycles-type",
    "match-account",
    "match-action",
    "match-action-empty",
    "match-action-in-list",
    "match-action-unlike-any",
    "match-header-secret",
    "match-param",
    "match-param-unlike-any",
    "match-task-progress-impossible",
    "name-lines",
    "start-on-first-poll-type",
    "tasks-number-twice",
    "tasks-type",
    "trigger-calls-reversed",
    "trigger-every-never",
    "trigger-ttl-zero",
    "trigger-window-reversed",
    "world-editions-sum",
    "world-editions-unknown",
    "world-groups",
];

#[test]
fn most_mistakes_are_seen_by_an_editor() {
    let schema = Schema::new();
    let missed = mistakes::all().into_iter().filter(|mistake| schema.judge(&mistake.text).is_ok());
    let name = |mistake: Mistake| mistake.name.split('.').next().unwrap().to_owned();
    let mut missed: Vec<String> = missed.map(name).collect();
    missed.sort();
    assert_eq!(missed, BEYOND);
}

#[test]
fn every_key_is_described() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let mut parts = vec![("", &schema)];
    while let Some((path, part)) = parts.pop() {
        for (key, property) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
            // A choice with a value is described as a whole.
            let is_described = property.get("description").or(part.get("description")).is_some();
            assert!(is_described, "{path}: {key} has no description");
        }
        match part {
            Value::Object(members) => parts.extend(members.iter().map(|(key, part)| (key.as_str(), part))),
            Value::Array(list) => parts.extend(list.iter().map(|part| (path, part))),
            _ => (),
        }
    }
}
