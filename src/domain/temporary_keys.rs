//! The temporary keys of a session: what `AssumeRole` gave out. No secret is kept: each follows from the seed and the key.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::{HEXLOWER, HEXUPPER};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::bounds::TEMPORARY_KEYS;
use super::keyring::{AccessKey, is_possible_id};
use super::permission::Policy;
use super::secret::Secret;

/// An AccessKey for a role, until it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemporaryKey {
    pub id: String,
    /// The AccessKeyId that assumed the role, be it through another role.
    pub assumed_by: String,
    /// The account whose data it sees.
    pub account: String,
    pub account_number: String,
    pub role: String,
    pub session_name: String,
    /// By the gateway clock.
    pub expires: Timestamp,
    /// What it may do of that which the key that assumed the role may do.
    #[serde(default, skip_serializing_if = "is_everything")]
    pub policy: Policy,
}

fn is_everything(policy: &Policy) -> bool {
    *policy == Policy::default()
}

impl TemporaryKey {
    /// How every temporary AccessKeyId begins.
    pub const PREFIX: &str = "STS.";
    /// How those begin that were given out here: one that is not known is from another session.
    const OWN_PREFIX: &str = "STS.Emulated";

    /// Names the key after a number that was drawn and after all else that it is: two keys of one name are one key.
    #[must_use]
    pub fn named(self, seed: u64, drawn: u128) -> Self {
        let name = self.derived(seed, "name", &drawn.to_be_bytes());
        Self { id: format!("{}{}", Self::OWN_PREFIX, HEXUPPER.encode(&name[..10])), ..self }
    }

    pub fn is_own_id(id: &str) -> bool {
        id.starts_with(Self::OWN_PREFIX)
    }

    /// The key with its secret and its token, as the one who assumed the role gets them.
    pub fn access_key(&self, seed: u64) -> AccessKey {
        let secret = HEXLOWER.encode(&self.derived(seed, "secret", &[])[..22]);
        // With `+`, `/` and `=`, as real ones: a client must encode them.
        let token: Vec<u8> = (0..4_u8).flat_map(|part| self.derived(seed, "token", &[part])).collect();
        let token = Some(Secret::new(format!("CAIS{}", STANDARD.encode(token))));
        AccessKey { token, expires: Some(self.expires), ..AccessKey::new(Secret::new(secret)) }
    }

    fn derived(&self, seed: u64, what: &str, more: &[u8]) -> [u8; 32] {
        // A key of any length is taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&seed.to_be_bytes()) else { return [0; 32] };
        let expires = self.expires.to_string();
        let Self { id, assumed_by, account, account_number, role, session_name, policy, .. } = self;
        let policy = format!("{policy:?}");
        for part in [
            "sas-emulator temporary key 1",
            what,
            id,
            assumed_by,
            account,
            account_number,
            role,
            session_name,
            &expires,
            &policy,
        ] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac.chain_update(more).finalize().into_bytes().into()
    }
}

/// The keys by their ids. Of too many, the one that expires first makes room.
#[derive(Debug, Default)]
pub(crate) struct TemporaryKeys {
    seed: u64,
    keys: HashMap<String, Arc<TemporaryKey>>,
    by_end: BTreeSet<(Timestamp, String)>,
}

impl TemporaryKeys {
    const LIMIT: usize = TEMPORARY_KEYS as usize;

    pub(crate) fn empty(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Those of a snapshot, for a session with that seed; or what is wrong with them.
    pub(crate) fn new(seed: u64, keys: Vec<TemporaryKey>) -> Result<Self, String> {
        let mut all = Self::empty(seed);
        for key in keys {
            let ids = [&key.id, &key.assumed_by, &key.account];
            if !ids.into_iter().all(|id| is_possible_id(id)) || !TemporaryKey::is_own_id(&key.id) {
                return Err("a temporary key has an id that none can have".to_owned());
            }
            all.insert(key);
        }
        Ok(all)
    }

    pub(crate) fn insert(&mut self, key: TemporaryKey) {
        while self.keys.len() >= Self::LIMIT && !self.keys.contains_key(&key.id) {
            let Some((_, id)) = self.by_end.pop_first() else { break };
            self.keys.remove(&id);
        }
        self.by_end.insert((key.expires, key.id.clone()));
        self.keys.insert(key.id.clone(), Arc::new(key));
    }

    pub(crate) fn find(&self, id: &str) -> Option<Arc<TemporaryKey>> {
        self.keys.get(id).cloned()
    }

    /// What the secrets of all keys follow from.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Drops those that an account gave out, and those that see its data.
    pub(crate) fn forget(&mut self, account: &str) {
        self.keys.retain(|_, key| key.assumed_by != account && key.account != account);
        self.by_end.retain(|(_, id)| self.keys.contains_key(id));
    }

    /// In the order in which they expire.
    pub(crate) fn all(&self) -> Vec<TemporaryKey> {
        self.by_end.iter().filter_map(|(_, id)| self.keys.get(id)).map(|key| (**key).clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::at;

    fn key(second: i64) -> TemporaryKey {
        let text = |text: &str| text.to_owned();
        let key = TemporaryKey {
            id: String::new(),
            assumed_by: text("test"),
            account: text("1"),
            account_number: text("1"),
            role: text("reader"),
            session_name: text("alice"),
            expires: at(second),
            policy: Policy::default(),
        };
        key.named(7, 1)
    }

    #[test]
    fn the_secret_and_the_token_follow_from_seed_and_key() {
        let secrets = |seed, key: TemporaryKey| {
            let AccessKey { secret, token, .. } = key.access_key(seed);
            (secret.expose().to_owned(), token.unwrap().expose().to_owned())
        };
        let (secret, token) = secrets(7, key(1));
        assert_eq!(secrets(7, key(1)), (secret.clone(), token.clone()));
        for (seed, key) in [(8, key(1)), (7, key(2)), (7, TemporaryKey { role: "other".into(), ..key(1) })] {
            let (other_secret, other_token) = secrets(seed, key);
            assert!(other_secret != secret && other_token != token);
        }
        assert!(!format!("{:?} {:?}", key(1), key(1).access_key(7)).contains(&secret));
    }

    #[test]
    fn the_one_that_expires_first_makes_room() {
        let mut keys = TemporaryKeys::empty(7);
        for second in (0..=i64::from(TEMPORARY_KEYS)).rev() {
            keys.insert(key(second));
        }
        assert_eq!((keys.keys.len(), keys.by_end.len()), (TemporaryKeys::LIMIT, TemporaryKeys::LIMIT));
        assert!(keys.find(&key(1).id).is_none() && keys.find(&key(2).id).is_some());
        assert!(keys.find(&key(0).id).is_some(), "it came last");
        keys.insert(key(9));
        assert_eq!(keys.keys.len(), TemporaryKeys::LIMIT, "it is one of them");
        keys.forget("1");
        assert!(keys.all().is_empty() && keys.by_end.is_empty());
    }

    #[test]
    fn ids_of_a_snapshot_are_checked() {
        assert!(TemporaryKeys::new(7, vec![key(1), key(2)]).is_ok());
        for broken in
            [TemporaryKey { id: "test".into(), ..key(1) }, TemporaryKey { account: "a b".into(), ..key(1) }]
        {
            assert!(TemporaryKeys::new(7, vec![broken]).is_err());
        }
    }
}
