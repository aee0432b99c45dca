//! Detects TLS by the first byte and performs the handshake.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::AlertDescription::{BadCertificate, CertificateExpired, CertificateUnknown, UnknownCA};
use rustls::Error::AlertReceived;
use rustls::server::Acceptor;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use super::{ByName, Tls, TlsError, kind_of};
use crate::emulator::Emulator;
use crate::fault::Decision;
use crate::server::connection::Connection;

/// A connection as it is, or through TLS: one type for both, so that hyper is compiled once.
pub(in crate::server) type Stream = Either<Connection, Box<TlsStream<Connection>>>;

/// Whether a client may be shown a certificate for a name.
pub(in crate::server) type MayShow<'f> = dyn Fn(&str) -> bool + Send + Sync + 'f;

/// The certificates that a connection may be shown.
#[derive(Clone, Copy)]
pub(in crate::server) enum Certificates<'c> {
    /// There are none: the port speaks no TLS.
    None,
    /// Those of the port.
    Port(&'c Tls),
    /// One for the name that the client asks for, if it may be shown, else for this one.
    Asked { by_name: &'c ByName, may_show: &'c MayShow<'c>, otherwise: &'c str },
    /// The one for this name: what a client that is in a tunnel expects.
    Tunnel(&'c ByName, &'c str),
}

/// The first byte of a TLS connection (a record of the handshake); no HTTP request begins with it.
pub(in crate::server) const HANDSHAKE: u8 = 0x16;

/// The stream that carries the client's requests; the first byte is given if it is known already. `None` if the client closed the connection, sent nothing in time, or
/// did not accept the certificate.
pub(in crate::server) async fn detect(
    connection: Connection,
    first: Option<u8>,
    certificates: Certificates<'_>,
    emulator: &Emulator,
    timeout: Duration,
) -> Option<Stream> {
    if matches!(certificates, Certificates::None) || first.is_some_and(|first| first != HANDSHAKE) {
        return Some(Stream::Left(connection));
    }
    match tokio::time::timeout(timeout, handshake(connection, certificates, emulator)).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            explain(&error);
            None
        }
        Err(_) => {
            tracing::debug!("a client sent nothing, or half a handshake, for {} s", timeout.as_secs_f64());
            None
        }
    }
}

async fn handshake(
    connection: Connection,
    certificates: Certificates<'_>,
    emulator: &Emulator,
) -> io::Result<Stream> {
    if connection.first_byte().await? != Some(HANDSHAKE) {
        return Ok(Stream::Left(connection));
    }
    let hello = LazyConfigAcceptor::new(Acceptor::default(), connection).await?;
    let has_variants = !matches!(certificates, Certificates::Port(tls) if tls.ca_pem().is_none());
    let decision = if has_variants { emulator.session().judge_handshake() } else { Decision::default() };
    let Decision { triggered, certificate, .. } = decision;
    if let Some(certificate) = certificate {
        tracing::info!("TLS handshake => certificate {} fault={}", certificate.as_str(), triggered.join(","));
    }
    let config = match certificates {
        Certificates::None => Err(TlsError::Certificate("there is none".to_owned())),
        Certificates::Port(tls) => Ok(Arc::clone(tls.config(certificate))),
        Certificates::Asked { by_name, may_show, otherwise } => {
            let hello = hello.client_hello();
            let asked = hello.server_name().filter(|name| may_show(name));
            by_name.config(asked.unwrap_or(otherwise), kind_of(certificate))
        }
        Certificates::Tunnel(by_name, name) => by_name.config(name, kind_of(certificate)),
    };
    let stream = hello.into_stream(config.map_err(io::Error::other)?).await?;
    Ok(Stream::Right(Box::new(stream)))
}

fn explain(error: &io::Error) {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(AlertReceived(UnknownCA | BadCertificate | CertificateUnknown | CertificateExpired)) => {
            tracing::warn!(
                "a client does not accept the certificate ({error}); docs/tls.md says how each SDK trusts it"
            );
        }
        Some(_) => tracing::warn!("a TLS handshake failed: {error}"),
        None => tracing::debug!("a connection ended early: {error}"),
    }
}
