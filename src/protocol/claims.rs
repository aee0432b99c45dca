//! What a request says about its sender: scheme, key, signature, time, nonce, token. Nothing here is verified.

use bytes::Bytes;
use http::header::AsHeaderName;
use http::{HeaderMap, Request};
use serde::{Deserialize, Serialize};

use super::headers::{CallHeaders, CommonParams};
use crate::domain::ApiError;
use crate::text::pieces::split;

/// How a request says who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// RPC parameters: `Signature` in the query or form.
    // "Signature method V2" in the documents (spec/protocol.md §1).
    V1,
    /// The header `Authorization: ACS3-…`.
    // spec/protocol.md §2.
    V3,
    /// A bearer token.
    // spec/protocol.md §2.4.
    Bearer,
}

/// The claims, under their V1 names; [`Claims::of`] says where each is found. Absent or empty ones are `None`.
#[derive(Clone)]
pub struct Claims<'r> {
    pub scheme: Scheme,
    pub access_key_id: Option<&'r str>,
    pub method: Option<&'r str>,
    pub version: Option<&'r str>,
    pub signature: Option<&'r str>,
    pub signed_headers: &'r str,
    pub nonce: Option<&'r str>,
    pub timestamp: Option<&'r str>,
    pub content_hash: Option<&'r str>,
    pub security_token: Option<&'r str>,
    pub bearer_token: Option<&'r str>,
    /// `SignatureType` of V1; the legacy SDKs send it empty.
    pub signature_type: Option<&'r str>,
}

impl<'r> Claims<'r> {
    /// Reads them. `Authorization` decides the scheme, not the presence of `x-acs-*` headers: SDKs send those with V1
    /// requests too (spec/protocol.md §0.2).
    pub fn of(headers: &CallHeaders<'r>, params: CommonParams<'r>) -> Self {
        let has_bearer = params.signature_type == Some("BEARERTOKEN") || headers.bearer_token.is_some();
        let params = params.non_empty();
        let bearer_token = params.bearer_token.or(headers.bearer_token);
        if let Some(authorization) = headers.authorization.filter(|value| value.starts_with("ACS3-")) {
            let (method, members) = authorization.split_once(' ').unwrap_or((authorization, ""));
            // Members come in any order: the legacy Java SDK puts the signature second (spec/protocol.md §2.1).
            let (mut credential, mut signature, mut signed_headers) = (None, None, None);
            for (name, value) in split(members, b',').filter_map(|member| member.trim().split_once('=')) {
                let place = match name {
                    "Credential" => &mut credential,
                    "Signature" => &mut signature,
                    "SignedHeaders" => &mut signed_headers,
                    _ => continue,
                };
                place.get_or_insert(value);
            }
            let given = |value: Option<&'r str>| value.filter(|value| !value.is_empty());
            return Self {
                scheme: Scheme::V3,
                access_key_id: given(credential),
                method: Some(method),
                version: None,
                signature: given(signature),
                signed_headers: given(signed_headers).unwrap_or_default(),
                nonce: headers.nonce,
                timestamp: headers.date,
                content_hash: headers.content_sha256.or(headers.content_sm3),
                security_token: headers.security_token,
                bearer_token,
                signature_type: None,
            };
        }
        Self {
            scheme: if has_bearer { Scheme::Bearer } else { Scheme::V1 },
            access_key_id: params.access_key_id,
            method: params.signature_method,
            version: params.signature_version,
            signature: params.signature,
            signed_headers: "",
            nonce: params.signature_nonce,
            timestamp: params.timestamp,
            content_hash: None,
            security_token: params.security_token,
            bearer_token,
            signature_type: params.signature_type,
        }
    }

    /// Reports the first required claim that is missing. The order is ours (spec/protocol.md §4.3, step 4).
    pub fn check_presence(&self) -> Result<(), ApiError> {
        use Scheme::{Bearer, V1, V3};
        let required: [(&[Scheme], &str, Option<&str>); 8] = [
            (&[Bearer], "BearerToken", self.bearer_token),
            (&[V1, V3], "AccessKeyId", self.access_key_id),
            (&[V1, V3], "Signature", self.signature),
            (&[V1], "SignatureMethod", self.method),
            (&[V1], "SignatureVersion", self.version),
            (&[V1, V3], "SignatureNonce", self.nonce),
            (&[V1, V3], "Timestamp", self.timestamp),
            (&[V3], "ContentSha256", self.content_hash),
        ];
        let missing =
            required.iter().find(|(schemes, _, value)| value.is_none() && schemes.contains(&self.scheme));
        missing.map_or(Ok(()), |(_, name, _)| Err(ApiError::missing(name)))
    }
}

/// The AccessKeyId that a request names in its query or in a V3 header, whatever service it is for. The body is not read.
pub(crate) fn claimed_key(request: &Request<Bytes>) -> Option<String> {
    let headers = CallHeaders::read(request.headers());
    let claims = Claims::of(&headers, CommonParams::default());
    let in_query = || {
        let mut pairs = form_urlencoded::parse(request.uri().query()?.as_bytes());
        pairs.find(|(name, _)| name == "AccessKeyId").map(|(_, value)| value.into_owned())
    };
    claims.access_key_id.map(str::to_owned).or_else(in_query)
}

/// The value of a header as text; `None` if it is absent, empty or not ASCII.
pub(crate) fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn members_of_authorization_in_any_order() {
        let headers = headers(&[(
            "authorization",
            "ACS3-HMAC-SHA256 Credential=AK, Signature=ab,SignedHeaders=host;x-acs-date",
        )]);
        let claims = Claims::of(&CallHeaders::read(&headers), CommonParams::default());
        assert_eq!(
            (claims.scheme, claims.access_key_id, claims.signature),
            (Scheme::V3, Some("AK"), Some("ab"))
        );
        assert_eq!(claims.signed_headers, "host;x-acs-date");
    }

    #[test]
    fn other_algorithms_and_bare_headers_are_v1() {
        let headers = headers(&[("authorization", "HMAC-SHA256 Credential=AK"), ("x-acs-action", "A")]);
        let claims = Claims::of(&CallHeaders::read(&headers), CommonParams::default());
        assert_eq!(claims.scheme, Scheme::V1);
        assert_eq!(claims.check_presence().unwrap_err().code, "MissingAccessKeyId");
    }
}
