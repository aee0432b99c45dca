//! What a reply says about its call, in JSON and XML alike.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::{Builder, Uuid, Variant, Version};

use crate::domain::{ApiError, Fidelity, Secret};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Format {
    Json,
    Xml,
}

impl Format {
    /// Exactly these texts: modern SDKs compare the XML one with `==` and read anything else as JSON
    /// (spec/protocol.md §4.1).
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json;charset=utf-8",
            Self::Xml => "text/xml;charset=utf-8",
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    pub request_id: RequestId,
    pub trace_id: [u8; 16],
    /// The operation, after which the XML root is named.
    pub action: &'a str,
    /// The name of the product, for links about errors.
    pub product: &'a str,
    pub host: &'a str,
    /// Links lead the same way as the call came.
    pub is_over_tls: bool,
    pub format: Format,
    pub fidelity: Fidelity,
    pub links: LinkKey<'a>,
}

/// What a link carries in its query, because it needs no header: with it, a link cannot be guessed.
#[derive(Clone, Copy, Default)]
pub struct LinkKey<'a> {
    /// The control token, if one is demanded.
    pub token: Option<&'a Secret>,
    pub salt: [u8; 16],
}

impl LinkKey<'_> {
    /// The key of the link to a path, in hex.
    pub fn of(&self, path: &str) -> String {
        let token = self.token.map_or("", Secret::expose);
        // A key of any length is taken.
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(token.as_bytes()) else { return String::new() };
        let mac = mac.chain_update(b"sas-emulator link 1").chain_update(self.salt).chain_update(path);
        HEXLOWER.encode(&mac.finalize().into_bytes()[..16])
    }
}

impl fmt::Debug for LinkKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(***)")
    }
}

impl Envelope<'_> {
    /// A link to a path without a query, under the host name that the caller used: it may not know another one.
    pub(super) fn link(&self, path: &str) -> String {
        let scheme = if self.is_over_tls { "https" } else { "http" };
        format!("{scheme}://{}{path}?key={}", self.host, self.links.of(path))
    }
}

/// The `Recommend` member of an error; products are spelled as registered, to our best knowledge.
pub(super) fn recommend(error: &ApiError, envelope: &Envelope<'_>) -> String {
    if let Some(own) = &error.recommend {
        return own.to_string();
    }
    let (code, Envelope { product, request_id, .. }) = (&error.code, envelope);
    // The one code with a space is of Location.
    let code = code.replace(' ', "%20");
    format!("https://api.aliyun.com/troubleshoot?q={code}&product={product}&requestId={request_id}")
}

/// The id of one call: an upper-case UUID whose version digit is 5, as in every recorded reply since 2022
/// (spec/protocol.md §3.1). It stands in the body, in the `x-acs-request-id` header and in the log line alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(Uuid);

impl RequestId {
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::parse_str(text).ok().map(Self)
    }

    /// The text of an id: 36 bytes.
    pub fn write(self, text: &mut [u8; 36]) -> &str {
        self.0.hyphenated().encode_upper(text)
    }

    pub fn new(bytes: [u8; 16]) -> Self {
        let uuid = Builder::from_bytes(bytes).with_version(Version::Sha1).with_variant(Variant::RFC4122);
        Self(uuid.into_uuid())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.write(&mut [0; 36]))
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_version_five() {
        let id = RequestId::new([0xff; 16]);
        assert_eq!(id.to_string(), "FFFFFFFF-FFFF-5FFF-BFFF-FFFFFFFFFFFF");
        assert_eq!(RequestId::parse("ffffffff-ffff-5fff-bfff-ffffffffffff"), Some(id));
        assert_eq!(RequestId::parse("17"), None);
    }
}
