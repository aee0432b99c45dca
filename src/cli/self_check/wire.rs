//! A client that looks at the bytes: no library between it and what a fault did.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::clock::Stopwatch;
use crate::fault::case::{End, Observed};
use crate::server::Tls;

/// Longest wait for a response; nothing here takes that long unless it is meant to hang.
const PATIENCE: Duration = Duration::from_millis(400);
/// The name that the server's certificate must have.
pub(super) const NAME: &str = "localhost";

pub(super) struct Peer {
    address: SocketAddr,
    tls: TlsConnector,
}

impl Peer {
    /// Over TLS, only the emulator's own authority is trusted.
    pub(super) fn new(address: SocketAddr, tls: &Tls) -> anyhow::Result<Self> {
        let ca_pem = tls.ca_pem().context("the certificates are not the emulator's own")?;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes())?)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { address, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Sends a request on a connection of its own, over TLS if the target begins with `tls `.
    pub(super) async fn send(&self, method: &str, target: &str, body: &str) -> io::Result<Observed> {
        let over_tls = target.strip_prefix("tls ");
        let path = over_tls.unwrap_or(target);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {NAME}\r\ncontent-type: application/json\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let watch = Stopwatch::start();
        let stream = TcpStream::connect(self.address).await?;
        if over_tls.is_none() {
            return exchange(stream, &request, watch).await;
        }
        match self.tls.connect(ServerName::try_from(NAME).map_err(io::Error::other)?, stream).await {
            Ok(stream) => exchange(stream, &request, watch).await,
            Err(error) => match bad_certificate(&error) {
                Some(end) => Ok(observed(&[], end, 0, watch.elapsed())),
                None => Err(error),
            },
        }
    }
}

fn bad_certificate(error: &io::Error) -> Option<End> {
    let Error::InvalidCertificate(why) = error.get_ref()?.downcast_ref()? else { return None };
    match why {
        CertificateError::ExpiredContext { .. } => Some(End::Expired),
        CertificateError::NotValidForNameContext { .. } => Some(End::WrongName),
        CertificateError::UnknownIssuer => Some(End::Untrusted),
        _ => None,
    }
}

/// One request and what came back, through whatever lies beneath.
async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    request: &str,
    watch: Stopwatch,
) -> io::Result<Observed> {
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    // Room for all of it, or the pieces would be those of the buffer.
    let (mut read, mut pieces) = (Vec::with_capacity(64 << 10), 0);
    let end = loop {
        match timeout(PATIENCE, stream.read_buf(&mut read)).await {
            Err(_) => break End::Silence,
            Ok(Ok(0)) => break End::Closed,
            Ok(Ok(_)) => pieces += 1,
            Ok(Err(error)) if error.kind() == ErrorKind::ConnectionReset => break End::Reset,
            Ok(Err(error)) => return Err(error),
        }
    };
    Ok(observed(&read, end, pieces, watch.elapsed()))
}

fn observed(read: &[u8], end: End, pieces: usize, took: Duration) -> Observed {
    let split = read.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, bytes) = split.map_or((&[][..], &[][..]), |at| (&read[..at], &read[at + 4..]));
    let head = String::from_utf8_lossy(head).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let mut observed = Observed { status, head, bytes: bytes.to_vec(), end, pieces, took };
    let promised = observed.header("content-length").and_then(|length| length.parse::<usize>().ok());
    if end == End::Closed && promised.is_some_and(|promised| promised == observed.bytes.len()) {
        observed.end = End::Whole;
    }
    observed
}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.status, self.code()) {
            (Some(status), Some(code)) => write!(f, "{status} {code}")?,
            (Some(status), None) => write!(f, "{status}, {} bytes", self.bytes.len())?,
            (None, _) => f.write_str("no answer")?,
        }
        let end = match self.end {
            End::Whole => "",
            End::Closed => ", then closed",
            End::Reset => ", then reset",
            End::Silence => ", then silence",
            End::Expired => ": the certificate is expired",
            End::WrongName => ": the certificate is for another name",
            End::Untrusted => ": the certificate is of an unknown authority",
        };
        write!(f, "{end}, {} ms", self.took.as_millis())
    }
}
