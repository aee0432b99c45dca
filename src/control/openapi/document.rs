//! Makes the description from the rows of the routes, and holds it against what is committed.
#![expect(clippy::disallowed_methods, reason = "the committed file is read and written here")]

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::shapes::shape;
use super::takes::ParametersDraft;
use crate::control::guard::{Access, BodyKind};
use crate::control::route::{Route, Row};

/// What an answer of a status means, wherever it comes from.
const MEANINGS: &[(u16, &str)] = &[
    (200, "It was done, or this is what was asked for."),
    (201, "It was made."),
    (204, "It was done."),
    (304, "It is what the client has already."),
    (400, "The request is wrong; the message says where, and the hint what is expected."),
    (401, "The control token is missing or wrong."),
    (403, "The host name or the sender is foreign, or the key of the link is wrong."),
    (404, "There is no such thing; the message names the nearest one."),
    (408, "The request did not arrive in time, or what was waited for did not come."),
    (409, "It does not go together with what is there."),
    (413, "The body is too large."),
    (415, "The body has another content type than the route takes."),
    (500, "It could not be made or written."),
    (503, "There is no room, or the emulator is stopping; try again."),
    (507, "The answer is larger than the memory for answers."),
];

fn document(routes: &[Route]) -> Value {
    let mut draft = ParametersDraft::new();
    let mut paths = Map::new();
    for Route { row, describe, .. } in routes {
        describe(&mut draft);
        let operation = operation(row, &mut draft);
        let path = paths.entry(row.full_path()).or_insert_with(|| json!({}));
        path[row.method_name()] = operation;
    }
    let error = shape(&mut draft.generator, "Error");
    let used: BTreeSet<u16> = routes.iter().flat_map(|route| route.row.failures()).collect();
    let responses = used.into_iter().map(|status| {
        let mut response = json!({
            "description": meaning(status),
            "content": { "application/json": { "schema": error } },
        });
        if [400, 403].contains(&status) {
            // Uploads are refused in the words of the object store.
            response["content"]["application/xml"] = json!({ "schema": { "type": "string" } });
        }
        if status == 503 {
            response["headers"] = json!({ "Retry-After": { "schema": { "type": "integer" } } });
        }
        (status.to_string(), response)
    });
    let responses: Map<String, Value> = responses.collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "sas-emulator control API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Steers and watches the emulator. It is no part of Security Center. docs/control-api.md says more.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "http://127.0.0.1:7270" }],
        // The token is needed where the emulator was started with one.
        "security": [{}, { "controlToken": [] }],
        "paths": paths,
        "components": {
            "schemas": draft.generator.take_definitions(true),
            "responses": responses,
            "securitySchemes": { "controlToken": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn meaning(status: u16) -> &'static str {
    let found = MEANINGS.iter().find(|(known, _)| *known == status);
    found.unwrap_or_else(|| panic!("nothing says what {status} means")).1
}

fn operation(row: &Row, draft: &mut ParametersDraft) -> Value {
    let words = row.path.split(['/', '-', '.']).map(|word| word.trim_matches(['{', '}']));
    let words = words.map(str::to_owned).filter(|word| !word.is_empty());
    let name = std::iter::once(row.method_name()).chain(words);
    let mut operation = json!({
        "operationId": name.collect::<Vec<_>>().join("_"),
        "summary": row.help,
        "description": row.about(),
    });
    if row.access != Access::Control {
        operation["security"] = json!([{}]);
    }
    let mut parameters = std::mem::take(&mut draft.parameters);
    let mut segments = row.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    for parameter in parameters.iter_mut().filter(|parameter| parameter["in"] == "path") {
        let segment = segments.next().unwrap_or_else(|| panic!("{}: no {{id}} is left", row.path));
        parameter["name"] = json!(segment);
    }
    if row.access == Access::Link {
        parameters.push(json!({
            "name": "key", "in": "query", "required": false, "schema": { "type": "string" },
            "description": "The key that the link carries.",
        }));
    }
    assert_eq!(segments.next(), None, "{}: its handler does not read its path", row.path);
    if !parameters.is_empty() {
        operation["parameters"] = json!(parameters);
    }
    if !row.takes.is_empty() {
        let schema = shape(&mut draft.generator, row.takes);
        let kinds: &[&str] = match row.body {
            _ if row.access == Access::Link => &["multipart/form-data"],
            BodyKind::JsonOrYaml => &["application/json", "application/yaml"],
            _ => &["application/json"],
        };
        let content: Map<String, Value> =
            kinds.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": schema }))).collect();
        operation["requestBody"] = json!({ "required": true, "content": content });
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
        let of_name = name.and_then(|name| draft.generator.definitions().get(name));
        let members = of_name.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
        let members: Vec<String> =
            members.into_iter().flat_map(Map::keys).map(|name| format!("{name:?}")).collect();
        if !members.is_empty() {
            operation["requestBody"]["x-members"] = json!(format!("{{{}}}", members.join(",")));
        }
    }
    let mut responses = Map::new();
    for status in row.gives {
        let mut response = json!({ "description": meaning(*status) });
        let content = row.content.split_whitespace().map(|kind| {
            let is_shaped = kind.ends_with("json") && !row.shows.is_empty();
            let schema = is_shaped.then(|| json!(shape(&mut draft.generator, row.shows)));
            (kind.to_owned(), json!({ "schema": schema.unwrap_or_else(|| json!({ "type": "string" })) }))
        });
        let content: Map<String, Value> = content.collect();
        if !content.is_empty() && ![204, 304].contains(status) {
            response["content"] = json!(content);
        }
        responses.insert(status.to_string(), response);
    }
    for status in row.failures() {
        let response = json!({ "$ref": format!("#/components/responses/{status}") });
        responses.insert(status.to_string(), response);
    }
    operation["responses"] = json!(responses);
    operation
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::Path;

    use flate2::{Compression, GzBuilder};

    use super::*;
    use crate::control::openapi::DOCUMENT;
    use crate::control::routes::all;

    #[test]
    fn the_committed_description_is_that_of_the_rows() {
        let mut generated = serde_json::to_string_pretty(&document(&all())).unwrap();
        generated.push('\n');
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/control-api.openapi.json");
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&path, &generated).unwrap();
            let mut packer = GzBuilder::new().write(Vec::new(), Compression::best());
            packer.write_all(generated.as_bytes()).unwrap();
            std::fs::write(path.with_extension("gz"), packer.finish().unwrap()).unwrap();
            return;
        }
        let committed = std::fs::read_to_string(&path).unwrap();
        assert!(
            committed == generated && *DOCUMENT == generated,
            "run UPDATE_SCHEMA=1 cargo test --lib openapi, and read the difference"
        );
    }

    #[test]
    fn every_route_says_what_it_answers_and_takes() {
        for Route { row, .. } in all() {
            assert!(!row.shows.is_empty() || row.content != "application/json", "{} shows nothing", row.path);
            let has_body =
                ["post", "put", "patch"].contains(&&*row.method_name()) && row.body != BodyKind::None;
            assert_eq!(has_body, !row.takes.is_empty(), "{}: what it takes", row.path);
        }
    }
}
