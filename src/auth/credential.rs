//! Identifies the caller: key, state of the key, security token.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::domain::assumptions::Bearer;
use crate::domain::keyring::{self, Found};
use crate::domain::{ApiError, Assumptions, Code, Principal, Secret, TemporaryKey, TemporaryKeys, World};
use crate::protocol::{Call, Claims, Scheme, sign};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum SignatureMode {
    #[default]
    Verify,
    /// Not at all: every claimed AccessKeyId is accepted.
    Ignore,
}

/// The account of callers without an AccessKeyId, where nothing is verified.
const ANONYMOUS: &str = "anonymous";

/// Checks that the call is signed in a way the service knows.
pub(super) fn check_kind(call: &Call<'_>, assumptions: Assumptions) -> Result<(), ApiError> {
    let claims = &call.claims;
    let is_known = match claims.scheme {
        Scheme::V1 => claims.signature_type.is_none(),
        Scheme::V3 => true,
        Scheme::Bearer => assumptions.bearer == Bearer::Accept,
    };
    if !is_known {
        return Err(Code::SIGNATURE_TYPE.into());
    }
    claims.check_presence()?;
    if claims.scheme != Scheme::Bearer && sign::algorithm_of(call).is_none() {
        return Err(Code::SIGNATURE_METHOD.into());
    }
    if claims.version.is_some_and(|version| version != "1.0") {
        return Err(ApiError::invalid("SignatureVersion"));
    }
    Ok(())
}

/// A caller, and the secret that must have signed.
type Identified<'w> = (Principal, Option<Cow<'w, Secret>>);

/// Finds the claimed key and checks its state and token.
pub(super) fn identify<'w>(
    claims: &Claims<'_>,
    world: &'w World,
    temporary_keys: &Mutex<TemporaryKeys>,
    now: Timestamp,
) -> Result<Identified<'w>, ApiError> {
    let Some(id) = claims.access_key_id.filter(|_| claims.scheme != Scheme::Bearer) else {
        // Bearer tokens are secrets, so the account is named after a digest.
        let digest = HEXLOWER.encode(&Sha256::digest(claims.bearer_token.unwrap_or_default()));
        return Ok((Principal::Key(format!("bearer-{}", &digest[..12])), None));
    };
    if !keyring::is_possible_id(id) {
        return Err(Code::KEY_INVALID.into());
    }
    if TemporaryKey::is_own_id(id) && !world.keyring.find(id).is_some_and(|found| found.listed) {
        let (role, seed) = temporary_key(temporary_keys, id).ok_or(Code::KEY_NOT_FOUND)?;
        let mut key = role.access_key(seed);
        // Under another scenario, the key that assumed the role may be gone.
        key.active = world.keyring.find(&role.assumed_by).ok_or(Code::KEY_NOT_FOUND)?.key.active;
        check(id, claims, &Found { key: &key, listed: true }, now)?;
        return Ok((Principal::Role(role), Some(Cow::Owned(key.secret))));
    }
    let found = world.keyring.find(id).ok_or(Code::KEY_NOT_FOUND)?;
    check(id, claims, &found, now)?;
    Ok((Principal::Key(id.to_owned()), Some(Cow::Borrowed(&found.key.secret))))
}

/// The temporary key of that id, and the seed from which its secret follows: that is derived without the lock.
pub(crate) fn temporary_key(
    temporary_keys: &Mutex<TemporaryKeys>,
    id: &str,
) -> Option<(Arc<TemporaryKey>, u64)> {
    let keys = temporary_keys.lock().unwrap_or_else(PoisonError::into_inner);
    Some((keys.find(id)?, keys.seed()))
}

pub(super) fn unverified(claims: &Claims<'_>, temporary_keys: &Mutex<TemporaryKeys>) -> Principal {
    let id = claims.access_key_id.filter(|id| keyring::is_possible_id(id)).unwrap_or(ANONYMOUS);
    let role = TemporaryKey::is_own_id(id).then(|| temporary_key(temporary_keys, id)).flatten();
    role.map_or_else(|| Principal::Key(id.to_owned()), |(role, _)| Principal::Role(role))
}

fn check(id: &str, claims: &Claims<'_>, found: &Found<'_>, now: Timestamp) -> Result<(), ApiError> {
    if !found.key.active {
        return Err(Code::KEY_INACTIVE.into());
    }
    check_token(id, claims.security_token, found, now)
}

fn check_token(id: &str, token: Option<&str>, found: &Found<'_>, now: Timestamp) -> Result<(), ApiError> {
    let Some(token) = token else {
        // Temporary keys are known by their prefix; one is not valid without its token.
        let is_temporary = found.key.token.is_some() || id.starts_with(TemporaryKey::PREFIX);
        return if is_temporary { Err(ApiError::missing("SecurityToken")) } else { Ok(()) };
    };
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Code::TOKEN_MALFORMED.into());
    }
    match &found.key.token {
        Some(expected) if !bool::from(expected.expose().as_bytes().ct_eq(token.as_bytes())) => {
            Err(Code::TOKEN_MISMATCH.into())
        }
        // A permanent key that is listed has no token; one that is not listed may be anything.
        None if found.listed => Err(Code::TOKEN_MISMATCH.into()),
        _ if found.key.expires.is_some_and(|expires| now >= expires) => Err(Code::TOKEN_EXPIRED.into()),
        _ => Ok(()),
    }
}
