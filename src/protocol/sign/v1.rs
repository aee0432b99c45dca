//! Signature V1: base64 HMAC over the sorted parameters (spec/protocol.md §1.3).

use super::{Algorithm, estimate, same, sorted};
use crate::domain::{ApiError, Code, HashText, Secret};
use crate::protocol::call::Call;
use crate::protocol::percent;

/// What stands before the string to sign in the message of a mismatch. Nothing is between the colon and the string: the legacy
/// Python SDK splits there and compares (spec/protocol.md §5.2).
pub(crate) const BEFORE_STRING: &str = "server string to sign is:";

/// `METHOD&%2F&` and the canonical query, `name=value` joined by `&`, which is encoded once more; `Signature` itself is left
/// out.
pub(super) fn string_to_sign<'a>(method: &str, params: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = sorted(params.filter(|(name, _)| *name != "Signature"));
    let mut text = String::with_capacity(estimate(&pairs) + 64);
    text.extend([method, "&%2F&"]);
    for (place, (_, name, value)) in pairs.into_iter().enumerate() {
        if place > 0 {
            text.push_str("%26");
        }
        percent::push_twice(&mut text, name);
        text.push_str("%3D");
        percent::push_twice(&mut text, value);
    }
    text
}

pub(super) fn sign(algorithm: Algorithm, secret: &Secret, string_to_sign: &str) -> HashText {
    secret.sign(algorithm, string_to_sign.as_bytes()).base64()
}

pub(super) fn verify(call: &Call<'_>, algorithm: Algorithm, secret: &Secret) -> Result<(), ApiError> {
    let string_to_sign = string_to_sign(call.request.method().as_str(), call.params.iter());
    if same(&sign(algorithm, secret, &string_to_sign), call.claims.signature) {
        return Ok(());
    }
    let message = "Specified signature is not matched with our calculation. ";
    let message = [message, BEFORE_STRING, &string_to_sign].concat();
    Err(ApiError::with_message(Code::SIGNATURE_MISMATCH, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_sorts_before_lower_digits_as_text_and_the_signature_is_left_out() {
        let names = ["b", "a.2", "a.10", "B", "Signature"];
        let string = string_to_sign("GET", names.into_iter().map(|name| (name, "")));
        assert_eq!(string, "GET&%2F&B%3D%26a.10%3D%26a.2%3D%26b%3D");
    }
}
