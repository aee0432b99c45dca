//! Holds answers of the control API against its description: status, content type and shape.

use std::collections::HashMap;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

const FILE: &str = "control-api.openapi.json";

/// The description, and the shapes that were needed so far.
struct Description {
    document: Value,
    compiler: Compiler,
    schemas: Schemas,
    compiled: HashMap<String, SchemaIndex>,
}

thread_local! {
    static DESCRIPTION: std::cell::RefCell<Description> = std::cell::RefCell::new(Description::new());
}

impl Description {
    fn new() -> Self {
        let text = include_str!("../../../fixtures/control-api.openapi.json");
        let mut document: Value = serde_json::from_str(text).unwrap();
        // Clients take members that they do not know. Here, one that the description does not have is a mistake.
        for schema in document["components"]["schemas"].as_object_mut().unwrap().values_mut() {
            if schema["type"] == "object" && schema.get("additionalProperties").is_none() {
                schema["additionalProperties"] = Value::Bool(false);
            }
        }
        let mut compiler = Compiler::new();
        compiler.add_resource(FILE, document.clone()).unwrap();
        Self { document, compiler, schemas: Schemas::new(), compiled: HashMap::new() }
    }

    /// The path of the description that a request has, and its operation.
    fn operation(&self, method: &str, path: &str) -> Option<(String, &Value)> {
        let asked: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
        let paths = self.document["paths"].as_object().unwrap();
        let found = paths.iter().find(|(path, operations)| {
            let wanted: Vec<&str> = path.split('/').collect();
            let same = |(wanted, asked): (&&str, &&str)| wanted == asked || wanted.starts_with('{');
            wanted.len() == asked.len()
                && wanted.iter().zip(&asked).all(same)
                && operations.get(method.to_lowercase()).is_some()
        });
        found.map(|(path, operations)| (path.clone(), &operations[method.to_lowercase()]))
    }

    fn check(&mut self, request: (&str, &str), status: u16, kind: &str, body: &str) {
        let (method, path) = request;
        let Some((name, operation)) = self.operation(method, path) else { return };
        let response = &operation["responses"][status.to_string()];
        assert!(!response.is_null(), "{method} {path} is not said to answer {status}: {body}");
        let kind = kind.split(';').next().unwrap_or_default();
        let (mut place, mut response) = (format!("{}/responses/{status}", pointer(method, &name)), response);
        if let Some(target) = response["$ref"].as_str() {
            target.clone_into(&mut place);
            response = self.document.pointer(&target[1..]).unwrap();
        }
        if kind.is_empty() || response["content"].get("*/*").is_some() {
            return;
        }
        assert!(response["content"].get(kind).is_some(), "{method} {path} is not said to answer with {kind}");
        if !kind.ends_with("json") {
            return;
        }
        let place = format!("{FILE}{place}/content/{}/schema", escaped(kind));
        let Self { compiler, schemas, compiled, .. } = self;
        let index =
            *compiled.entry(place.clone()).or_insert_with(|| compiler.compile(&place, schemas).unwrap());
        let answer: Value = serde_json::from_str(body).unwrap();
        if let Err(error) = schemas.validate(&answer, index) {
            panic!("{method} {path} answers {status} otherwise than described: {error:#}\n{body}");
        }
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1").replace('{', "%7B").replace('}', "%7D")
}

fn pointer(method: &str, path: &str) -> String {
    format!("#/paths/{}/{}", escaped(path), method.to_lowercase())
}

/// Panics if an answer is not as the description says.
pub(super) fn check(request: (&str, &str), status: u16, kind: &str, body: &str) {
    DESCRIPTION.with(|description| description.borrow_mut().check(request, status, kind, body));
}
