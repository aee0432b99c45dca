//! Which parameters a journal may show: those of the operation, and never the value of one that holds a secret.
//!
//! What every V1 request carries besides them is in the headers of V3. Leaving it out makes calls of both schemes look alike.

use crate::protocol::headers::CommonParams;

pub(crate) const COMMON_PARAMETERS: &[&str] = CommonParams::NAMES;

/// Names that have a word of secrets and are none: they page through lists, make calls idempotent, or choose a filter.
pub(super) const HARMLESS: &[&str] = &["NextToken", "UseNextToken", "ClientToken", "IsCleartextPwd"];

/// Words in the names of parameters that hold secrets; the harmless names that have one are [`HARMLESS`].
const SECRET_WORDS: &[&[u8]] = &[
    b"authorization",
    b"accesskey",
    b"access_key",
    b"apikey",
    b"api_key",
    b"api-key",
    b"credential",
    b"cookie",
    b"password",
    b"passwd",
    b"passphrase",
    b"pwd",
    b"privatekey",
    b"private_key",
    b"private-key",
    b"secret",
    b"signature",
    b"token",
];

/// Whether one of these words begins with two letters of either case, at the place that [`pair`] computes.
static BEGINS_WORD: [bool; 1024] = {
    let (mut begins, mut word) = ([false; 1024], 0);
    while word < SECRET_WORDS.len() {
        begins[pair(SECRET_WORDS[word][0], SECRET_WORDS[word][1])] = true;
        word += 1;
    }
    begins
};

/// The five bits by which a letter differs from others, but not from itself in the other case.
const fn pair(first: u8, second: u8) -> usize {
    (first as usize & 31) << 5 | (second as usize & 31)
}

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
    if CommonParams::has(name) {
        Kept::Nothing
    } else if HARMLESS.contains(&name) || !has_secret_word(name.as_bytes()) {
        Kept::Value
    } else {
        Kept::Name
    }
}

/// Every parameter of every call passes here, so few places of a name are compared with words.
pub(super) fn has_secret_word(name: &[u8]) -> bool {
    let begins = |place: usize| {
        let start = &name[place..];
        SECRET_WORDS
            .iter()
            .any(|word| start.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))
    };
    (1..name.len()).any(|second| BEGINS_WORD[pair(name[second - 1], name[second])] && begins(second - 1))
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
        for word in SECRET_WORDS {
            assert!(
                has_secret_word(&word.to_ascii_uppercase())
                    && has_secret_word(&[b"My", *word, b"s"].concat())
            );
        }
        for name in [
            "TaskType",
            "Target",
            "NextToken",
            "UseNextToken",
            "ClientToken",
            "IsCleartextPwd",
            "RegionId",
            "",
        ] {
            assert_eq!(kept(name), Kept::Value, "{name}");
        }
    }
}
