//! TLS on the port that speaks plain HTTP too: the certificates that clients get.

mod detect;
mod generated;
mod provided;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;

pub(super) use self::detect::detect;
use self::generated::Generated;
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
    /// A certificate cannot be for that name.
    #[error("{0:?} is neither a host name nor an IP address")]
    Name(String),
    /// Something is wrong with the certificates that were given.
    #[error("{0}")]
    Certificate(String),
    /// Something is wrong with the key that was given.
    #[error("{0}")]
    Key(String),
    /// Each of them may be good.
    #[error("the private key does not belong to the certificate")]
    Mismatch,
    /// Certificates could not be made.
    #[error("no certificate can be made: {0}")]
    Making(String),
}

impl Tls {
    /// Generates an authority and certificates for these host names and IP addresses. The authority's key is dropped at
    /// once: it will never sign anything else.
    pub fn auto(names: &[String], now: Timestamp) -> Result<Self, TlsError> {
        let generated = Generated::new(names, now)?;
        Ok(Self { good: Arc::clone(&generated.good), generated: Some(Arc::new(generated)) })
    }

    /// Takes a certificate (and those between it and its authority, if any) and its key, both in PEM.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        Ok(Self { good: config(provided::read(certificates, key)?)?, generated: None })
    }

    /// The certificate of the authority that clients must trust, in PEM, if the emulator generated it.
    pub fn ca_pem(&self) -> Option<&str> {
        self.generated.as_ref().map(|generated| generated.ca_pem.as_str())
    }

    /// The configuration for a handshake with this fault, or with none.
    fn config(&self, fault: Option<BadCertificate>) -> &Arc<ServerConfig> {
        match (fault, &self.generated) {
            (Some(BadCertificate::Expired), Some(generated)) => &generated.expired,
            (Some(BadCertificate::WrongName), Some(generated)) => &generated.wrong_name,
            (Some(BadCertificate::Untrusted), Some(generated)) => &generated.untrusted,
            // A provided certificate has no bad variants; arming such a fault is refused.
            (None, _) | (_, None) => &self.good,
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("is_generated", &self.generated.is_some()).finish_non_exhaustive()
    }
}

/// A certificate with those that lead to its authority, and its key.
type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn config((chain, key): Shown) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Making(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(provided::unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed TLS session shows no certificate: a fault could not change it, and trust would outlive its cause.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_key() {
        let tls = Tls::auto(&["localhost".to_owned()], crate::clock::machine_time()).unwrap();
        assert_eq!(format!("{tls:?}"), "Tls { is_generated: true, .. }");
        assert!(!tls.ca_pem().unwrap().contains("PRIVATE"));
    }
}
