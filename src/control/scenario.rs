//! `scenario`: read the loaded scenario, and load another while the emulator runs.

use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::commands::{Commanded, Done};
use super::error::{Json, bad};
use super::query::{NoQuery, text};
use crate::scenario::{builtin, load};
use crate::text::similar::did_you_mean;

pub(super) async fn read(_: NoQuery, State(emulator): State<Shared>) -> Json<Value> {
    loaded(&emulator)
}

/// `{"name":"default"}`: a built-in scenario. Files are for the command line: permission to call must not imply
/// permission to read this machine's files.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

pub(super) async fn replace(_: NoQuery, State(emulator): State<Shared>, body: Bytes) -> Commanded {
    let bad = bad("bad_scenario", "docs/scenarios.md has all keys; the loaded scenario was left as it is");
    let scenario = if let Ok(Named { name }) = serde_json::from_slice(&body) {
        let text = builtin::text(&name).ok_or_else(|| {
            bad(format!("no built-in scenario is called {name:?}{}", did_you_mean(&name, builtin::names())))
        })?;
        load::parse(&name, text)
    } else {
        load::parse("body", text(&body).map_err(bad)?)
    };
    let scenario = scenario.map_err(|error| bad(error.to_string()))?;
    emulator.load(scenario).map_err(|error| bad(error.to_string()))?;
    let session = emulator.session();
    let words = format!("scenario load {}", session.scenario.name);
    Ok(Done::new(loaded(&emulator), words, format!("seed {}", session.seed)))
}

fn loaded(emulator: &Shared) -> Json<Value> {
    let session = emulator.session();
    let scenario = &session.scenario;
    Json(json!({
        "name": scenario.name,
        "description": scenario.description,
        "seed": session.seed,
        "documents": scenario.sources,
    }))
}
