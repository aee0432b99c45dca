//! Which parameters a journal may show: those of the operation, and never the value of one that holds a secret.

/// What every V1 request carries besides the operation's own parameters, by the names of spec/protocol.md §1.1. V3 has
/// the same in headers, so leaving it out makes calls of both schemes look alike.
pub(crate) const COMMON_PARAMETERS: &[&str] = &[
    "AccessKeyId",
    "Action",
    "BearerToken",
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

/// Names that end like a secret's and are none: they page through lists and make calls idempotent.
const HARMLESS: &[&str] = &["NextToken", "ClientToken"];

/// Words in the names of parameters that hold secrets; no harmless parameter of the product has one.
const WORDS: &str = "secret password passwd passphrase pwd credential signature authorization token cookie accesskey \
                     access_key apikey api_key api-key privatekey private_key private-key";

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
    let has = |word: &str| {
        name.as_bytes().windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
    };
    if COMMON_PARAMETERS.iter().any(|common| common.eq_ignore_ascii_case(name)) {
        Kept::Nothing
    } else if HARMLESS.contains(&name) || !WORDS.split(' ').any(has) {
        Kept::Value
    } else {
        Kept::Name
    }
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
