//! The AccessKeys that exist: their secrets, tokens and RAM policies.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::lifecycles::Lifecycles;
use super::permission::Policy;
use super::secret::Secret;
use super::unmodelled::Unmodelled;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    pub secret: Secret,
    /// The token that must accompany a temporary key.
    pub token: Option<Secret>,
    /// When the token expires, by the gateway clock.
    pub expires: Option<Timestamp>,
    pub active: bool,
    pub policy: Policy,
    /// What becomes of its calls of operations that are not modelled, if that is not as for others.
    pub unmodelled: Option<Unmodelled>,
    /// How the tasks of its account behave, if that is not as for others.
    pub lifecycles: Option<Arc<Lifecycles>>,
}

impl AccessKey {
    /// An enabled key without a token and with all permissions.
    pub fn new(secret: Secret) -> Self {
        let policy = Policy::default();
        Self { secret, token: None, expires: None, active: true, policy, unmodelled: None, lifecycles: None }
    }
}

/// AccessKeyIds are short and of letters, digits and a few signs; anything else cannot be one.
pub(crate) fn is_possible_id(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

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

    pub fn listed_ids(&self) -> impl Iterator<Item = &str> {
        self.listed.keys().map(String::as_str)
    }

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
    pub key: &'a AccessKey,
    /// Whether it is listed under its own id.
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
