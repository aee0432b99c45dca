//! `openapi.json`: the description of this API, as `OpenAPI` 3.1.
//!
//! Tests make it from the rows of the routes, the readers of queries and bodies, and the shapes of answers. It is committed
//! and embedded, so that the program carries no generator.

#[cfg(test)]
mod document;
#[cfg(test)]
mod shapes;
pub(super) mod takes;

use std::io::Read;
use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use serde_json::Value;

use super::error::Handled;
use super::query::NoQuery;
use super::route::Row;

/// `fixtures/control-api.openapi.json`, packed.
static PACKED: &[u8] = include_bytes!("../../../fixtures/control-api.openapi.gz");

/// A test unpacks it, so the fallback is never used.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    let read = GzDecoder::new(PACKED).read_to_string(&mut text);
    read.map_or_else(|_| String::new(), |_| text)
});

pub(super) async fn read(_: NoQuery) -> Handled<Response> {
    Ok(([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response())
}

/// A line for each route: what it does, and what its query and its body take.
pub(super) fn endpoints(rows: &[Row]) -> Vec<String> {
    static PATHS: LazyLock<Value> = LazyLock::new(|| {
        let document: Value = serde_json::from_str(&DOCUMENT).unwrap_or_default();
        document["paths"].clone()
    });
    rows.iter().map(|row| line(row, &PATHS[&*row.full_path()][&*row.method_name()])).collect()
}

fn line(row: &Row, operation: &Value) -> String {
    let query = operation["parameters"].as_array().into_iter().flatten();
    let query = query.filter(|parameter| parameter["in"] == "query");
    let names: Vec<String> =
        query.filter_map(|parameter| Some(format!("?{}=", parameter["name"].as_str()?))).collect();
    let members = operation["requestBody"]["x-members"].as_str().map(str::to_owned);
    let more = Some(names.join(", ")).filter(|names| !names.is_empty()).into_iter().chain(members);
    let more: String = more.flat_map(|part| ["; ".to_owned(), part]).collect();
    format!("{} {}: {}{more}", row.method(), row.full_path(), row.help)
}
