//! TLS clients that verify, and emulators that speak TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use sas_emulator::internals::authority::Authority;
use sas_emulator::internals::clock::machine_time;
use sas_emulator::internals::server::{Tls, TlsError};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Setup;
use super::wire::{Served, serve};

/// A client that trusts one authority and verifies.
#[derive(Clone)]
pub(crate) struct Client(Arc<ClientConfig>);

impl Client {
    pub(crate) fn trusting(ca_pem: &str) -> Self {
        Self::with(ca_pem, rustls::ALL_VERSIONS)
    }

    pub(crate) fn with(ca_pem: &str, versions: &[&'static rustls::SupportedProtocolVersion]) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self(Arc::new(config))
    }

    /// Without a connection: what it is the first to say is up to the test.
    pub(crate) fn session(&self, name: &str) -> rustls::ClientConnection {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        rustls::ClientConnection::new(Arc::clone(&self.0), name).unwrap()
    }

    pub(crate) async fn connect(
        &self,
        address: SocketAddr,
        name: &str,
    ) -> Result<TlsStream<TcpStream>, Error> {
        self.connect_over(TcpStream::connect(address).await.unwrap(), name).await
    }

    /// The same over a connection that leads to the server already.
    pub(crate) async fn connect_over(
        &self,
        stream: TcpStream,
        name: &str,
    ) -> Result<TlsStream<TcpStream>, Error> {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let connected = TlsConnector::from(Arc::clone(&self.0)).connect(name, stream).await;
        connected.map_err(|error| error.into_inner().unwrap().downcast_ref::<Error>().unwrap().clone())
    }

    /// Why the certificate is refused.
    pub(crate) async fn refusal(&self, address: SocketAddr, name: &str) -> CertificateError {
        match self.connect(address, name).await {
            Err(Error::InvalidCertificate(why)) => why,
            other => panic!("{other:?}"),
        }
    }
}

/// A generated authority and a certificate for these names.
pub(crate) fn generated(names: &[&str]) -> Tls {
    try_generated(names).unwrap()
}

pub(crate) fn try_generated(names: &[&str]) -> Result<Tls, TlsError> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    Tls::auto(&names, &Authority::new(machine_time()))
}

/// An emulator that speaks both TLS and plain HTTP, and a client that trusts it.
pub(crate) async fn serve_both(setup: Setup) -> (Served, Client) {
    let tls = generated(&["localhost", "127.0.0.1"]);
    let client = Client::trusting(tls.ca_pem().unwrap());
    (serve(setup.tls(tls).start()).await, client)
}
