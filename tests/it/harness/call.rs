//! A client that signs, and that can get every part of a request wrong.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Request};
use sas_emulator::internals::domain::Secret;
use sas_emulator::internals::protocol::sign::{Algorithm, Names, Signer, Unsigned};

use super::NOW;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    V1,
    V3,
}

/// A request in the making: everything that is set here is signed.
#[derive(Debug, Clone)]
pub(crate) struct TestCall {
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

impl TestCall {
    pub(crate) fn new(action: &str) -> Self {
        // Unique within the process.
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
        let signer = Signer {
            algorithm: match self.scheme {
                Scheme::V1 => Algorithm::HmacSha1,
                Scheme::V3 => Algorithm::Acs3HmacSha256,
            },
            access_key_id: self.key.clone(),
            secret: Secret::new(&self.secret),
            security_token: self.token.as_ref().map(Secret::new),
            names: self.names,
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(*name, value.parse().unwrap());
        }
        let unsigned = Unsigned {
            method: self.method,
            headers,
            action: &self.action,
            version: &self.version,
            format: self.format.as_deref(),
            query: &self.params,
            form: &self.form,
            timestamp: &self.date,
            nonce: &self.nonce,
        };
        let mut members = signer.auth_members(&unsigned);
        members.retain(|(name, _)| !self.dropped.contains(name));
        let mut request = signer.sign_with(&unsigned, members).unwrap().request;
        if self.dropped.contains(&"Signature") {
            // In V1 the last parameter, in V3 none at all.
            let target = request.uri().to_string();
            let without = target.rsplit_once("&Signature=").filter(|_| self.scheme == Scheme::V1);
            *request.uri_mut() = without.map_or(target.as_str(), |(without, _)| without).parse().unwrap();
        }
        request
    }
}
