//! TLS on the port that speaks plain HTTP too: the certificates that clients get, generated or provided in PEM.

mod by_name;
mod detect;
mod generated;

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::{Error, ServerConfig};

pub(super) use self::by_name::ByName;
pub(super) use self::detect::{Certificates, HANDSHAKE, MayShow, Stream, detect};
use self::generated::Generated;
use crate::authority::{Authority, CertificateKind, NotMade};
use crate::fault::BadCertificate;

/// The certificates and keys of the TLS side. `Debug` shows no key.
#[derive(Clone)]
pub struct Tls {
    good: Arc<ServerConfig>,
    generated: Option<Arc<Generated>>,
}

/// Why there are no certificates. Messages hold nothing of a private key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    #[error("{0:?} is neither a host name nor an IP address")]
    Name(String),
    #[error("{0}")]
    Certificate(String),
    #[error("{0}")]
    Key(String),
    #[error("the private key does not belong to the certificate")]
    Mismatch,
}

impl Tls {
    /// Makes certificates for these host names and IP addresses, signed by this authority.
    pub fn auto(names: &[String], authority: &Authority) -> Result<Self, TlsError> {
        let generated = Generated::new(names, authority)?;
        Ok(Self { good: Arc::clone(&generated.good), generated: Some(Arc::new(generated)) })
    }

    /// Takes a certificate (and those between it and its authority, if any) and its key, both in PEM.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let shown = (read_certificates(certificates)?, read_key(key)?);
        Ok(Self { good: config(shown)?, generated: None })
    }

    /// The certificate of the authority that clients must trust, in PEM, if the emulator generated it.
    pub fn ca_pem(&self) -> Option<&str> {
        self.generated.as_ref().map(|generated| generated.ca_pem.as_str())
    }

    /// The authority that signed the certificates, if the emulator made them.
    pub fn authority(&self) -> Option<&Authority> {
        self.generated.as_ref().map(|generated| &generated.authority)
    }

    fn config(&self, fault: Option<BadCertificate>) -> &Arc<ServerConfig> {
        match (fault, &self.generated) {
            (Some(BadCertificate::Expired), Some(generated)) => &generated.expired,
            (Some(BadCertificate::WrongName), Some(generated)) => &generated.wrong_name,
            (Some(BadCertificate::Untrusted), Some(generated)) => &generated.untrusted,
            // A provided certificate has no bad variants.
            (None, _) | (_, None) => &self.good,
        }
    }
}

impl From<NotMade> for TlsError {
    fn from(error: NotMade) -> Self {
        Self::Certificate(error.to_string())
    }
}

/// What a fault wants to be shown.
fn kind_of(fault: Option<BadCertificate>) -> CertificateKind {
    match fault {
        None => CertificateKind::Good,
        Some(BadCertificate::Expired) => CertificateKind::Expired,
        Some(BadCertificate::WrongName) => CertificateKind::WrongName,
        Some(BadCertificate::Untrusted) => CertificateKind::Untrusted,
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("is_generated", &self.generated.is_some()).finish_non_exhaustive()
    }
}

/// A certificate with those that lead to its authority, and its key.
type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn not_made(error: impl fmt::Display) -> TlsError {
    TlsError::Certificate(format!("no certificate can be made: {error}"))
}

fn config((chain, key): Shown) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(not_made)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed TLS session shows no certificate: a fault could not change it, and trust would outlive its cause.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

fn read_certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let garbled =
        |_| TlsError::Certificate("is garbled: what it calls a certificate is not base64".to_owned());
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(garbled)?;
    if chain.is_empty() {
        let message = "holds no certificate; expected PEM, which begins -----BEGIN CERTIFICATE-----";
        return Err(TlsError::Certificate(message.to_owned()));
    }
    Ok(chain)
}

/// Errors of the parser may quote lines, so none of them is repeated.
fn read_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
        let is_encrypted = pem.windows(9).any(|word| word == b"ENCRYPTED");
        let message = if is_encrypted {
            "is encrypted, and there is no prompt for the passphrase; `openssl pkey` writes it in the clear"
        } else {
            "holds no private key; expected PEM, which begins -----BEGIN PRIVATE KEY----- (or RSA, or EC)"
        };
        TlsError::Key(message.to_owned())
    })
}

fn unusable(error: Error) -> TlsError {
    match error {
        Error::InconsistentKeys(_) => TlsError::Mismatch,
        Error::InvalidCertificate(error) => {
            TlsError::Certificate(format!("holds no good certificate: {error}"))
        }
        Error::General(message) => TlsError::Key(format!("holds a key that cannot be used: {message}")),
        other => TlsError::Certificate(format!("cannot be used: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_key() {
        let authority = Authority::new(crate::clock::machine_time());
        let tls = Tls::auto(&["localhost".to_owned()], &authority).unwrap();
        assert_eq!(format!("{tls:?}"), "Tls { is_generated: true, .. }");
        assert!(!tls.ca_pem().unwrap().contains("PRIVATE"));
    }
}
