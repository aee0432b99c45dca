//! `ca.pem`: what clients must trust over TLS; and whether there are certificates that a fault could spoil.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::{Refusal, Shared};
use crate::fault::Rule;

/// A fault that could never strike.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} shows a bad certificate, and only certificates that the emulator made can be bad on purpose: start \
     it with --tls auto"
)]
pub struct NoOwnCertificates(String);

/// Refuses rules that need certificates of the emulator's own where there are none.
pub fn check(rules: &[Rule], are_own: bool) -> Result<(), NoOwnCertificates> {
    let idle = rules.iter().find(|rule| rule.is_for_handshakes() && !are_own);
    idle.map_or(Ok(()), |rule| {
        // One without a name gets it when it is armed.
        let named =
            if rule.id.is_empty() { "a fault".to_owned() } else { format!("the fault {:?}", rule.id) };
        Err(NoOwnCertificates(named))
    })
}

pub(super) async fn ca(State(control): State<Shared>) -> Result<Response, Refusal> {
    let pem = control.ca_pem.clone().ok_or_else(|| {
        Refusal::new(
            404,
            "no_own_authority",
            "no certificate of this emulator was made by an authority of its own",
        )
        .hint("--tls auto makes one; who brought a certificate (--tls-cert) knows its authority")
    })?;
    Ok(([(header::CONTENT_TYPE, "application/x-pem-file")], pem).into_response())
}
