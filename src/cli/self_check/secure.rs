//! A TLS client that trusts the emulator's generated CA and no other.

use std::io;
use std::sync::Arc;

use anyhow::Context;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::server::Tls;

/// The name that the certificate must be for.
pub(super) const NAME: &str = "localhost";

pub(super) struct Connector(TlsConnector);

impl Connector {
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

    pub(super) async fn connect(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.0.connect(ServerName::try_from(NAME).map_err(io::Error::other)?, stream).await
    }
}
