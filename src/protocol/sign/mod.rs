//! Signatures of calls in both schemes: made, and verified.

mod signer;
mod v1;
mod v3;

pub use self::signer::{Signed, Signer, Unsigned};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use sm3::{Digest, Sm3};
use subtle::ConstantTimeEq;

use super::call::Call;
use super::claims::Scheme;
use super::percent;
use crate::domain::{ApiError, Code, Secret};

/// What `SignatureMethod` of V1 or the first word of V3's `Authorization` names: a scheme and its keyed hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    HmacSha1,
    HmacSha256,
    Acs3HmacSha256,
    Acs3HmacSm3,
}

impl Algorithm {
    /// All there are. RSA is not among them: key pairs are for STS calls only.
    pub const ALL: [Self; 4] = [Self::HmacSha1, Self::HmacSha256, Self::Acs3HmacSha256, Self::Acs3HmacSm3];

    /// The algorithm that a call claims; `None` if its scheme has none of that name.
    pub fn of(call: &Call<'_>) -> Option<Self> {
        let name = call.claims.method?;
        let is_named = |algorithm: &Self| match call.claims.scheme {
            // The documents' samples spell it Hmac-SHA1 too (spec/protocol.md §1.1).
            Scheme::V1 => algorithm.hash_header().is_none() && name.eq_ignore_ascii_case(algorithm.name()),
            Scheme::V3 => algorithm.hash_header().is_some() && name == algorithm.name(),
            Scheme::Bearer => false,
        };
        Self::ALL.into_iter().find(is_named)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::Acs3HmacSha256 => "ACS3-HMAC-SHA256",
            Self::Acs3HmacSm3 => "ACS3-HMAC-SM3",
        }
    }

    /// The header with the hash of the body; V1 has none.
    fn hash_header(self) -> Option<&'static str> {
        match self {
            Self::HmacSha1 | Self::HmacSha256 => None,
            Self::Acs3HmacSha256 => Some("x-acs-content-sha256"),
            Self::Acs3HmacSm3 => Some("x-acs-content-sm3"),
        }
    }

    fn mac(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        match self {
            Self::HmacSha1 => keyed::<Hmac<Sha1>>(key, message),
            Self::HmacSha256 | Self::Acs3HmacSha256 => keyed::<Hmac<Sha256>>(key, message),
            Self::Acs3HmacSm3 => keyed::<Hmac<Sm3>>(key, message),
        }
    }

    fn hash(self, message: &[u8]) -> String {
        match self {
            Self::HmacSha1 => hex::encode(Sha1::digest(message)),
            Self::HmacSha256 | Self::Acs3HmacSha256 => hex::encode(Sha256::digest(message)),
            Self::Acs3HmacSm3 => hex::encode(Sm3::digest(message)),
        }
    }
}

fn keyed<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    // An HMAC takes keys of any length; the fallback is a signature that matches nothing.
    M::new_from_slice(key)
        .map_or_else(|_| Vec::new(), |mac| mac.chain_update(message).finalize().into_bytes().to_vec())
}

/// Checks that the call was signed with `secret`; the error shows what the server would have signed.
pub fn verify(call: &Call<'_>, secret: &Secret) -> Result<(), ApiError> {
    let algorithm = Algorithm::of(call).ok_or(Code::SIGNATURE_METHOD)?;
    match call.claims.scheme {
        Scheme::V1 => v1::verify(call, algorithm, secret),
        Scheme::V3 => v3::verify(call, algorithm, secret),
        Scheme::Bearer => Err(Code::SIGNATURE_TYPE.into()),
    }
}

/// Compares in constant time. As texts: decoding first would let several spellings of one signature pass.
fn same(ours: &str, theirs: Option<&str>) -> bool {
    theirs.is_some_and(|theirs| ours.as_bytes().ct_eq(theirs.as_bytes()).into())
}

/// How names are spelled when signed: the documents say encoded; modern Python, TypeScript and Go leave V3's raw.
/// For the names real operations use it is the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Names {
    #[default]
    Encoded,
    Raw,
}

/// `name=value` joined by `&`, in signing order: by name, in code-point order (which is byte order in UTF-8).
fn joined<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, names: Names) -> String {
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_unstable();
    let mut text = String::with_capacity(512);
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        match names {
            Names::Encoded => percent::push(&mut text, name),
            Names::Raw => text.push_str(name),
        }
        text.push('=');
        percent::push(&mut text, value);
    }
    text
}
