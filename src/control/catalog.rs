//! `operations`, `scenarios`, `schema.json`: what the program has built in, for tools that steer it.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::error::{ControlError, Handled, Json};
use super::query::{Id, NoQuery};
use crate::domain::{Fidelity, Product};
use crate::operations::{self, Operation, Param};
use crate::scenario::{self, builtin, load};
use crate::shapes::{self, OperationShape};

pub(super) async fn operations(_: NoQuery) -> Json<Value> {
    let mut names: Vec<&str> = operations::all_names().collect();
    names.sort_unstable();
    let listed: Vec<Value> = names
        .into_iter()
        .map(|name| match operations::find_by_name(name) {
            Some(row) => head(row),
            None => json!({ "name": name, "product": Product::SAS.name, "fidelity": Fidelity::Shape }),
        })
        .collect();
    Json(json!({ "operations": listed }))
}

pub(super) async fn operation(_: NoQuery, Id(name): Id) -> Handled {
    if let Some(row) = operations::find_by_name(&name) {
        return Ok(Json(modelled(row)));
    }
    let shape = shapes::find(&name).ok_or_else(|| {
        ControlError::new(404, "unknown_operation", operations::unknown(&name))
            .hint("GET /_emulator/operations lists them")
    })?;
    Ok(Json(shaped(&shape)))
}

fn head(row: &Operation) -> Value {
    json!({
        "name": row.name,
        "product": row.product.name,
        "fidelity": Fidelity::Modelled,
        "summary": row.summary,
    })
}

fn modelled(row: &Operation) -> Value {
    let mut shown = head(row);
    shown["version"] = json!(row.product.version);
    shown["ram_action"] = json!(row.ram_action());
    shown["evidence"] = json!(row.evidence);
    shown["params"] = row.params.iter().map(param).collect();
    shown
}

fn param(param: &Param) -> Value {
    json!({
        "name": param.name,
        "kind": param.kind.as_str(),
        "required": param.required,
        "ignored": param.ignored,
        "refused": param.refused,
    })
}

fn shaped(shape: &OperationShape) -> Value {
    let params = shape.params.iter().map(|(name, kind)| {
        json!({
            "name": name,
            "kind": kind.kind(),
            "words": kind.words(),
            "required": shape.required.contains(name),
        })
    });
    json!({
        "name": shape.name,
        "product": Product::SAS.name,
        "version": Product::SAS.version,
        "fidelity": Fidelity::Shape,
        "params": params.collect::<Vec<_>>(),
    })
}

pub(super) async fn scenarios(_: NoQuery) -> Json<Value> {
    let listed: Vec<Value> = builtin::SCENARIOS
        .iter()
        .map(|(name, text)| {
            let description = load::parse(name, text).map(|scenario| scenario.description);
            json!({ "name": name, "description": description.unwrap_or_default(), "text": text })
        })
        .collect();
    Json(json!({ "scenarios": listed }))
}

pub(super) async fn schema(_: NoQuery) -> Response {
    ([(header::CONTENT_TYPE, "application/schema+json")], scenario::schema()).into_response()
}
