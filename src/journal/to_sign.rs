//! What a call with a wrong signature should have signed, without the secrets in it.

use super::redact::{HARMLESS, MASK, has_secret_word};
use crate::protocol::sign::{v1, v3};

/// The text that the message of a mismatch repeats, with the values of tokens and other secrets masked; empty if the
/// message has none.
pub(super) fn masked(message: &str) -> String {
    if let Some((_, text)) = message.split_once(v1::BEFORE_STRING) {
        return query(text, "%26", "%3D");
    }
    let parts =
        message.split_once(v3::BEFORE_STRING).and_then(|(_, rest)| rest.split_once(v3::BEFORE_REQUEST));
    parts.map_or_else(String::new, |(text, request)| {
        format!("{}\n\n{text}", canonical_request(request.strip_suffix(']').unwrap_or(request)))
    })
}

/// Method, path, query, then a header in each line up to an empty one, then names and a hash.
fn canonical_request(text: &str) -> String {
    let mut are_headers = true;
    let lines = text.split('\n').enumerate().map(|(place, line)| {
        are_headers &= place < 3 || !line.is_empty();
        match line.split_once(':') {
            _ if place == 2 => query(line, "&", "="),
            Some((name, _)) if place > 2 && are_headers && is_secret(name) => format!("{name}:{MASK}"),
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn query(text: &str, between: &str, equals: &str) -> String {
    let pairs = text.split(between).map(|pair| match pair.split_once(equals) {
        Some((name, _)) if is_secret(name) => format!("{name}{equals}{MASK}"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join(between)
}

/// Nonce, method and version of a signature are no secrets, although their names have the word.
fn is_secret(name: &str) -> bool {
    let of_signatures = [
        "SignatureNonce",
        "SignatureMethod",
        "SignatureVersion",
        "SignatureType",
        "AccessKeyId",
        "x-acs-signature-nonce",
    ];
    // In V1 the name of the first parameter follows the method.
    let name = name.rsplit('&').next().unwrap_or(name);
    let is_harmless = of_signatures.contains(&name) || HARMLESS.contains(&name);
    !is_harmless && has_secret_word(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v3_is_shown_without_its_token() {
        let message = "Specified signature does not match our calculation. server StringToSign is [ACS3-HMAC-SHA256\n6c1e], \
                       server CanonicalRequest is [POST\n/\nPassword=p%40ss&TaskType=IMAGE_SCAN\nauthorization:x\nhost:127.0.0.1:1\n\
                       x-acs-security-token:t0ken\nx-acs-signature-nonce:n1\n\nhost;x-acs-security-token\ne3b0]";
        insta::assert_snapshot!(masked(message), @r"
        POST
        /
        Password=***&TaskType=IMAGE_SCAN
        authorization:***
        host:127.0.0.1:1
        x-acs-security-token:***
        x-acs-signature-nonce:n1

        host;x-acs-security-token
        e3b0

        ACS3-HMAC-SHA256
        6c1e
        ");
    }

    #[test]
    fn v1_is_shown_without_its_token() {
        let message = "Specified signature is not matched with our calculation. server string to sign is:\
                       GET&%2F&AccessKeyId%3Dtest%26Action%3DX%26SecurityToken%3Dt0k%252Fen%26SignatureNonce%3D1";
        insta::assert_snapshot!(masked(message), @"GET&%2F&AccessKeyId%3Dtest%26Action%3DX%26SecurityToken%3D***%26SignatureNonce%3D1");
        assert_eq!(
            masked("x server string to sign is:GET&%2F&ApiKey%3Dsecret%26B%3D1"),
            "GET&%2F&ApiKey%3D***%26B%3D1"
        );
        // A name that only ends like a harmless one is that of a secret.
        assert_eq!(
            masked("x server string to sign is:GET&%2F&ClientToken%3Da%26OauthClientToken%3Db"),
            "GET&%2F&ClientToken%3Da%26OauthClientToken%3D***"
        );
    }

    #[test]
    fn other_messages_have_none() {
        assert_eq!(masked("The signature is wrong."), "");
        assert_eq!(masked("server StringToSign is [x]"), "");
    }
}
