//! A TLS client that trusts only the emulator's own authority.

use std::io;
use std::sync::Arc;

use anyhow::Context;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::fault::case::End;
use crate::server::Tls;

/// What the peer must be called.
pub(super) const NAME: &str = "localhost";

/// Whom it trusts.
pub(super) struct Connector(TlsConnector);

impl Connector {
    /// Who trusts the authority behind these certificates.
    pub(super) fn trusting(tls: &Tls) -> anyhow::Result<Self> {
        let ca_pem = tls.ca_pem().context("the certificates are not the emulator's own")?;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes())?)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Begins to speak TLS, or says what is wrong with the certificate.
    pub(super) async fn greet(&self, stream: TcpStream) -> io::Result<Result<TlsStream<TcpStream>, End>> {
        let error = match self.0.connect(ServerName::try_from(NAME).map_err(io::Error::other)?, stream).await
        {
            Ok(stream) => return Ok(Ok(stream)),
            Err(error) => error,
        };
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
        match cause {
            Some(Error::InvalidCertificate(CertificateError::ExpiredContext { .. })) => Ok(Err(End::Expired)),
            Some(Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. })) => {
                Ok(Err(End::WrongName))
            }
            Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => Ok(Err(End::Untrusted)),
            _ => Err(error),
        }
    }
}
