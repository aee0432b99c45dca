//! Signatures of calls in both schemes: made, and verified.

mod signer;
pub(crate) mod v1;
pub(crate) mod v3;

pub use self::signer::{Signed, Signer, Unsigned};
use std::ops::Deref;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use ring::{digest, hmac as ring_hmac};
use sha1::Sha1;
use sm3::{Digest, Sm3};
use smallvec::SmallVec;
use subtle::ConstantTimeEq;

use super::call::Call;
use super::claims::Scheme;
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

    fn mac(self, key: &[u8], message: &[u8]) -> HashValue {
        match self {
            Self::HmacSha1 => keyed::<Hmac<Sha1>>(key, message),
            Self::HmacSha256 | Self::Acs3HmacSha256 => HashValue::of(
                ring_hmac::sign(&ring_hmac::Key::new(ring_hmac::HMAC_SHA256, key), message).as_ref(),
            ),
            Self::Acs3HmacSm3 => keyed::<Hmac<Sm3>>(key, message),
        }
    }

    /// The hash of a body in hex. Most calls have no body.
    fn body_hash(self, body: &[u8]) -> HashText {
        static SHA256_OF_NOTHING: LazyLock<HashText> =
            LazyLock::new(|| Algorithm::Acs3HmacSha256.hash(b"").hex());
        match self {
            Self::Acs3HmacSha256 if body.is_empty() => *SHA256_OF_NOTHING,
            _ => self.hash(body).hex(),
        }
    }

    /// SHA-256 is ring's, which is fast also without SHA instructions; the others are those of `RustCrypto`.
    fn hash(self, message: &[u8]) -> HashValue {
        match self {
            Self::HmacSha1 => HashValue::of(&Sha1::digest(message)),
            Self::HmacSha256 | Self::Acs3HmacSha256 => {
                HashValue::of(digest::digest(&digest::SHA256, message).as_ref())
            }
            Self::Acs3HmacSm3 => HashValue::of(&Sm3::digest(message)),
        }
    }
}

fn keyed<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> HashValue {
    // An HMAC takes keys of any length; the fallback is a signature that matches nothing.
    M::new_from_slice(key).map_or_else(
        |_| HashValue::of(&[]),
        |mac| HashValue::of(&mac.chain_update(message).finalize().into_bytes()),
    )
}

/// The result of a hash function, with or without a key. Each call makes several, so they are not allocated.
#[derive(Clone, Copy)]
struct HashValue {
    bytes: [u8; Self::MOST],
    length: usize,
}

impl HashValue {
    /// SHA-256 and SM3 have the longest results.
    const MOST: usize = 32;

    fn of(result: &[u8]) -> Self {
        let (mut bytes, length) = ([0; Self::MOST], result.len().min(Self::MOST));
        bytes[..length].copy_from_slice(&result[..length]);
        Self { bytes, length }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn hex(&self) -> HashText {
        let mut text = HashText { bytes: [0; _], length: 2 * self.length };
        // Cannot fail: the text is twice as long.
        let _ = const_hex::encode_to_slice(self.as_bytes(), &mut text.bytes[..text.length]);
        text
    }

    fn base64(&self) -> HashText {
        let mut text = HashText { bytes: [0; _], length: 0 };
        // Cannot fail: 44 bytes are the most.
        text.length = STANDARD.encode_slice(self.as_bytes(), &mut text.bytes).unwrap_or_default();
        text
    }
}

/// A hash in ASCII.
#[derive(Clone, Copy)]
struct HashText {
    bytes: [u8; 2 * HashValue::MOST],
    length: usize,
}

impl Deref for HashText {
    type Target = str;

    fn deref(&self) -> &str {
        // Cannot fail: it is ASCII.
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
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

/// The pairs in signing order: by name, in code-point order (which is byte order in UTF-8).
fn sorted<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> SmallVec<[(&'a str, &'a str); 16]> {
    let mut pairs: SmallVec<_> = pairs.collect();
    pairs.sort_unstable();
    pairs
}

/// Room for these pairs, for what stands around them, and for some encoding.
fn estimate(pairs: &[(&str, &str)]) -> usize {
    pairs.iter().map(|(name, value)| name.len() + value.len() + 8).sum::<usize>()
}
