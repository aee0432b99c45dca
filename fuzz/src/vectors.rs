//! The recorded requests of real SDKs, in `fixtures/vectors`.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Vector {
    pub name: String,
    pub credentials: Credentials,
    /// `v1`, `v3`, `bearer` or `anonymous`.
    pub signature_kind: String,
    request: Recorded,
}

#[derive(Debug, Deserialize)]
pub struct Credentials {
    pub access_key_id: String,
    pub access_key_secret: String,
    pub security_token: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Recorded {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
}

/// A file of the project, or a folder.
pub fn project(path: &str) -> String {
    format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))
}

/// The texts of all files in a folder of the project, by name.
pub fn files(folder: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(project(folder)).expect("the fuzz targets run in the project's own tree");
    let paths = entries.map(|entry| entry.expect("a readable folder").path()).filter(|path| path.is_file());
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).expect("a text"))
    };
    let mut files: Vec<_> = paths.map(read).collect();
    files.sort();
    files
}

pub static VECTORS: LazyLock<Vec<Vector>> = LazyLock::new(|| {
    let read = |(name, text): (String, String)| {
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    files("fixtures/vectors").into_iter().map(read).collect()
});

impl Vector {
    pub fn request(&self) -> Request<Bytes> {
        let Recorded { method, target, headers, body, body_base64 } = &self.request;
        let body = match (body, body_base64) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(base64)) => STANDARD.decode(base64).expect("base64"),
            (None, None) => Vec::new(),
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header's value");
            map.append(name.parse::<HeaderName>().expect("a header's name"), value);
        }
        let request = Request::builder().method(method.as_str()).uri(target.as_str());
        let mut request = request.body(Bytes::from(body)).expect("a recorded request");
        *request.headers_mut() = map;
        request
    }
}
