//! Authentication: whose call it is, whether it is fresh and signed, and whether its nonce is new.
//!
//! Pure but for the set of used nonces, which is handed in. The order of the checks is part of what a client sees
//! (spec/protocol.md §4.3): cheap checks first, and the nonce last, or other callers could use up a client's nonces.

mod credential;
mod replay;

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

pub use self::credential::SignatureMode;
pub(crate) use self::replay::{AuthTimes, Nonces};
use crate::domain::assumptions::UnknownFormat;
use crate::domain::{ApiError, Assumptions, Code, World};
use crate::operations;
use crate::protocol::call::RequestedFormat;
use crate::protocol::{Call, VERSION, sign};

/// Checks what can be judged without knowing who calls.
pub(crate) fn check_request(call: &Call<'_>, assumptions: Assumptions) -> Result<(), ApiError> {
    if call.version != VERSION {
        return Err(Code::INVALID_VERSION.into());
    }
    // Before any credential: the live gateway reports a missing operation to unauthenticated callers too.
    if operations::find(call.action).is_none() && !operations::is_known(call.action) {
        let found = Code::ACTION_NOT_FOUND;
        return Err(match operations::retired(call.action) {
            Some(retired) => ApiError::with_message(found, format!("{} {retired}.", found.message)),
            None => found.into(),
        });
    }
    if !matches!(*call.request.method(), http::Method::GET | http::Method::POST) {
        return Err(Code::UNSUPPORTED_METHOD.into());
    }
    if call.format == RequestedFormat::Unsupported && assumptions.unknown_format == UnknownFormat::Refuse {
        return Err(Code::INVALID_FORMAT.into());
    }
    if let Some(claimed) = call.headers.content_md5
        && claimed != STANDARD.encode(Md5::digest(call.request.body()))
    {
        return Err(Code::CONTENT_MD5.into());
    }
    Ok(())
}

/// Identifies and verifies the caller, and uses its nonce up; returns its account.
pub(crate) fn authenticate(
    call: &Call<'_>,
    world: &World,
    signatures: SignatureMode,
    nonces: &Mutex<Nonces>,
    now: AuthTimes,
) -> Result<String, ApiError> {
    if signatures == SignatureMode::Ignore {
        return Ok(credential::unverified(&call.claims));
    }
    credential::check_kind(call, world.assumptions)?;
    replay::check_freshness(&call.claims, now.gateway)?;
    let (account, secret) = credential::identify(&call.claims, world, now.gateway)?;
    if let Some(secret) = secret {
        sign::verify(call, secret)?;
    }
    if let Some(nonce) = call.claims.nonce {
        nonces.lock().unwrap_or_else(PoisonError::into_inner).insert(&account, nonce, now)?;
    }
    Ok(account)
}
