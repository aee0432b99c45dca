//! What the signature of a call must be, by either scheme, and whether it is.

pub mod v1;
pub mod v3;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use sm3::{Digest, Sm3};
use subtle::ConstantTimeEq;

use super::call::Call;
use super::claims::Scheme;
use super::percent;
use crate::domain::{ApiError, Code, Secret};

/// The keyed hashes that either scheme uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// V1's usual one.
    HmacSha1,
    /// V3's usual one.
    HmacSha256,
    /// V3's other one.
    HmacSm3,
}

impl Algorithm {
    /// The algorithm that a call claims; `None` if its scheme has none of that name. RSA is not among them: key pairs
    /// are for STS calls only.
    pub fn of(call: &Call<'_>) -> Option<Self> {
        let name = call.claims.method?;
        match call.claims.scheme {
            // The documents' samples spell it Hmac-SHA1 too (spec/protocol.md §1.1).
            Scheme::V1 if name.eq_ignore_ascii_case("HMAC-SHA1") => Some(Self::HmacSha1),
            Scheme::V1 if name.eq_ignore_ascii_case("HMAC-SHA256") => Some(Self::HmacSha256),
            Scheme::V3 if name == "ACS3-HMAC-SHA256" => Some(Self::HmacSha256),
            Scheme::V3 if name == "ACS3-HMAC-SM3" => Some(Self::HmacSm3),
            _ => None,
        }
    }

    /// The keyed hash of `message`.
    pub fn mac(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        match self {
            Self::HmacSha1 => keyed::<Hmac<Sha1>>(key, message),
            Self::HmacSha256 => keyed::<Hmac<Sha256>>(key, message),
            Self::HmacSm3 => keyed::<Hmac<Sm3>>(key, message),
        }
    }

    /// The plain hash of `message`, in hex.
    pub fn hash(self, message: &[u8]) -> String {
        match self {
            Self::HmacSha1 => hex::encode(Sha1::digest(message)),
            Self::HmacSha256 => hex::encode(Sha256::digest(message)),
            Self::HmacSm3 => hex::encode(Sm3::digest(message)),
        }
    }
}

fn keyed<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    // An HMAC takes keys of any length; the fallback is a signature that matches nothing.
    M::new_from_slice(key)
        .map_or_else(|_| Vec::new(), |mac| mac.chain_update(message).finalize().into_bytes().to_vec())
}

/// Whether the call was signed with `secret`; if not, the refusal shows what the server would have signed.
pub fn verify(call: &Call<'_>, secret: &Secret) -> Result<(), ApiError> {
    let algorithm = Algorithm::of(call).ok_or(Code::SIGNATURE_METHOD)?;
    match call.claims.scheme {
        Scheme::V1 => v1::verify(call, algorithm, secret),
        Scheme::V3 => v3::verify(call, algorithm, secret),
        Scheme::Bearer => Err(Code::SIGNATURE_TYPE.into()),
    }
}

/// Compares in a time that does not tell where they differ. As texts: decoding first would let several spellings of
/// one signature pass.
fn same(ours: &str, theirs: Option<&str>) -> bool {
    theirs.is_some_and(|theirs| ours.as_bytes().ct_eq(theirs.as_bytes()).into())
}

/// How names are spelled when signed: the documents say encoded; modern Python, TypeScript and Go leave V3's raw.
/// For the names real operations use it is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// As the documents say.
    Encoded,
    /// As those SDKs do.
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
