//! The certificates of the port, from the emulator's own authority: a good one, and some that are bad on purpose.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::ServerName;

use super::{TlsError, config};
use crate::authority::{Authority, CertificateKind, Issued};

pub(super) struct Generated {
    pub(super) authority: Authority,
    pub(super) ca_pem: String,
    pub(super) good: Arc<ServerConfig>,
    pub(super) expired: Arc<ServerConfig>,
    pub(super) wrong_name: Arc<ServerConfig>,
    pub(super) untrusted: Arc<ServerConfig>,
}

impl Generated {
    pub(super) fn new(names: &[String], authority: &Authority) -> Result<Self, TlsError> {
        check(names)?;
        let made = |kind| made(authority, names, kind);
        Ok(Self {
            ca_pem: authority.pem()?.to_owned(),
            good: made(CertificateKind::Good)?,
            expired: made(CertificateKind::Expired)?,
            wrong_name: made(CertificateKind::WrongName)?,
            untrusted: made(CertificateKind::Untrusted)?,
            authority: authority.clone(),
        })
    }
}

/// A new certificate for these names, ready to be shown.
pub(super) fn made(
    authority: &Authority,
    names: &[String],
    kind: CertificateKind,
) -> Result<Arc<ServerConfig>, TlsError> {
    let Issued { certificate, key } = authority.issue(names, kind)?;
    config((vec![certificate], key))
}

/// A wrong name would make a certificate that no client accepts, and the client's error would name something else.
fn check(names: &[String]) -> Result<(), TlsError> {
    let is_name = |name: &str| ServerName::try_from(name.strip_prefix("*.").unwrap_or(name)).is_ok();
    names.iter().find(|name| !is_name(name)).map_or(Ok(()), |wrong| Err(TlsError::Name(wrong.clone())))
}
