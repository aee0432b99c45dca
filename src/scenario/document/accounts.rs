//! `accounts:` and `unknown_access_keys:`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::lifecycles::LifecycleKey;
use super::values::TypeName;
use super::{REST, values};
use crate::domain::keyring::is_possible_id;
use crate::domain::permission::Policy;
use crate::domain::unmodelled::Unmodelled;
use crate::domain::world::Lifecycles;
use crate::domain::{AccessKey, Keyring, Secret};
use crate::operations::names;

/// The keys that are listed; `"*"` stands for all others.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "Vec<AccountKeys>"))]
#[serde(try_from = "Vec<AccountKeys>")]
pub(super) struct Accounts {
    listed: BTreeMap<String, AccessKey>,
    others: Option<AccessKey>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "an account such as { access_key_id: test }")]
struct AccountKeys {
    /// Letters, digits, `-`, `_`, `.`; or `"*"` for every AccessKeyId that is not listed.
    #[cfg_attr(test, schemars(regex(pattern = r"^(\*|[A-Za-z0-9._-]+)$")))]
    access_key_id: String,
    /// What its calls are signed with.
    #[serde(default, deserialize_with = "values::secret")]
    #[cfg_attr(test, schemars(with = "Option<String>", length(min = 1)))]
    access_key_secret: Option<Secret>,
    /// The token that STS calls must carry.
    #[serde(default, deserialize_with = "values::secret")]
    #[cfg_attr(test, schemars(with = "Option<String>", length(min = 1)))]
    security_token: Option<Secret>,
    /// When the token runs out, by the gateway clock.
    #[serde(default, deserialize_with = "values::time")]
    #[cfg_attr(test, schemars(with = "Option<crate::text::schema::Time>"))]
    expires: Option<Timestamp>,
    /// Whether calls are refused with `InvalidAccessKeyId.Inactive`.
    #[serde(default)]
    disabled: bool,
    /// RAM actions refused with 403 `NoPermission`; `*` and `?` are wild, both prefixes are the same.
    #[serde(default)]
    deny: Vec<String>,
    /// If given, all RAM actions that are not refused.
    allow: Option<Vec<String>>,
    /// What becomes of its calls of operations that are not modelled; as for all others if left out.
    unmodelled: Option<Unmodelled>,
    /// How its tasks behave, by `TaskType`; laid over the `lifecycles:` of the scenario.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::schema::lifecycles"))]
    lifecycles: BTreeMap<TypeName, LifecycleKey>,
}

fn usual_secret() -> Secret {
    Secret::new("test")
}

/// What becomes of AccessKeyIds that are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum UnknownAccessKeys {
    /// They exist, with the secret `test`.
    Accept,
    /// `InvalidAccessKeyId.NotFound`.
    Reject,
}

impl TryFrom<Vec<AccountKeys>> for Accounts {
    type Error = String;

    fn try_from(all: Vec<AccountKeys>) -> Result<Self, Self::Error> {
        let mut accounts = Self::default();
        for (index, keys) in all.into_iter().enumerate() {
            let id = keys.access_key_id;
            // A secret may stand in the place of an id: messages count the entries.
            if id != REST && !is_possible_id(&id) {
                let expected = r#"letters, digits, '-', '_', '.', or "*""#;
                return Err(format!("the access_key_id of entry {} is none; expected {expected}", index + 1));
            }
            let key = AccessKey {
                secret: keys.access_key_secret.unwrap_or_else(usual_secret),
                token: keys.security_token,
                expires: keys.expires,
                active: !keys.disabled,
                policy: Policy { deny: keys.deny, allow: keys.allow },
                unmodelled: keys.unmodelled,
                lifecycles: Some(keys.lifecycles)
                    .filter(|own| !own.is_empty())
                    .map(|own| super::lifecycles(own).into()),
            };
            for action in key.policy.deny.iter().chain(key.policy.allow.iter().flatten()) {
                names::check_ram_action(action)?;
            }
            let earlier = match id.as_str() {
                REST => accounts.others.replace(key),
                _ => accounts.listed.insert(id, key),
            };
            if earlier.is_some() {
                return Err(format!("entry {} repeats an access_key_id", index + 1));
            }
        }
        Ok(accounts)
    }
}

impl Accounts {
    /// With those of a later document, which replace others of their AccessKeyId.
    pub(super) fn then(mut self, later: Self) -> Self {
        self.listed.extend(later.listed);
        Self { listed: self.listed, others: later.others.or(self.others) }
    }

    /// A list is complete, unless it has an entry for the others or it is said what becomes of them.
    pub(super) fn keyring(mut self, unknown: Option<UnknownAccessKeys>, lifecycles: &Lifecycles) -> Keyring {
        for key in self.listed.values_mut().chain(&mut self.others) {
            key.lifecycles = key.lifecycles.take().map(|own| own.over(lifecycles).into());
        }
        let accepts = match unknown {
            Some(unknown) => unknown == UnknownAccessKeys::Accept,
            None => self.listed.is_empty() || self.others.is_some(),
        };
        let others = accepts.then(|| self.others.unwrap_or_else(|| AccessKey::new(usual_secret())));
        Keyring::new(self.listed, others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knows_strangers(accounts: &str, unknown: Option<UnknownAccessKeys>) -> bool {
        let accounts: Accounts = serde_json::from_str(accounts).unwrap();
        accounts.keyring(unknown, &Lifecycles::default()).find("stranger").is_some()
    }

    #[test]
    fn a_list_is_complete_unless_it_says_otherwise() {
        let (one, rest) = (r#"[{"access_key_id":"a"}]"#, r#"[{"access_key_id":"*"}]"#);
        assert!(knows_strangers("[]", None) && knows_strangers(rest, None) && !knows_strangers(one, None));
        assert!(knows_strangers(one, Some(UnknownAccessKeys::Accept)));
        assert!(!knows_strangers("[]", Some(UnknownAccessKeys::Reject)));
    }
}
