//! Calls that a web page sends: refused before anything else is done with them, unless its site may call.
//!
//! The secret of most scenarios is public, and every answer says that pages may read it, as those of the real service do. So
//! any page that a developer opens could start tasks here and read them.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use bytes::Bytes;

use super::endpoint::Endpoint;
use crate::domain::ApiError;
use crate::origin::{self, Sender};

const CODE: &str = "WebPageRefused";
const PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");

impl Endpoint {
    /// Answers a request that a page of another site sent, unless it may call and this is the call itself: refuses it, or
    /// tells the browser that the call may follow (the CORS preflight).
    pub(super) fn answer_page<B>(
        &self,
        request: &Request<B>,
        own_names: &[String],
    ) -> Option<Response<Bytes>> {
        let Sender::Page(origin) = origin::sender(request.uri(), request.headers(), own_names) else {
            return None;
        };
        let allowed = &self.0.config().browser_origins;
        if allowed.iter().any(|allowed| allowed.allows(origin.as_deref())) {
            return preflight(request.method(), request.headers());
        }
        let mut bare = Request::new(Bytes::new());
        *bare.method_mut() = request.method().clone();
        *bare.uri_mut() = request.uri().clone();
        *bare.headers_mut() = request.headers().clone();
        let mut response = self.refuse(&bare, refusal(origin.as_deref()));
        // Nor may the page read this.
        for name in [header::ACCESS_CONTROL_ALLOW_ORIGIN, header::ACCESS_CONTROL_EXPOSE_HEADERS] {
            response.headers_mut().remove(name);
        }
        Some(response)
    }
}

fn refusal(origin: Option<&str>) -> ApiError {
    let (whose, value) = match origin {
        Some(origin) => (format!("a page of {origin:?}"), if origin.is_empty() { "*" } else { origin }),
        None => ("a page whose site the browser does not name".to_owned(), "*"),
    };
    let message = format!("This call was sent by {whose}; --allow-browser-origin '{value}' lets it through.");
    ApiError::custom(403, CODE, message)
}

/// What a browser asks before a call that no form could send; the header names it asks for are allowed. The real service was
/// seen to answer it so in 2022.
fn preflight(method: &Method, headers: &HeaderMap) -> Option<Response<Bytes>> {
    if *method != Method::OPTIONS || !headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let mut response = Response::new(Bytes::new());
    let answer = response.headers_mut();
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("172800"));
    if let Some(names) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    if headers.contains_key(PRIVATE_NETWORK) {
        let name = HeaderName::from_static("access-control-allow-private-network");
        answer.insert(name, HeaderValue::from_static("true"));
    }
    Some(response)
}
