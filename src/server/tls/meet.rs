//! A client that has just connected: what does it speak, and if it is TLS, what is it shown?

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::AlertDescription::{BadCertificate, CertificateExpired, CertificateUnknown, UnknownCA};
use rustls::Error::AlertReceived;
use rustls::server::Acceptor;
use tokio_rustls::LazyConfigAcceptor;

use super::Tls;
use crate::fault::Decision;
use crate::server::connection::Connection;
use crate::server::front::Front;
use crate::server::stream::Stream;

/// The first byte of a TLS connection (a record of the handshake); no HTTP request begins with it.
const HANDSHAKE: u8 = 0x16;

/// What the client's requests come through, once it is known; nothing if it went away, made none of it known in time, or
/// did not take the certificate.
pub(in crate::server) async fn meet(
    connection: Connection,
    front: &Front,
    patience: Duration,
) -> Option<Stream> {
    let Some(tls) = front.tls() else { return Some(Stream::Plain(connection)) };
    match tokio::time::timeout(patience, speak(connection, tls, front)).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            explain(&error);
            None
        }
        Err(_) => {
            tracing::debug!("a client sent nothing, or half a handshake, for {} s", patience.as_secs_f64());
            None
        }
    }
}

async fn speak(connection: Connection, tls: &Tls, front: &Front) -> io::Result<Stream> {
    if connection.first_byte().await? != Some(HANDSHAKE) {
        return Ok(Stream::Plain(connection));
    }
    let hello = LazyConfigAcceptor::new(Acceptor::default(), connection).await?;
    let Decision { triggered, certificate, .. } = front.judge_handshake();
    if let Some(certificate) = certificate {
        tracing::info!("TLS handshake => certificate {} fault={}", certificate.as_str(), triggered.join(","));
    }
    let stream = hello.into_stream(Arc::clone(tls.config(certificate))).await?;
    Ok(Stream::Tls(Box::new(stream)))
}

fn explain(error: &io::Error) {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(AlertReceived(UnknownCA | BadCertificate | CertificateUnknown | CertificateExpired)) => {
            tracing::warn!(
                "a client does not take the certificate ({error}); docs/tls.md says how each SDK trusts it"
            );
        }
        Some(_) => tracing::warn!("a TLS handshake failed: {error}"),
        None => tracing::debug!("a connection ended early: {error}"),
    }
}
