//! The algorithms of signatures: names, and hash functions.

use std::ops::Deref;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use ring::digest;
use sha1::Sha1;
use sm3::{Digest, Sm3};

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

    pub fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::Acs3HmacSha256 => "ACS3-HMAC-SHA256",
            Self::Acs3HmacSm3 => "ACS3-HMAC-SM3",
        }
    }

    /// The header with the hash of the body; V1 has none.
    pub fn hash_header(self) -> Option<&'static str> {
        match self {
            Self::HmacSha1 | Self::HmacSha256 => None,
            Self::Acs3HmacSha256 => Some("x-acs-content-sha256"),
            Self::Acs3HmacSm3 => Some("x-acs-content-sm3"),
        }
    }

    /// The hash of a body in hex. Most calls have no body.
    pub fn body_hash(self, body: &[u8]) -> HashText {
        static SHA256_OF_NOTHING: LazyLock<HashText> =
            LazyLock::new(|| Algorithm::Acs3HmacSha256.hash(b"").hex());
        match self {
            Self::Acs3HmacSha256 if body.is_empty() => *SHA256_OF_NOTHING,
            _ => self.hash(body).hex(),
        }
    }

    /// SHA-256 is ring's, which is fast also without SHA instructions; the others are those of `RustCrypto`.
    pub fn hash(self, message: &[u8]) -> HashValue {
        match self {
            Self::HmacSha1 => HashValue::of(&Sha1::digest(message)),
            Self::HmacSha256 | Self::Acs3HmacSha256 => {
                HashValue::of(digest::digest(&digest::SHA256, message).as_ref())
            }
            Self::Acs3HmacSm3 => HashValue::of(&Sm3::digest(message)),
        }
    }
}

/// The result of a hash function, with or without a key. Each call makes several, so they are not allocated.
#[derive(Clone, Copy)]
pub struct HashValue {
    bytes: [u8; Self::MOST],
    length: usize,
}

impl HashValue {
    /// SHA-256 and SM3 have the longest results.
    const MOST: usize = 32;

    pub(super) fn of(result: &[u8]) -> Self {
        let (mut bytes, length) = ([0; Self::MOST], result.len().min(Self::MOST));
        bytes[..length].copy_from_slice(&result[..length]);
        Self { bytes, length }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub fn hex(&self) -> HashText {
        let mut text = HashText { bytes: [0; _], length: 2 * self.length };
        // Cannot panic: the text is twice as long.
        HEXLOWER.encode_mut(self.as_bytes(), &mut text.bytes[..text.length]);
        text
    }

    pub fn base64(&self) -> HashText {
        let mut text = HashText { bytes: [0; _], length: 0 };
        // Cannot fail: 44 bytes are the most.
        text.length = STANDARD.encode_slice(self.as_bytes(), &mut text.bytes).unwrap_or_default();
        text
    }
}

/// A hash in ASCII.
#[derive(Clone, Copy)]
pub struct HashText {
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
