//! Which parameters a journal may show: those of the operation, and never the value of one that holds a secret.
//!
//! What every V1 request carries besides them is in the headers of V3. Leaving it out makes calls of both schemes look alike.

use crate::protocol::headers::CommonParams;

pub(crate) const COMMON_PARAMETERS: &[&str] = CommonParams::NAMES;

/// Names that end like a secret's and are none: they page through lists and make calls idempotent.
const HARMLESS: &[&str] = &["NextToken", "ClientToken"];

/// Words in the names of parameters that hold secrets; no harmless parameter of the product has one.
const WORDS: [&[u8]; 18] = [
    b"secret",
    b"password",
    b"passwd",
    b"passphrase",
    b"pwd",
    b"credential",
    b"signature",
    b"authorization",
    b"token",
    b"cookie",
    b"accesskey",
    b"access_key",
    b"apikey",
    b"api_key",
    b"api-key",
    b"privatekey",
    b"private_key",
    b"private-key",
];

/// Their first letters: `1 << 0` stands for `a`.
const FIRST_LETTERS: u32 = {
    let (mut letters, mut place) = (0, 0);
    while place < WORDS.len() {
        letters |= 1 << (WORDS[place][0] - b'a');
        place += 1;
    }
    letters
};

pub(super) const MASK: &str = "***";

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Nothing,
    /// Only that it was there.
    Name,
    Value,
}

/// What may be kept of a parameter, whatever its case: a client that misspells `SecurityToken` still sends a token.
pub(super) fn kept(name: &str) -> Kept {
    if COMMON_PARAMETERS.iter().any(|common| common.eq_ignore_ascii_case(name)) {
        Kept::Nothing
    } else if HARMLESS.contains(&name) || !has_secret_word(name.as_bytes()) {
        Kept::Value
    } else {
        Kept::Name
    }
}

/// Every parameter of every call passes here, so few places of a name are compared with words.
fn has_secret_word(name: &[u8]) -> bool {
    (0..name.len()).any(|place| {
        let (first, tail) = (name[place].to_ascii_lowercase(), &name[place..]);
        let begins = |word: &&[u8]| {
            word[0] == first && tail.len() >= word.len() && tail[..word.len()].eq_ignore_ascii_case(word)
        };
        first.is_ascii_lowercase() && FIRST_LETTERS >> (first - b'a') & 1 == 1 && WORDS.iter().any(begins)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_parameters() {
        for name in ["Signature", "SecurityToken", "BearerToken", "securitytoken", "Timestamp", "AccessKeyId"]
        {
            assert_eq!(kept(name), Kept::Nothing, "{name}");
        }
        let secrets =
            "StsToken AccessKeySecret Password X-Signature access_token Secret.1 ApiKey api-key dbPwd Cookie";
        for name in secrets.split(' ') {
            assert_eq!(kept(name), Kept::Name, "{name}");
        }
        for name in ["TaskType", "Target", "NextToken", "ClientToken", "RegionId", ""] {
            assert_eq!(kept(name), Kept::Value, "{name}");
        }
    }
}
