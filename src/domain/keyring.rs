//! The AccessKeys that exist: their secrets, tokens and what RAM lets them do.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::permission::Policy;
use super::secret::Secret;

/// One AccessKey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// What its requests are signed with.
    pub secret: Secret,
    /// For a temporary key: the token that must accompany it.
    pub token: Option<Secret>,
    /// When the token runs out, by the gateway clock.
    pub expires: Option<Timestamp>,
    /// Whether the key is enabled.
    pub active: bool,
    /// What RAM lets it do.
    pub policy: Policy,
}

impl AccessKey {
    /// An enabled key without a token that may do everything.
    pub fn new(secret: Secret) -> Self {
        Self { secret, token: None, expires: None, active: true, policy: Policy::default() }
    }
}

/// AccessKeyIds are short and of letters, digits and a few signs; anything else cannot be one.
pub fn is_possible_id(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// The keys listed, and what becomes of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyring {
    listed: BTreeMap<String, AccessKey>,
    others: Option<AccessKey>,
}

impl Keyring {
    /// The listed keys; any other AccessKeyId is treated like `others`, or unknown if there is none.
    pub fn new(listed: BTreeMap<String, AccessKey>, others: Option<AccessKey>) -> Self {
        Self { listed, others }
    }

    /// The ids of the listed keys.
    pub fn listed_ids(&self) -> impl Iterator<Item = &str> {
        self.listed.keys().map(String::as_str)
    }

    /// The key of that id.
    pub fn find(&self, id: &str) -> Option<Found<'_>> {
        match self.listed.get(id) {
            Some(key) => Some(Found { key, listed: true }),
            None => self.others.as_ref().map(|key| Found { key, listed: false }),
        }
    }
}

impl Default for Keyring {
    /// Every AccessKeyId exists, with the secret `test`.
    fn default() -> Self {
        Self::new(BTreeMap::new(), Some(AccessKey::new(Secret::new("test"))))
    }
}

/// A key and how it was found.
#[derive(Debug)]
pub struct Found<'a> {
    /// The key.
    pub key: &'a AccessKey,
    /// Whether it stands in the list by its own name.
    pub listed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_list_every_id_has_the_secret_test() {
        assert_eq!(Keyring::default().find("anyone").unwrap().key.secret.expose(), "test");
        assert!(Keyring::new(BTreeMap::new(), None).find("anyone").is_none());
    }
}
