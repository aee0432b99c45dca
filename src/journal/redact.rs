//! Which parameters a journal may show: those of the operation, and never the value of one that holds a secret.
//!
//! What every V1 request carries besides them is in the headers of V3. Leaving it out makes calls of both schemes look alike.

use crate::protocol::headers::CommonParams;

pub(crate) const COMMON_PARAMETERS: &[&str] = CommonParams::NAMES;

/// Names that end like a secret's and are none: they page through lists and make calls idempotent.
pub(super) const HARMLESS: &[&str] = &["NextToken", "ClientToken"];

/// Words in the names of parameters that hold secrets, by first letter; no harmless parameter of the product has one.
const fn secret_words(first: u8) -> &'static [&'static [u8]] {
    match first {
        b'a' => &[b"authorization", b"accesskey", b"access_key", b"apikey", b"api_key", b"api-key"],
        b'c' => &[b"credential", b"cookie"],
        b'p' => {
            &[b"password", b"passwd", b"passphrase", b"pwd", b"privatekey", b"private_key", b"private-key"]
        }
        b's' => &[b"secret", b"signature"],
        b't' => &[b"token"],
        _ => &[],
    }
}

/// By letter, of either case, whether a word begins with it.
const BEGINS_WORD: [bool; 256] = {
    let (mut begins, mut letter) = ([false; 256], 0);
    while letter < 128_u8 {
        begins[letter as usize] = !secret_words(letter.to_ascii_lowercase()).is_empty();
        letter += 1;
    }
    begins
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
pub(super) fn has_secret_word(name: &[u8]) -> bool {
    let places = name.iter().enumerate().filter(|(_, letter)| BEGINS_WORD[usize::from(**letter)]);
    places.map(|(place, _)| place).any(|place| {
        let tail = &name[place..];
        let begins =
            |word: &&[u8]| tail.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        secret_words(name[place].to_ascii_lowercase()).iter().any(begins)
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
        for first in b'a'..=b'z' {
            assert!(secret_words(first).iter().all(|word| word[0] == first));
        }
        for name in ["TaskType", "Target", "NextToken", "ClientToken", "RegionId", ""] {
            assert_eq!(kept(name), Kept::Value, "{name}");
        }
    }
}
