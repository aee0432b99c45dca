//! Secrets: keys that sign, tokens, and the token of the control API.

use std::fmt;
use std::sync::OnceLock;

use hmac::{Hmac, KeyInit, Mac};
use ring::hmac as ring_hmac;
use sha1::Sha1;
use sm3::Sm3;

use super::algorithm::{Algorithm, HashValue};

/// An AccessKey secret, a security token or a control token, never printed: its `Debug` is a placeholder and it cannot be
/// serialised.
#[derive(Clone)]
pub struct Secret {
    text: String,
    /// Key schedules, by the place of the algorithm in [`Algorithm::ALL`]. Each is made when the secret first signs with that
    /// algorithm.
    schedules: [OnceLock<Option<Box<Schedule>>>; Algorithm::ALL.len()],
}

/// A key for an HMAC, of which the first blocks are hashed already.
#[derive(Clone)]
enum Schedule {
    Sha1(Hmac<Sha1>),
    Sha256(ring_hmac::Key),
    Sm3(Hmac<Sm3>),
}

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), schedules: <[OnceLock<_>; _]>::default() }
    }

    /// The text itself, to sign or compare with. Never pass it to a log, a message or a format string.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The signature of a text. V1 signs with the secret and `&` (spec/protocol.md §1.3), V3 with the secret (§2.3).
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> HashValue {
        let schedule = self.schedules[algorithm as usize].get_or_init(|| {
            let is_v1 = algorithm.hash_header().is_none();
            let key = [self.expose(), if is_v1 { "&" } else { "" }].concat();
            Schedule::new(algorithm, key.as_bytes()).map(Box::new)
        });
        match schedule.as_deref() {
            Some(Schedule::Sha1(mac)) => keyed(mac, message),
            Some(Schedule::Sha256(key)) => HashValue::of(ring_hmac::sign(key, message).as_ref()),
            Some(Schedule::Sm3(mac)) => keyed(mac, message),
            // Cannot be: an HMAC takes keys of any length. It would be a signature that matches nothing.
            None => HashValue::of(&[]),
        }
    }
}

impl Schedule {
    fn new(algorithm: Algorithm, key: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::HmacSha1 => Hmac::new_from_slice(key).ok().map(Self::Sha1),
            Algorithm::HmacSha256 | Algorithm::Acs3HmacSha256 => {
                Some(Self::Sha256(ring_hmac::Key::new(ring_hmac::HMAC_SHA256, key)))
            }
            Algorithm::Acs3HmacSm3 => Hmac::new_from_slice(key).ok().map(Self::Sm3),
        }
    }
}

fn keyed(mac: &(impl Mac + Clone), message: &[u8]) -> HashValue {
    HashValue::of(&mac.clone().chain_update(message).finalize().into_bytes())
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_signs_alike_each_time_and_with_each_algorithm_otherwise() {
        let secret = Secret::new("s3cret");
        let signed = |secret: &Secret| {
            Algorithm::ALL.map(|algorithm| secret.sign(algorithm, b"text").hex().to_string())
        };
        let fresh =
            Algorithm::ALL.map(|algorithm| Secret::new("s3cret").sign(algorithm, b"text").hex().to_string());
        assert_eq!((&signed(&secret), &signed(&secret)), (&fresh, &fresh));
        let different: std::collections::HashSet<_> = fresh.iter().collect();
        assert_eq!(different.len(), Algorithm::ALL.len(), "V1 signs with another key than V3");
    }

    #[test]
    fn debug_hides_the_secret() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(***)");
    }
}
