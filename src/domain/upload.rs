//! The right to upload one file for detection, as a form of the object store OSS carries it. It is not kept: all of it follows
//! from the seed, the account, the hash and the time at which it expires.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use sha1::Sha1;

use super::principal::account_number;

/// Documented: one file of at most 100 MB.
pub(crate) const MOST_BYTES: u64 = 100 << 20;
/// How long an upload may begin; undocumented.
const VALID: SignedDuration = SignedDuration::from_hours(1);

/// What names the place of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UploadPlace<'a> {
    pub(crate) account: &'a str,
    pub(crate) hash: &'a str,
}

/// The members of a form that OSS checks, beside its file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UploadForm {
    pub(crate) key: String,
    pub(crate) access_id: String,
    pub(crate) policy: String,
    pub(crate) signature: String,
}

/// Why OSS refuses a form: its code, and what is wrong.
pub(crate) type UploadRefusal = (&'static str, &'static str);

impl UploadPlace<'_> {
    const ACCESS_ID: &'static str = "EmulatedUpload";

    /// Of this server.
    pub(crate) fn path(&self) -> String {
        format!("/_emulator/uploads/{}/{}", self.account, self.hash)
    }

    pub(crate) fn oss_key(&self) -> String {
        format!("1/{}/{}", account_number(self.account), self.hash)
    }

    /// A form that is good for some time, and when that ends.
    pub(crate) fn form(&self, seed: u64, now: Timestamp) -> (UploadForm, Timestamp) {
        let expires = now.saturating_add(VALID).unwrap_or(now);
        let conditions = json!([{ "key": self.oss_key() }, ["content-length-range", 0, MOST_BYTES]]);
        let expiration = expires.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        let policy = json!({ "expiration": expiration, "conditions": conditions }).to_string();
        let policy = STANDARD.encode(policy);
        let signature = Self::signature(seed, &policy);
        let (key, access_id) = (self.oss_key(), Self::ACCESS_ID.to_owned());
        (UploadForm { key, access_id, policy, signature }, expires)
    }

    /// Checks a form as OSS would: without the secret nothing in it can be changed.
    pub(crate) fn check(&self, form: &UploadForm, seed: u64, now: Timestamp) -> Result<(), UploadRefusal> {
        if form.access_id != Self::ACCESS_ID {
            return Err(("InvalidAccessKeyId", "The OSSAccessKeyId is not that of the upload parameters."));
        }
        if form.signature != Self::signature(seed, &form.policy) {
            return Err(("SignatureDoesNotMatch", "The Signature is not that of the policy."));
        }
        let policy = STANDARD.decode(&form.policy).unwrap_or_default();
        let policy: Json = serde_json::from_slice(&policy).unwrap_or_default();
        if form.key != self.oss_key() || policy["conditions"][0]["key"] != form.key {
            return Err((
                "AccessDenied",
                "Invalid according to Policy: the key is not that of the upload parameters.",
            ));
        }
        let expires = policy["expiration"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
        if expires.is_none_or(|expires| expires <= now) {
            return Err(("AccessDenied", "Invalid according to Policy: Policy expired."));
        }
        Ok(())
    }

    fn signature(seed: u64, policy: &str) -> String {
        // A key of any length is taken.
        let Ok(mac) = Hmac::<Sha1>::new_from_slice(&seed.to_be_bytes()) else { return String::new() };
        let mac = mac.chain_update(b"sas-emulator upload 1").chain_update(policy);
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::at;

    #[test]
    fn only_the_form_that_was_given_out_is_good_and_only_for_an_hour() {
        let place = UploadPlace { account: "test", hash: "aa" };
        let (form, expires) = place.form(7, at(0));
        assert_eq!(expires, at(3600));
        let code = |place: &UploadPlace<'_>, form: &UploadForm, seed, second| {
            place.check(form, seed, at(second)).map_err(|(code, _)| code)
        };
        assert_eq!(
            (code(&place, &form, 7, 3599), code(&place, &form, 7, 3600)),
            (Ok(()), Err("AccessDenied"))
        );
        assert_eq!(code(&place, &form, 8, 0), Err("SignatureDoesNotMatch"));
        assert_eq!(code(&UploadPlace { hash: "bb", ..place }, &form, 7, 0), Err("AccessDenied"));
        let (other, _) = UploadPlace { hash: "bb", ..place }.form(7, at(0));
        let mixed = UploadForm { key: form.key.clone(), ..other };
        assert_eq!(code(&place, &mixed, 7, 0), Err("AccessDenied"), "the policy is of another file");
        assert_eq!(code(&place, &UploadForm::default(), 7, 0), Err("InvalidAccessKeyId"));
    }
}
