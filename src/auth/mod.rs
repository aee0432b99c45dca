//! Authentication: whose call it is, whether it is fresh and signed, and whether its nonce is new.
//!
//! Pure but for the set of used nonces and that of temporary keys, which are handed in. The order of the checks is part of what a client sees
//! (spec/protocol.md §4.3): cheap checks first, and the nonce last, or other callers could use up a client's nonces.

mod credential;
mod replay;

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

pub use self::credential::SignatureMode;
pub(crate) use self::credential::temporary_key;
pub(crate) use self::replay::{AuthTimes, Nonces};
use crate::domain::assumptions::UnknownFormat;
use crate::domain::{ApiError, Assumptions, Code, Principal, Product, TemporaryKeys, World};
use crate::operations;
use crate::protocol::call::RequestedFormat;
use crate::protocol::{Call, sign};

/// Checks what can be judged without knowing who calls.
pub(crate) fn check_request(call: &Call<'_>, assumptions: Assumptions) -> Result<(), ApiError> {
    let product = call.product.ok_or(Code::INVALID_VERSION)?;
    // Before any credential: the live gateway reports a missing operation to unauthenticated callers too. Which ones other
    // products have is not known here.
    let exists = if product == Product::SAS {
        operations::find(product, call.action).is_some() || operations::is_known(call.action)
    } else {
        !call.action.is_empty()
    };
    if !exists {
        let found = Code::ACTION_NOT_FOUND;
        return Err(match operations::retired(call.action).filter(|_| product == Product::SAS) {
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

/// Identifies and verifies the caller, and uses its nonce up.
pub(crate) fn authenticate(
    call: &Call<'_>,
    world: &World,
    signatures: SignatureMode,
    nonces: &Mutex<Nonces>,
    temporary_keys: &Mutex<TemporaryKeys>,
    now: AuthTimes,
) -> Result<Principal, ApiError> {
    if signatures == SignatureMode::Ignore {
        return Ok(credential::unverified(&call.claims, temporary_keys));
    }
    credential::check_kind(call, world.assumptions)?;
    replay::check_freshness(&call.claims, now.gateway)?;
    let (caller, secret) = credential::identify(&call.claims, world, temporary_keys, now.gateway)?;
    if let Some(secret) = secret {
        sign::verify(call, &secret)?;
    }
    if let Some(nonce) = call.claims.nonce {
        nonces.lock().unwrap_or_else(PoisonError::into_inner).insert(caller.key_id(), nonce, now)?;
    }
    Ok(caller)
}
