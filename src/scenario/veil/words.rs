//! Which words of a scenario are known, and what they say of the text around them.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

use crate::domain::Product;
use crate::operations;
use crate::text::similar::{misspelt, nearest};

const ACCOUNTS: &str = "accounts";
/// Nothing longer is compared with keys.
const LONGEST_KEY: usize = 60;

/// The keys of the language, from its schema.
struct Keys {
    document: Vec<String>,
    account: Vec<String>,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(crate::scenario::published::COMMITTED).unwrap_or_default();
    let keys = |pointer: &str| {
        let members = schema.pointer(pointer).and_then(Value::as_object);
        members.into_iter().flat_map(|members| members.keys().cloned()).collect()
    };
    Keys { document: keys("/properties"), account: keys("/$defs/AccountKeys/properties") }
});

/// What a key says of the part under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    /// It is shown: the key is one of a scenario, perhaps misspelt, but not accounts.
    pub(super) is_shown: bool,
    /// It is hidden, wherever the key stands.
    pub(super) is_account: bool,
}

/// Verdicts that were given before: each compares a word with all keys.
#[derive(Debug, Default)]
pub(super) struct Verdicts(HashMap<String, Verdict>);

impl Verdicts {
    pub(super) fn of(&mut self, word: &str) -> Verdict {
        if let Some(verdict) = self.0.get(word) {
            return *verdict;
        }
        let verdict = Verdict { is_shown: is_shown_key(word), is_account: is_account_key(word) };
        self.0.insert(word.to_owned(), verdict);
        verdict
    }
}

fn is_shown_key(word: &str) -> bool {
    if word.len() > LONGEST_KEY {
        return false;
    }
    let document = KEYS.document.iter().map(String::as_str);
    let meant = document.clone().find(|key| *key == word).or_else(|| {
        let slip = slip(word, document)?;
        // Of two letters in a short word, too little is left to tell what was meant.
        let is_near = word.len() >= 8 || strsim::damerau_levenshtein(word, slip) == 1;
        is_near.then_some(slip)
    });
    meant.is_some_and(|key| key != ACCOUNTS)
}

/// The key that is misspelt here; one of another length is not compared.
fn slip<'k>(word: &str, keys: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let length = word.chars().count();
    misspelt(word, keys.into_iter().filter(|key| key.len().abs_diff(length) <= 2))
}

fn is_account_key(word: &str) -> bool {
    let word: String = word.chars().take(LONGEST_KEY).collect();
    let word = word.to_lowercase().replace('-', "_");
    let is_token = word.contains("token") && !["nexttoken", "clienttoken"].contains(&word.as_str());
    let own = || KEYS.account.iter().map(String::as_str);
    let is_accounts = word == ACCOUNTS || (word != "account" && slip(&word, [ACCOUNTS]).is_some());
    is_token
        || is_accounts
        || ["secret", "passw"].iter().any(|part| word.contains(part))
        || own().any(|key| key == word)
        || nearest(&word, own().filter(|key| key.len() > 10)).is_some()
}

/// Whether this is `account: [` or `account: {`, which stands nowhere in the language.
pub(super) fn is_account_list(word: &str, rest: &[char]) -> bool {
    let value = rest
        .iter()
        .take(LONGEST_KEY)
        .find(|sign| !is_space(**sign) && !is_quote(**sign) && ![':', '='].contains(*sign));
    word.eq_ignore_ascii_case("account") && value.is_some_and(|sign| ['[', '{'].contains(sign))
}

/// Whether a word may be shown in a hidden part: one of the language, of the service, or an id that is clearly one.
pub(in crate::scenario) fn is_harmless(word: &str) -> bool {
    let is_id = word.strip_prefix("LTAI").is_some_and(|rest| {
        (8..=24).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    is_id
        || ["-", "*", "true", "false", "null", "test"].contains(&word)
        || Product::SAS.ram_prefixes.contains(&word)
        || KEYS.document.iter().chain(&KEYS.account).any(|key| key == word)
        || operations::is_known(word)
}

pub(super) fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || ['_', '-', '.'].contains(&sign)
}

/// Keys are written so; a secret hardly ever is.
pub(super) fn looks_like_a_key(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

pub(super) fn is_space(sign: char) -> bool {
    [' ', '\t', '\u{feff}'].contains(&sign)
}

pub(super) fn is_quote(sign: char) -> bool {
    ['"', '\''].contains(&sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_of_the_schema() {
        assert!(KEYS.document.len() >= 16 && KEYS.account.len() >= 7);
        assert!(["version", "expect", "lifecycle", "unknown_access_keys"].into_iter().all(is_shown_key));
        assert!(!["accounts", "acounts", "account", "keys", "pass", "colour"].into_iter().any(is_shown_key));
    }
}
