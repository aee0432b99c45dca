//! TLS on the port that speaks plain HTTP too: which certificates there are to show.

mod issue;
mod meet;
mod own;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;

pub(super) use self::meet::meet;
use crate::fault::BadCertificate;

/// What clients are shown that speak TLS. Private keys are in it, and nothing shows them.
#[derive(Clone)]
pub struct Tls {
    good: Arc<ServerConfig>,
    issued: Option<Arc<Issued>>,
}

/// What there is only where the certificates are the emulator's own.
struct Issued {
    ca_pem: String,
    expired: Arc<ServerConfig>,
    wrong_name: Arc<ServerConfig>,
    untrusted: Arc<ServerConfig>,
}

/// Why there is no certificate to show. Nothing of a private key is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// No certificate can be for such a name.
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
    /// With an authority and a certificate that are made here and now, for these host names and IP addresses. The
    /// authority's key is forgotten at once: it will never sign anything else.
    pub fn auto(names: &[String], now: Timestamp) -> Result<Self, TlsError> {
        let issue::Set { ca_pem, good, expired, wrong_name, untrusted } = issue::set(names, now)?;
        Ok(Self {
            good: config(good)?,
            issued: Some(Arc::new(Issued {
                ca_pem,
                expired: config(expired)?,
                wrong_name: config(wrong_name)?,
                untrusted: config(untrusted)?,
            })),
        })
    }

    /// With a certificate (and those between it and its authority, if any) and its key, both in PEM.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        Ok(Self { good: config(own::read(certificates, key)?)?, issued: None })
    }

    /// The certificate of the authority that clients must trust, in PEM, if it is the emulator's own.
    pub fn ca_pem(&self) -> Option<&str> {
        self.issued.as_ref().map(|issued| issued.ca_pem.as_str())
    }

    /// What a client is shown that is struck by this, or by nothing.
    fn config(&self, fault: Option<BadCertificate>) -> &Arc<ServerConfig> {
        match (fault, &self.issued) {
            (Some(BadCertificate::Expired), Some(issued)) => &issued.expired,
            (Some(BadCertificate::WrongName), Some(issued)) => &issued.wrong_name,
            (Some(BadCertificate::Untrusted), Some(issued)) => &issued.untrusted,
            // There are no bad ones of a certificate that somebody else issued; who arms faults is told so.
            (None, _) | (_, None) => &self.good,
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("is_own", &self.issued.is_some()).finish_non_exhaustive()
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
        .map_err(own::unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed session shows no certificate: no fault could strike it, and what was trusted before would stay so.
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
        assert_eq!(format!("{tls:?}"), "Tls { is_own: true, .. }");
        assert!(!tls.ca_pem().unwrap().contains("PRIVATE"));
    }
}
