//! What a request says about its sender: scheme, key, signature, time, nonce, token. Nothing here is verified.

use http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::domain::{ApiError, Params};

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

/// The claims, under their V1 names; [`Claims::read`] says where each is found. Absent or empty ones are `None`.
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
    pub fn read(headers: &'r HeaderMap, params: &'r Params) -> Self {
        let header = |name: &str| text(headers, name);
        let authorization = header("authorization").filter(|value| value.starts_with("ACS3-"));
        let has_bearer =
            params.get("SignatureType") == Some("BEARERTOKEN") || header("x-acs-bearer-token").is_some();
        let scheme = match authorization {
            Some(_) => Scheme::V3,
            None if has_bearer => Scheme::Bearer,
            None => Scheme::V1,
        };
        let (method, members) = authorization
            .and_then(|it| it.split_once(' '))
            .unwrap_or((authorization.unwrap_or_default(), ""));
        // Members come in any order: the legacy Java SDK puts the signature second (spec/protocol.md §2.1).
        let member = |name: &str| {
            let mut members = members.split(',').filter_map(|member| member.trim().split_once('='));
            members.find(|(key, _)| *key == name).map(|(_, value)| value).filter(|value| !value.is_empty())
        };
        let param = |name: &str| params.non_empty(name).filter(|_| scheme != Scheme::V3);
        let either = |name: &str, of_v3: &str| {
            if scheme == Scheme::V3 { header(of_v3) } else { params.non_empty(name) }
        };
        Self {
            scheme,
            access_key_id: member("Credential").or_else(|| param("AccessKeyId")),
            method: authorization.map(|_| method).or_else(|| param("SignatureMethod")),
            version: param("SignatureVersion"),
            signature: member("Signature").or_else(|| param("Signature")),
            signed_headers: member("SignedHeaders").unwrap_or_default(),
            nonce: either("SignatureNonce", "x-acs-signature-nonce"),
            timestamp: either("Timestamp", "x-acs-date"),
            content_hash: authorization
                .and_then(|_| header("x-acs-content-sha256").or_else(|| header("x-acs-content-sm3"))),
            security_token: either("SecurityToken", "x-acs-security-token"),
            bearer_token: params.non_empty("BearerToken").or_else(|| header("x-acs-bearer-token")),
            signature_type: param("SignatureType"),
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

/// The value of a header as text; `None` if it is absent, empty or not ASCII.
pub(crate) fn text<'r>(headers: &'r HeaderMap, name: &str) -> Option<&'r str> {
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
        let params = Params::default();
        let claims = Claims::read(&headers, &params);
        assert_eq!(
            (claims.scheme, claims.access_key_id, claims.signature),
            (Scheme::V3, Some("AK"), Some("ab"))
        );
        assert_eq!(claims.signed_headers, "host;x-acs-date");
    }

    #[test]
    fn other_algorithms_and_bare_headers_are_v1() {
        let headers = headers(&[("authorization", "HMAC-SHA256 Credential=AK"), ("x-acs-action", "A")]);
        let params = Params::default();
        let claims = Claims::read(&headers, &params);
        assert_eq!(claims.scheme, Scheme::V1);
        assert_eq!(claims.check_presence().unwrap_err().code, "MissingAccessKeyId");
    }
}
