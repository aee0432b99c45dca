//! A command to the control API: method, path, query and body.

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use serde_json::Value;

use crate::control::PREFIX;
use crate::domain::Secret;

/// What is sent to each emulator.
#[derive(Debug, Clone)]
pub(in crate::cli) struct ControlCommand {
    pub(in crate::cli) method: Method,
    /// What follows the prefix.
    path: String,
    query: Vec<(String, String)>,
    body: Bytes,
}

impl ControlCommand {
    pub(in crate::cli) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), query: Vec::new(), body: Bytes::new() }
    }

    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// To one thing, by its id.
    pub(super) fn of(method: Method, noun: &str, id: &str) -> Self {
        let id = form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20");
        Self::new(method, format!("{noun}/{id}"))
    }

    #[must_use]
    pub(super) fn asking(mut self, name: &str, value: Option<impl ToString>) -> Self {
        self.query.extend(value.map(|value| (name.to_owned(), value.to_string())));
        self
    }

    #[must_use]
    pub(super) fn json(self, body: &Value) -> Self {
        self.body(body.to_string())
    }

    /// JSON or YAML.
    #[must_use]
    pub(in crate::cli) fn body(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    pub(in crate::cli) fn request(&self, token: Option<&Secret>) -> Result<Request<Bytes>> {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        let sign = match (query.is_empty(), self.path.contains('?')) {
            (true, _) => "",
            (false, false) => "?",
            (false, true) => "&",
        };
        let uri = format!("{PREFIX}/{}{sign}{query}", self.path);
        let mut request = Request::builder().method(&self.method).uri(uri);
        if let Some(token) = token {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
                .map_err(|_| anyhow!("--control-token: it cannot be sent in a header"))?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        if !self.body.is_empty() {
            let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&self.body).is_ok();
            request = request
                .header(header::CONTENT_TYPE, if is_json { "application/json" } else { "application/yaml" });
        }
        request.body(self.body.clone()).with_context(|| format!("the path {:?}", self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_encoded() {
        let command = ControlCommand::of(Method::PATCH, "tasks", "a b/?").asking("account", Some("é&1"));
        let request = command.asking("type", None::<&str>).body("a: 1").request(None).unwrap();
        assert_eq!(request.uri(), "/_emulator/tasks/a%20b%2F%3F?account=%C3%A9%261");
        assert_eq!(request.headers()[header::CONTENT_TYPE], "application/yaml");
        let request =
            ControlCommand::get("tasks?type=X").asking("limit", Some(2)).request(Some(&Secret::new("s")));
        let request = request.unwrap();
        assert_eq!(
            (request.uri().to_string().as_str(), request.headers().len()),
            ("/_emulator/tasks?type=X&limit=2", 1)
        );
    }
}
