//! `operations`, `task-types`, `scenarios`: print what the program has built in.

use anyhow::anyhow;

use super::steer::columns;
use super::{Failure, print};
use crate::domain::lifecycle::{Lifecycle, Span};
use crate::domain::task_type::TASK_TYPES;
use crate::domain::{Source, TargetKind};
use crate::operations::{self, OPERATIONS, Operation};
use crate::scenario::{LoadError, builtin, load};
use crate::shapes;

pub(super) fn operations(name: Option<&str>) -> Result<(), Failure> {
    if let Some(name) = name {
        return print(&one(name)?);
    }
    let rows: String = OPERATIONS.iter().map(|operation| row(operation)).collect();
    print(&format!("{rows}\n{}", operations::levels()))
}

fn row(operation: &Operation) -> String {
    let names = |required: bool| {
        let params = operation.params.iter().filter(|param| param.required == required);
        params.map(|param| param.name).collect::<Vec<_>>().join(", ")
    };
    let (head, evidence) = (head(operation), operation.evidence);
    let (required, optional) = (names(true), names(false));
    format!("{head}  required    {required}\n  optional    {optional}\n  modelled    {evidence}\n")
}

fn head(operation: &Operation) -> String {
    let Operation { name, summary, .. } = operation;
    let ram_action = operation.ram_action();
    let ram_action = ram_action.as_deref().unwrap_or("none needed");
    let product = format!("{} {}", operation.product.name, operation.product.version);
    format!("{name}\n  {summary}\n  product     {product}\n  RAM action  {ram_action}\n")
}

/// An operation with its parameters, a line for each, and a call of it.
fn one(name: &str) -> Result<String, Failure> {
    let modelled = operations::find_by_name(name);
    let shape = shapes::find(name);
    let (head, how) = match modelled {
        Some(operation) => (head(operation), format!("modelled: {}", operation.evidence)),
        None if shape.is_some() => {
            let how = "shape: refused unless `--unmodelled shape` is given or an answer is scripted (docs/answers.md)";
            (format!("{name}\n"), how.to_owned())
        }
        None => {
            return Err(Failure::usage(anyhow!(operations::unknown(name))));
        }
    };
    let mut params: Vec<[String; 4]> = Vec::new();
    let words = |name: &str| {
        let of = shape.as_ref().and_then(|shape| shape.param(name));
        (
            of.map(|shape| shape.kind().to_owned()),
            of.map(|shape| shape.words().join(", ")).unwrap_or_default(),
        )
    };
    for param in modelled.map_or(&[][..], |operation| operation.params) {
        let (kind, words) = words(param.name);
        let kind = kind.unwrap_or_else(|| param.kind.as_str().to_owned());
        let left_out = param.ignored.map(|why| format!("ignored: {why}"));
        let note = left_out.or_else(|| param.refused.map(|why| format!("refused: {why}"))).unwrap_or(words);
        params.push([
            param.name.to_owned(),
            if param.required { "required" } else { "" }.to_owned(),
            kind,
            note,
        ]);
    }
    if let (None, Some(shape)) = (modelled, &shape) {
        for (name, of) in &shape.params {
            let required = if shape.required.contains(name) { "required" } else { "" };
            params.push([
                (*name).to_owned(),
                required.to_owned(),
                of.kind().to_owned(),
                of.words().join(", "),
            ]);
        }
    }
    // What is needed first.
    params.sort_by_key(|[_, required, ..]| required.is_empty());
    let sample =
        params.iter().filter(|[_, required, ..]| !required.is_empty()).map(|[name, _, kind, note]| {
            let first = note.split(", ").next().filter(|word| !word.is_empty() && !word.contains(' '));
            format!(" {name}={}", first.unwrap_or(if kind.contains("number") { "1" } else { "…" }))
        });
    let sample: String = sample.collect();
    let table = indented(&params);
    Ok(format!("{head}  {how}\n\nparameters\n{table}\n  sas-emulator call {name}{sample}\n"))
}

/// Rows in columns, behind two spaces.
fn indented<const N: usize>(rows: &[[String; N]]) -> String {
    columns(rows).lines().flat_map(|line| ["  ", line, "\n"].map(str::to_owned)).collect()
}

pub(super) fn task_types() -> Result<(), Failure> {
    let rows = TASK_TYPES.iter().map(|(name, meaning, targets)| {
        let targets = match targets {
            TargetKind::Server => "servers",
            TargetKind::Image => "images",
            TargetKind::Other => "",
        };
        [(*name).to_owned(), (*meaning).to_owned(), targets.to_owned()]
    });
    let sources = [Source::CONSOLE, Source::CONSOLE_BATCH, Source::OPENAPI, Source::SCHEDULE];
    let sources: Vec<&str> = sources.iter().map(Source::as_str).collect();
    let length = |span: Span| format!("{:#}", span.min);
    print(&format!(
        "{}\nA task is INIT for {}, then START for {}, unless the scenario says otherwise (docs/scenarios.md).\n\
         Who started it (Source): {}.\n",
        columns(&rows.collect::<Vec<_>>()),
        length(Lifecycle::QUEUED),
        length(Lifecycle::RUNNING),
        sources.join(", ")
    ))
}

pub(super) fn scenarios(name: Option<&str>) -> Result<(), Failure> {
    let Some(name) = name else {
        let rows = builtin::SCENARIOS.iter().map(|(name, text)| {
            let scenario = load::parse(name, text)?;
            Ok(format!("{name:<18} {}\n", scenario.description))
        });
        return print(&rows.collect::<Result<String, LoadError>>()?);
    };
    let text = builtin::text(name).ok_or_else(|| {
        let known: Vec<&str> = builtin::names().collect();
        Failure::usage(anyhow!("no built-in scenario is called {name:?}; there are {}", known.join(", ")))
    })?;
    print(text)
}
