//! Who calls: an AccessKey of its own, or a role that another one has assumed.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::temporary_keys::TemporaryKey;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Named by its AccessKeyId, and so is the account that it calls as.
    Key(String),
    Role(Arc<TemporaryKey>),
}

impl Principal {
    /// The account whose data it sees.
    pub fn account(&self) -> &str {
        match self {
            Self::Key(id) => id,
            Self::Role(key) => &key.account,
        }
    }

    /// The AccessKeyId that it signs with.
    pub fn key_id(&self) -> &str {
        match self {
            Self::Key(id) => id,
            Self::Role(key) => &key.id,
        }
    }

    /// The AccessKeyId whose policy holds: a role has that of the key that assumed it.
    pub fn owner(&self) -> &str {
        match self {
            Self::Key(id) => id,
            Self::Role(key) => &key.assumed_by,
        }
    }

    pub fn role(&self) -> Option<&TemporaryKey> {
        match self {
            Self::Key(_) => None,
            Self::Role(key) => Some(key),
        }
    }

    /// Whether it is a role; a key that is listed in a scenario is one by its prefix.
    pub fn is_role(&self) -> bool {
        self.key_id().starts_with(TemporaryKey::PREFIX)
    }

    /// The number of its cloud account.
    pub fn account_number(&self) -> String {
        match self {
            Self::Key(id) => account_number(id),
            Self::Role(key) => key.account_number.clone(),
        }
    }
}

/// The number of the cloud account that an AccessKeyId belongs to. All accounts have data of their own here, so each has
/// another number. It is invented and never changes.
pub(crate) fn account_number(id: &str) -> String {
    sixteen_digits("account", id)
}

/// Whether an account is named by the number of a cloud account: one whose role was assumed.
pub(crate) fn is_account_number(id: &str) -> bool {
    (12..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// The invented number of a user or a role: 18 digits, as real ones.
pub(crate) fn principal_number(account_number: &str, name: &str) -> String {
    let more = sixteen_digits("principal", &format!("{account_number}/{name}"));
    format!("2{}0", &more)
}

fn sixteen_digits(kind: &str, name: &str) -> String {
    const LEAST: u64 = 1_000_000_000_000_000;
    let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(name).finalize();
    let number = digest[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    (LEAST + number % LEAST).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_long_and_each_name_has_its_own() {
        let numbers = ["a", "b", "test"].map(account_number);
        assert!(numbers.iter().all(|number| number.len() == 16));
        assert!(numbers[0] != numbers[1] && numbers[1] != numbers[2]);
        assert_eq!(account_number("a"), numbers[0]);
        assert_eq!(principal_number(&numbers[0], "x").len(), 18);
    }
}
