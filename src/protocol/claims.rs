//! What a request claims about who sent it: scheme, key, signature, time, nonce, token. Nothing here is verified.

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

/// The claims, by the names that V1 gives them. What is absent or empty is `None`.
#[derive(Clone)]
pub struct Claims<'r> {
    /// How they were made.
    pub scheme: Scheme,
    /// `AccessKeyId`; in V3 the `Credential` member.
    pub access_key_id: Option<&'r str>,
    /// `SignatureMethod`; in V3 the scheme of `Authorization`.
    pub method: Option<&'r str>,
    /// `SignatureVersion`; V3 has none.
    pub version: Option<&'r str>,
    /// `Signature`.
    pub signature: Option<&'r str>,
    /// The `SignedHeaders` member of V3.
    pub signed_headers: &'r str,
    /// `SignatureNonce` or `x-acs-signature-nonce`.
    pub nonce: Option<&'r str>,
    /// `Timestamp` or `x-acs-date`.
    pub timestamp: Option<&'r str>,
    /// The hash of the body in V3's headers.
    pub content_hash: Option<&'r str>,
    /// `SecurityToken` or `x-acs-security-token`.
    pub security_token: Option<&'r str>,
    /// `BearerToken` or `x-acs-bearer-token`.
    pub bearer_token: Option<&'r str>,
    /// `SignatureType` of V1; the legacy SDKs send it empty.
    pub signature_type: Option<&'r str>,
}

impl<'r> Claims<'r> {
    /// Reads them. The scheme is chosen by `Authorization`, not by the presence of `x-acs-*` headers, because SDKs
    /// send those with V1 requests too (spec/protocol.md §0.2).
    pub fn read(headers: &'r HeaderMap, params: &'r Params) -> Self {
        let header = |name: &str| text(headers, name);
        let bearer_token = params.filled("BearerToken").or_else(|| header("x-acs-bearer-token"));
        if let Some(authorization) = header("authorization").filter(|value| value.starts_with("ACS3-")) {
            let (method, members) = authorization.split_once(' ').unwrap_or((authorization, ""));
            let member = |name: &str| {
                // In any order: the legacy Java SDK puts the signature second (spec/protocol.md §2.1).
                let member = members.split(',').map(str::trim).filter_map(|member| member.split_once('='));
                member
                    .into_iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| value)
                    .filter(|v| !v.is_empty())
            };
            return Self {
                scheme: Scheme::V3,
                access_key_id: member("Credential"),
                method: Some(method),
                version: None,
                signature: member("Signature"),
                signed_headers: member("SignedHeaders").unwrap_or_default(),
                nonce: header("x-acs-signature-nonce"),
                timestamp: header("x-acs-date"),
                content_hash: header("x-acs-content-sha256").or_else(|| header("x-acs-content-sm3")),
                security_token: header("x-acs-security-token"),
                bearer_token,
                signature_type: None,
            };
        }
        let is_bearer =
            params.get("SignatureType") == Some("BEARERTOKEN") || header("x-acs-bearer-token").is_some();
        Self {
            scheme: if is_bearer { Scheme::Bearer } else { Scheme::V1 },
            access_key_id: params.filled("AccessKeyId"),
            method: params.filled("SignatureMethod"),
            version: params.filled("SignatureVersion"),
            signature: params.filled("Signature"),
            signed_headers: "",
            nonce: params.filled("SignatureNonce"),
            timestamp: params.filled("Timestamp"),
            content_hash: None,
            security_token: params.filled("SecurityToken"),
            bearer_token,
            signature_type: params.filled("SignatureType"),
        }
    }

    /// The first claim that is demanded and absent. The order is ours (spec/protocol.md §4.3, step 4).
    pub fn check_presence(&self) -> Result<(), ApiError> {
        let demanded: &[(&str, Option<&str>)] = match self.scheme {
            Scheme::Bearer => &[("BearerToken", self.bearer_token)],
            Scheme::V1 => &[
                ("AccessKeyId", self.access_key_id),
                ("Signature", self.signature),
                ("SignatureMethod", self.method),
                ("SignatureVersion", self.version),
                ("SignatureNonce", self.nonce),
                ("Timestamp", self.timestamp),
            ],
            Scheme::V3 => &[
                ("AccessKeyId", self.access_key_id),
                ("Signature", self.signature),
                ("SignatureNonce", self.nonce),
                ("Timestamp", self.timestamp),
                ("ContentSha256", self.content_hash),
            ],
        };
        match demanded.iter().find(|(_, value)| value.is_none()) {
            Some((name, _)) => Err(ApiError::missing(name)),
            None => Ok(()),
        }
    }
}

/// The value of a header as text, unless it is absent, empty or not ASCII.
pub fn text<'r>(headers: &'r HeaderMap, name: &str) -> Option<&'r str> {
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
