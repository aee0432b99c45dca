//! A client that signs, and that can get every single thing wrong.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use sas_emulator::domain::Secret;
use sas_emulator::protocol::percent;
use sas_emulator::protocol::sign::{Algorithm, Names, v1, v3};

use super::NOW;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    V1,
    V3,
}

/// A request in the making. What is set here is signed; what [`Ask::tamper`] changes is not.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) scheme: Scheme,
    pub(crate) method: &'static str,
    pub(crate) action: String,
    pub(crate) version: String,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) form: Vec<(String, String)>,
    pub(crate) key: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) date: String,
    pub(crate) nonce: String,
    pub(crate) format: Option<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Parameters (V1) or headers (V3) left out of the finished request.
    pub(crate) dropped: Vec<&'static str>,
    pub(crate) names: Names,
}

impl Ask {
    pub(crate) fn new(action: &str) -> Self {
        // Unique within the process; what a nonce looks like is nobody's business.
        static COUNT: AtomicU64 = AtomicU64::new(0);
        Self {
            scheme: Scheme::V3,
            method: "POST",
            action: action.to_owned(),
            version: "2018-12-03".to_owned(),
            params: Vec::new(),
            form: Vec::new(),
            key: "test".to_owned(),
            secret: "test".to_owned(),
            token: None,
            date: NOW.to_owned(),
            nonce: format!("nonce-{}", COUNT.fetch_add(1, Ordering::Relaxed)),
            format: None,
            headers: vec![("host", "127.0.0.1:7270".to_owned())],
            dropped: Vec::new(),
            names: Names::Encoded,
        }
    }

    /// `GetLastOnceTaskInfo` of a type.
    pub(crate) fn latest(task_type: &str) -> Self {
        Self::new("GetLastOnceTaskInfo").param("TaskType", task_type).param("TaskName", task_type)
    }

    pub(crate) fn v1(self) -> Self {
        Self { scheme: Scheme::V1, format: Some("JSON".to_owned()), ..self }
    }

    pub(crate) fn param(mut self, name: &str, value: &str) -> Self {
        self.params.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn form(mut self, name: &str, value: &str) -> Self {
        self.form.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(other, _)| *other != "host" || name != "host");
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(crate) fn request(&self) -> Request<Bytes> {
        match self.scheme {
            Scheme::V1 => self.v1_request(),
            Scheme::V3 => self.v3_request(),
        }
    }

    fn v1_request(&self) -> Request<Bytes> {
        let mut pairs = self.params.clone();
        let common = [
            ("Action", Some(self.action.as_str())),
            ("Version", Some(&self.version)),
            ("Format", self.format.as_deref()),
            ("AccessKeyId", Some(&self.key)),
            ("SignatureMethod", Some("HMAC-SHA1")),
            ("SignatureVersion", Some("1.0")),
            ("SignatureNonce", Some(&self.nonce)),
            ("Timestamp", Some(&self.date)),
            ("SecurityToken", self.token.as_deref()),
        ];
        let given = common.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        pairs.extend(given.filter(|(name, _)| !self.dropped.contains(&name.as_str())));
        let all = pairs.iter().chain(&self.form).map(|(name, value)| (name.as_str(), value.as_str()));
        let signature =
            v1::sign(Algorithm::HmacSha1, &Secret::new(&self.secret), &v1::string_to_sign(self.method, all));
        if !self.dropped.contains(&"Signature") {
            pairs.push(("Signature".to_owned(), signature));
        }
        self.finish(&pairs, self.own_headers())
    }

    fn v3_request(&self) -> Request<Bytes> {
        let mut query = self.params.clone();
        query.extend(self.format.iter().map(|format| ("Format".to_owned(), format.clone())));
        let body = encoded(&self.form);
        let mut headers = self.own_headers();
        let standard = [
            ("x-acs-action", Some(self.action.as_str())),
            ("x-acs-version", Some(&self.version)),
            ("x-acs-date", Some(&self.date)),
            ("x-acs-signature-nonce", Some(&self.nonce)),
            ("x-acs-content-sha256", Some(&Algorithm::HmacSha256.hash(body.as_bytes()))),
            ("x-acs-security-token", self.token.as_deref()),
        ];
        for (name, value) in standard {
            if let Some(value) = value.filter(|_| !self.dropped.contains(&name)) {
                headers.insert(name, HeaderValue::from_str(value).unwrap());
            }
        }
        let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let signed_headers = names.join(";");
        let parts = v3::Parts {
            method: self.method,
            query: &query,
            headers: &headers,
            signed_headers: &signed_headers,
            body: body.as_bytes(),
        };
        let canonical = v3::canonical_request(&parts, Algorithm::HmacSha256, self.names);
        let string = v3::string_to_sign("ACS3-HMAC-SHA256", Algorithm::HmacSha256, &canonical);
        let signature = v3::sign(Algorithm::HmacSha256, &Secret::new(&self.secret), &string);
        let authorization = format!(
            "ACS3-HMAC-SHA256 Credential={},SignedHeaders={signed_headers},Signature={signature}",
            self.key
        );
        headers.insert("authorization", authorization.parse().unwrap());
        self.finish(&query, headers)
    }

    fn own_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(*name, value.parse().unwrap());
        }
        if !self.form.is_empty() {
            headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
        }
        headers
    }

    fn finish(&self, query: &[(String, String)], headers: HeaderMap) -> Request<Bytes> {
        let body = Bytes::from(encoded(&self.form));
        let uri = format!("/?{}", encoded(query));
        let mut request = Request::builder().method(self.method).uri(uri).body(body).unwrap();
        *request.headers_mut() = headers;
        request
    }
}

fn encoded(pairs: &[(String, String)]) -> String {
    let pairs =
        pairs.iter().map(|(name, value)| format!("{}={}", percent::encode(name), percent::encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}
